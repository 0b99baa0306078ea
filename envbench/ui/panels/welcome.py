"""What the centre shows while no spec is open: what to do first."""

from typing import TYPE_CHECKING

from envbench.ui.ink import Line, cut, ink, pad, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.panel import Panel
from envbench.ui.state import WELCOME, ScreenState

if TYPE_CHECKING:
    from envbench.workbench.values.spec_folder import SpecFolder

__all__ = ["WELCOME", "WelcomePanel", "describe_welcome"]

KEY_WIDTH = 8
_KEYS = (
    ("a", "make a new environment.yml in this folder"),
    ("Enter", "open the spec or sample under the cursor"),
    ("Tab", "next pane; digits are places, letters act"),
    ("?", "all keys, each with why it is off when it is"),
    ("q", "leave; then `envbench demo` walks you through it, without any network"),
)
MOST_RECENT = 5


class WelcomePanel(Panel):
    """The first hints, and the specs that can be opened."""

    reads = ("specs", "spec", "directory")

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """Say them."""
        return describe_welcome(state, width)


def is_welcome_wanted(state: ScreenState) -> bool:
    """Tell whether no spec is open and none is about to be."""
    if state.spec is not None:
        return False
    folder = state.specs.value
    if folder is None:
        return state.walk >= 0 or bool(state.specs.fault)
    return not folder.specs or any(told.severity == "error" for told in state.told)


def describe_welcome(state: ScreenState, width: int) -> PaneView:
    """Say what to do while no spec is open, and offer the specs and samples there are."""
    width = max(2, width)
    fact = state.specs
    folder = fact.value
    top = list(_head(state, width))
    if fact.fault:
        top += wrap(ink(("× ", "error"), fact.fault), width)
        top += wrap(ink((fact.hint, "dim")), width) if fact.hint else ()
    elif fact.working:
        top += wrap(ink((fact.working, "accent")), width)
    rows = _offer(folder, width) if folder is not None else ()
    return PaneView("No spec is open", top=(*top, ()), rows=rows, bottom=_say_keys(width))


def _head(state: ScreenState, width: int) -> tuple[Line, ...]:
    folder = state.specs.value
    if folder is None:
        return wrap(ink((state.directory, "dim")), width)
    if folder.fault:
        return wrap(ink(("× ", "error"), folder.fault), width)
    if folder.specs:
        return wrap(ink("Specs in ", (folder.shown, "bold")), width)
    return wrap(ink("No spec lies in ", (folder.shown, "bold"), " yet."), width)


def _offer(folder: "SpecFolder", width: int) -> tuple[Row, ...]:
    rows = [Row(f"spec:{each.path}", (cut(ink("  ", each.shown), width),)) for each in folder.specs]
    recent = folder.recent[:MOST_RECENT]
    rows += [_heading("opened lately")] if recent else []
    rows += [Row(f"recent:{each.path}", (cut(ink("  ", each.shown), width),)) for each in recent]
    rows += [_heading("samples")] if folder.samples else []
    room = max((len(sample.name) for sample in folder.samples), default=0) + 2
    for sample in folder.samples:
        about = (sample.description, "dim") if width >= 60 else ""
        line = ink(pad(ink("  ", sample.name), room + 2), about)
        rows.append(Row(f"sample:{sample.path}", (cut(line, width),)))
    return tuple(rows)


def _heading(text: str) -> Row:
    return Row(text, (ink((text, "dim")),), selectable=False)


def _say_keys(width: int) -> tuple[Line, ...]:
    lines = (pad(ink((key, "accent")), KEY_WIDTH) + ink((text, "dim")) for key, text in _KEYS)
    return ((), *(cut(line, width) for line in lines))
