"""Tells through the terminal that a job ended: the bell, and a note on the user's own desktop.

Source: OSC 9 as iTerm2, kitty, WezTerm, foot, Ghostty and Windows Terminal read it; tmux's manual on
`allow-passthrough`.
"""

import os
from typing import TYPE_CHECKING, Any, Final

from envbench.model.cleaning import clean
from envbench.ui.terminal.access import write_to_terminal
from envbench.ui.terminal.facts import TerminalFacts, describe_terminal

if TYPE_CHECKING:
    from textual.app import App

NOTIFY_CHOICES: Final = ("off", "bell", "osc9", "both")
_MOST_CHARACTERS: Final = 200
_BELL: Final = "\x07"


def notify_terminal(app: "App[Any]", text: str, choice: str = "bell") -> bool:
    """Ring, notify, both or nothing.

    Args:
        app: The running app.
        text: What ended, and how; from outside or not.
        choice: One of `NOTIFY_CHOICES`; anything else is `bell`.

    Returns:
        Whether something was sent.
    """
    sequence = make_notification(text, choice, describe_terminal(os.environ))
    return bool(sequence) and write_to_terminal(app, sequence)


def make_notification(text: str, choice: str, facts: TerminalFacts) -> str:
    """Return what to send."""
    if choice == "off":
        return ""
    # The Linux console shows the text of a string it does not know; it has no desktop anyway.
    note = (
        "" if choice not in {"osc9", "both"} or facts.term == "linux" else _make_note(text, facts)
    )
    return note if choice == "osc9" and note else note + _BELL


def _make_note(text: str, facts: TerminalFacts) -> str:
    # The name in front also keeps a text like "4;3" from being read as a progress report.
    note = f"\x1b]9;envbench: {clean(text, limit=_MOST_CHARACTERS)}\x07"
    if facts.multiplexer == "tmux":
        escaped = note.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{escaped}\x1b\\"
    return f"\x1bP{note}\x1b\\" if facts.multiplexer == "screen" else note
