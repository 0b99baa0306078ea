"""All settings: what counts, where it comes from, what is wrong in the files."""

from typing import TYPE_CHECKING

from envbench.ui.columns import Column, lay_out
from envbench.ui.ink import Line, Part, ink, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.panel import Panel
from envbench.ui.state import SETTINGS, ScreenState

if TYPE_CHECKING:
    from envbench.settings.values import SettingProblem
    from envbench.workbench.values.preferences import SettingRow

_NARROW = (Column("setting", least=10, gives=2), Column("value", least=8, gives=1))
_COLUMNS = (
    Column("setting", least=20, most=28, gives=1),
    Column("value", least=12, most=30, gives=2),
    Column("from", least=14, most=34, gives=3, drops=1),
    Column("what it means", least=32, gives=4, drops=2),
)
_NARROW_BELOW = 56
"""The width from which on the source has a column of its own."""
_KEYS = "Enter change  t theme  k link  y notify  g glyphs  m mouse"


class SettingsPanel(Panel):
    """One row a setting; Enter changes it."""

    reads = ("settings", "setting_problems", "selected")

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        return describe_settings(state, width)


def describe_settings(state: ScreenState, width: int) -> PaneView:
    """List the settings, envbench's own first; what is wrong stands above all of them."""
    width = max(2, width)
    fact = state.settings
    rows = fact.value
    wrong = [line for each in state.setting_problems for line in _say_problem(each, width)]
    if fact.fault:
        wrong = [*wrap(ink(("× ", "error"), fact.fault), width), *wrong]
    if rows is None:
        empty = tuple(wrong) or (ink((fact.working or "not read yet", "dim")),)
        return PaneView("Settings", empty=empty)
    columns = _NARROW if width < _NARROW_BELOW else _COLUMNS
    heading, lines = lay_out(columns, [_cells(row)[: len(columns)] for row in rows], width)
    shown = [Row(f"setting:{row.key}", (line,)) for row, line in zip(rows, lines, strict=True)]
    count = len(state.setting_problems)
    badge = "old" if fact.fault else f"{count} wrong" if count else ""
    # Problems scroll with the rows: a file full of them must not leave no room for anything else.
    problems = [Row(f"problem:{n}", (line,), selectable=False) for n, line in enumerate(wrong)]
    return PaneView(
        "Settings",
        badge=badge,
        badge_role="warning",
        top=(heading,),
        rows=(*problems, *shown),
        bottom=_explain(_find_selected(state), width),
        keys=_KEYS if width >= len(_KEYS) + 12 else "Enter change",
    )


def _cells(row: "SettingRow") -> tuple[Part, ...]:
    own = bool(row.kind)
    is_default = row.source == "default"
    is_unset = row.value in {"", "null", "{}"}
    value: Part = ("-", "faint") if is_unset else row.value
    if row.problem:
        value = ink(("▲ ", "warning"), value)
    name: Part = (row.key, "text" if own else "dim")
    return (
        name,
        value,
        ("default", "faint") if is_default else (_name_source(row.source), "accent"),
        (row.meaning, "dim"),
    )


def _name_source(source: str) -> str:
    """Name a file without its folder; all of it is told for the setting under the cursor."""
    return source.rpartition("/")[2] if source.startswith(("/", "~")) else source


def _say_problem(problem: "SettingProblem", width: int) -> tuple[Line, ...]:
    severity = problem.severity.value
    mark = ("× ", "error") if severity == "error" else ("▲ ", "warning")
    key = f"{problem.key}: " if problem.key else ""
    return wrap(ink(mark, (f"{problem.where}: ", "dim"), key, problem.message), width)


def _find_selected(state: ScreenState) -> "SettingRow | None":
    key = state.selected.get(SETTINGS, "").partition(":")[2]
    return next((row for row in state.settings.value or () if row.key == key), None)


def _explain(row: "SettingRow | None", width: int) -> tuple[Line, ...]:
    """Say of the setting under the cursor what it means, what may stand there, and who decides."""
    if row is None:
        return ()
    lines: list[Line] = [] if width < _NARROW_BELOW else [ink(("─" * width, "faint"))]
    lines += wrap(ink((row.key, "bold"), f"  {row.meaning}"), width)
    if row.problem:
        lines += wrap(ink(("▲ ", "warning"), f"{row.problem}; the default counts"), width)
    if row.kind:
        lines += wrap(ink(("takes ", "dim"), row.kind), width)
    lines += wrap(ink(("from ", "dim"), row.source, (_say_variable(row), "dim")), width)
    return tuple(lines)


def _say_variable(row: "SettingRow") -> str:
    if not row.variable:
        return "   (not envbench's own: change it there)" if not row.kind else ""
    if row.source == row.variable:
        return "   (it counts before the settings file)"
    return f"   ({row.variable} would override it)"
