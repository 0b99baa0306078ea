"""A solve without a solution: which lines clash, the ways out, and the one under the cursor."""

from typing import TYPE_CHECKING

from envbench.ui.fix_choice import (
    SEARCH,
    RankedFix,
    chosen_fix,
    is_searching,
    rank_fixes,
    shown_report,
)
from envbench.ui.ink import Line, cut, ink, spread, width_of, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.conflict_rows import list_causes, list_solver_text
from envbench.ui.panels.core_rows import list_cores
from envbench.ui.panels.fix_comparison import compare_fixes
from envbench.ui.panels.fix_detail import describe_fix
from envbench.ui.panels.fix_rows import list_fixes
from envbench.ui.sizes import show_duration
from envbench.ui.solve_choice import refuse_taking
from envbench.ui.state import PLAN, ScreenState, SolveView

if TYPE_CHECKING:
    from envbench.model.repair import FixReport


def describe_conflict(
    state: ScreenState, view: SolveView, title: str, width: int, *, is_low: bool = False
) -> PaneView:
    """Show the conflict, or what stands in its place for a moment.

    Args:
        state: All that is known.
        view: A solve without a solution.
        title: Of the pane.
        width: Of the lines, in cells.
        is_low: There is room for few lines.
    """
    face = state.plan_face
    top = summarise(view, width, is_low=is_low)
    shown = PaneView(f"{title}: conflict", "NO SOLUTION", "error", top=top)
    if face.solver_text:
        rows = list_solver_text(view.report.conflict, face.solver_text, width)
        return shown._replace(rows=rows, keys="t goes round  Esc back")
    if face.compared is not None:
        pair = compare_fixes(state, face.compared, width)
        if pair:
            return shown._replace(rows=pair, keys="Esc back")
    rows = (*_list_lines(view, width, is_low=is_low), *list_fixes(state, width))
    key = state.selected.get(PLAN, "") or next((row.key for row in rows if row.selectable), "")
    return shown._replace(
        rows=rows,
        bottom=_describe_row(state, key, width, is_low=is_low),
        keys=_name_keys(state),
    )


def summarise(view: SolveView, width: int, *, is_low: bool = False) -> tuple[Line, ...]:
    """Say that there is no solution, how many lines are the trouble, and what it took to know.

    Args:
        view: A solve without a solution.
        width: Of the lines, in cells.
        is_low: There is room for few lines: no blank one stands below.
    """
    from envbench.ui.flows.plan_texts import say_headline

    conflict = view.report.conflict
    solves = conflict.solves if conflict is not None else 0
    took = show_duration(view.elapsed_s) + (f", {solves} solves" if solves > 1 else "")
    took += ", offline" if view.offline else ""
    lines = list(wrap(ink(("× ", "error"), (say_headline(view.report), "bold")), max(2, width)))
    below: list[Line] = [] if is_low else [()]
    free = [n for n, line in enumerate(lines) if width_of(line) <= width - len(took) - 1]
    if width > 40 and free:
        lines[free[0]] = spread(lines[free[0]], ink((took, "dim")), width)
    elif width > 40:
        below = [spread((), ink((took, "dim")), width)]
    if conflict is not None and conflict.note:
        lines += wrap(ink((conflict.note, "dim")), max(2, width))
    return (*lines, *below)


def _list_lines(view: SolveView, width: int, *, is_low: bool) -> tuple[Row, ...]:
    conflict = view.report.conflict
    if conflict is None:
        return ()
    blank = Row("blank:fixes", ((),), selectable=False)
    lines = list_cores(conflict.cores, width, is_low=is_low) or list_causes(view, width)
    return (*lines, *_say_keys(view, width), *(() if is_low else (blank,)))


def _say_keys(view: SolveView, width: int) -> tuple[Row, ...]:
    conflict = view.report.conflict
    if conflict is None or not conflict.solver_text:
        return ()
    said = ink(("t", "accent"), (" shows the solver's own text", "dim"))
    return (Row("solver", (cut(said, width),), selectable=False),)


def _describe_row(state: ScreenState, key: str, width: int, *, is_low: bool) -> tuple[Line, ...]:
    """Say what the row under the cursor comes to, and what Enter does on it."""
    known = {each.key: describe_fix(each, width, is_low=is_low) for each in _ranked(state)}
    lines = known.get(key) or _describe_other(state, key, width)
    if is_low:
        return lines
    # Always as many lines: the rows above keep their places while the cursor moves.
    height = max(map(len, known.values()), default=1)
    return ((), *(lines + ((),) * height)[: max(height, len(lines))])


def _ranked(state: ScreenState) -> tuple[RankedFix, ...]:
    return rank_fixes(shown_report(state))


def _describe_other(state: ScreenState, key: str, width: int) -> tuple[Line, ...]:
    kind, _, rest = key.partition(":")
    if kind == "cause":
        numbers = [number for number in rest.partition(":")[0].split(",") if number]
        if len(numbers) > 1:
            return (_hint(f" goes to line {' or '.join(numbers)} in the editor", width),)
        return (_hint(f" goes to line {numbers[0]} in the editor", width),) if numbers else ((),)
    if kind == "tried":
        return _describe_failed(shown_report(state), rest, width)
    if key == SEARCH:
        said = ink(("Fixes come in below as they are proved, the best one first.", "dim"))
        best = _ranked(state)[:1]
        return describe_fix(best[0], width) if best else (cut(said, width),)
    return ((),)


def _hint(text: str, width: int) -> Line:
    return cut(ink(("Enter", "accent"), (text, "dim")), width)


def _describe_failed(report: "FixReport | None", number: str, width: int) -> tuple[Line, ...]:
    failed = report.failed if report is not None else ()
    if not number.isdigit() or int(number) >= len(failed):
        return ((),)
    each = failed[int(number)]
    return wrap(ink(("tried ", "dim"), (each.title, "bold"), f"   {each.why}"), max(2, width))


def _name_keys(state: ScreenState) -> str:
    report = shown_report(state)
    ranked = chosen_fix(state)
    if ranked is not None and refuse_taking(state):
        return "space compare  c copy"
    if ranked is not None:
        is_setting = ranked.fix.edit is None
        verb = (
            f"solve with fix {ranked.rank}" if is_setting else f"apply fix {ranked.rank} and solve"
        )
        return f"Enter {verb}  space compare  c copy"
    if is_searching(state):
        return "down best so far  x stop" if _ranked(state) else "x stop"
    return "f looks for fixes  c copy" if report is None else "c copy"
