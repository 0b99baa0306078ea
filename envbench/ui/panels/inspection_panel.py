"""What the line under the cursor means: what it matches, where it comes from, what else there is."""

from typing import TYPE_CHECKING

from envbench.ui.ink import Line, Part, ink, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.panel import Panel
from envbench.ui.state import Fact, ScreenState

if TYPE_CHECKING:
    from envbench.model.inspection import LineInspection


class InspectionPanel(Panel):
    """What matches, which channel wins, the newest."""

    reads = ("inspection",)

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """Say it."""
        return describe_inspection(state, width)


def describe_inspection(state: ScreenState, width: int) -> PaneView:
    """Say what is known of the line under the editor's cursor, the most useful first.

    The title names the line, so that it stays true while the next one is being looked up.
    """
    width = max(2, width)
    fact = state.inspection
    found = fact.value
    if found is None:
        return PaneView("This line", empty=_say_nothing(fact, width))
    rows = [*_say_fault(fact, width), *_say_found(found, width)]
    badge, role = ("reading", "dim") if found.pending else ("", "dim")
    if fact.fault:
        badge, role = "old", "warning"
    return PaneView(f"Line {found.line}", badge=badge, badge_role=role, rows=tuple(rows))


def _say_nothing(fact: "Fact[LineInspection]", width: int) -> tuple[Line, ...]:
    if fact.fault:
        return tuple(line for row in _say_fault(fact, width) for line in row.lines)
    if fact.working:
        return wrap(ink((fact.working, "dim")), width)
    what = ("What a line matches and where it comes from: ", "dim")
    return wrap(ink(what, ("e", "accent"), (" edits, the cursor chooses the line", "dim")), width)


def _say_fault(fact: "Fact[LineInspection]", width: int) -> list[Row]:
    if not fact.fault:
        return []
    rows = [_row("fault", ("× ", "error"), fact.fault, width=width)]
    if fact.hint:
        rows.append(_row("hint", (fact.hint, "dim"), width=width))
    return rows


def _say_found(found: "LineInspection", width: int) -> list[Row]:
    if found.reason and not found.headline:
        rows = [_row("reason", (found.reason, "dim"), width=width)]
    else:
        rows = [_row("headline", (found.headline, "bold"), width=width)]
    details = [detail for detail in found.details if detail]
    rows += [_row(f"detail:{n}", text, width=width, indent=2) for n, text in enumerate(details)]
    if found.status:
        rows.append(_row("status", ("▲ ", "warning"), found.status, width=width))
    return rows


def _row(key: str, *parts: Part, width: int, indent: int = 0) -> Row:
    """Make a row of wrapped lines, those behind the first one a little to the right."""
    first, *rest = wrap(ink(*parts), max(2, width)) or ((),)
    if indent and rest:
        room = max(2, width - indent)
        words = " ".join("".join(piece.text for piece in line) for line in rest)
        rest = [ink(" " * indent, *line) for line in wrap(ink(words), room)]
    return Row(key, (first, *rest), selectable=False)
