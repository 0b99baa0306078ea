"""Copies text to the clipboard of the user's own machine, through the terminal.

OSC 52 works through SSH, but no terminal says whether it took the text. So every copy is also put
into a private file, and the message says where.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from envbench.model.cleaning import clean
from envbench.ui.terminal.facts import describe_terminal

if TYPE_CHECKING:
    from textual.app import App

MOST_BYTES: Final = 74_000
"""Of one copy through the terminal: several take no more than 100,000 bytes once encoded.

Source: the limits of xterm, hterm and tmux for OSC 52.
"""
FILE_NAME: Final = "clipboard.txt"


def copy_text(app: "App[Any]", text: str, what: str, *, folder: Path | None = None) -> str:
    """Copy a text.

    Args:
        app: The running app.
        text: What to copy. Only lines of printable text are: pasted into a shell, a control
            character among them would be a key that nobody pressed.
        what: How the message calls it: `the command`, `12 lines of the log`.
        folder: Where the file goes; the state directory if not given.

    Returns:
        What happened, for the user.
    """
    text = clean(text, limit=max(1, len(text)), multiline=True)
    place = _keep_in_file(text, folder or _find_state_dir())
    if len(text.encode()) > MOST_BYTES:
        where = f"it is in {place}" if place else "and no file could be written; copy less"
        return f"{_capital(what)}: too long for the terminal's clipboard, {where}."
    app.copy_to_clipboard(text)
    hint = _explain_multiplexer()
    if place is None:
        return f"Copied {what}.{hint}"
    return f"Copied {what}.{hint} If it did not arrive: {place}"


def _explain_multiplexer() -> str:
    multiplexer = describe_terminal(os.environ).multiplexer
    if multiplexer == "tmux":
        return " tmux passes it on after: tmux set -g set-clipboard on."
    return " GNU screen does not pass it on." if multiplexer == "screen" else ""


def _keep_in_file(text: str, folder: Path) -> Path | None:
    path = folder / FILE_NAME
    partial = folder / f".{FILE_NAME}.{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        partial.replace(path)
    except OSError:
        return None
    return path


def _find_state_dir() -> Path:
    from envbench.settings.own import read_own_settings
    from envbench.settings.paths import choose_paths, find_config_file

    home = Path.home()
    own = read_own_settings(find_config_file(os.environ, home), os.environ)
    return choose_paths(os.environ, home, own.settings, None).state_dir


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
