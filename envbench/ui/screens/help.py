"""The keys of this moment: what each does, and why some are off."""

from collections.abc import Iterator

from envbench.ui.bars import show_key
from envbench.ui.commands.catalogue import COMMANDS
from envbench.ui.commands.command import Command, find_refusal
from envbench.ui.editor_keys import EDITOR_KEYS
from envbench.ui.ink import Line, cut, ink, pad, wrap
from envbench.ui.pane_view import PaneView, Row, note
from envbench.ui.screens.list_overlay import ListOverlay
from envbench.ui.state import EDITOR, PLACES, ScreenState

KEY_WIDTH = 9

FIXED = (
    ("1-9 0", "places: " + ", ".join(f"{digit} {name}" for digit, _, name in PLACES)),
    ("Tab", "next pane; Shift+Tab the previous one"),
    ("arrows", "move the cursor; PgUp, PgDn, Home, End too"),
    ("/", "in a list: show only rows with a text; in a log: find"),
    ("^Q", "leave from everywhere, the editor included"),
    ("^Z", "outside the editor: back to the shell, fg returns; in it: undo (^Y redo)"),
)


class Help(ListOverlay[None]):
    """All keys, those of the pane in use first."""

    def __init__(self, state: ScreenState) -> None:
        """Describe the keys of a state."""
        super().__init__()
        self._state = state

    def describe(self, width: int) -> PaneView:
        """List them."""
        return describe_help(self._state, width)


def describe_help(state: ScreenState, width: int) -> PaneView:
    """List all keys by group, those of the pane that has the keys first."""
    rows: list[Row] = []
    if state.focus == EDITOR:
        rows += _describe_editor(width)
    here = [c for c in COMMANDS if state.focus in c.panes and c.key]
    if here:
        rows += [note(("In this pane", "bold"), key="here"), *_describe_all(here, state, width)]
    for group in dict.fromkeys(c.group for c in COMMANDS):
        of_group = [c for c in COMMANDS if c.group == group and c.key and c not in here]
        if of_group:
            rows.append(note((group, "bold"), key=f"group-{group}"))
            rows += _describe_all(of_group, state, width)
    if state.focus != EDITOR:
        rows += _describe_editor(width)
    rows.append(note(("Everywhere", "bold"), key="fixed"))
    rows += [Row(f"fixed-{key}", _beside(key, ink(text), width)) for key, text in FIXED]
    return PaneView("Keys", rows=tuple(rows), keys="/ find  Esc close")


def _describe_editor(width: int) -> Iterator[Row]:
    yield note(("In the editor", "bold"), key="editor")
    for key, title, text in EDITOR_KEYS:
        about = ink((title, "bold"), "  ", (text, "dim"))
        yield Row(f"editor-{key}", _beside(key, about, width))


def _describe_all(commands: list[Command], state: ScreenState, width: int) -> Iterator[Row]:
    for command in commands:
        reason = find_refusal(command, state)
        about = ink((command.title, "bold"), "  ", (command.help, "dim"))
        shown = _beside(show_key(command.key), about, width)
        if reason:
            shown += _beside("", ink(("off: ", "warning"), (reason, "dim")), width)
        yield Row(command.id, shown)


def _beside(key: str, about: Line, width: int) -> tuple[Line, ...]:
    """Put a text beside its key, in as many lines as it needs."""
    first, *rest = wrap(about, max(2, width - KEY_WIDTH)) or ((),)
    name = pad(ink((key, "accent")), KEY_WIDTH)
    return (cut(name + first, width), *(cut(ink(" " * KEY_WIDTH, line), width) for line in rest))
