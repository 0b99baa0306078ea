"""The plan of a spec, the difference it makes, or the conflict: before anything is installed."""

from typing import NamedTuple

from envbench.ui.flows.solving import find_built, refuse_build
from envbench.ui.ink import Line, ink, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.panel import Panel
from envbench.ui.panels.plan_notes import name_keys, say_options, say_pip_check
from envbench.ui.panels.plan_rows import make_table
from envbench.ui.panels.plan_summary import describe_chosen, summarise, summarise_low
from envbench.ui.sizes import show_duration
from envbench.ui.solve_choice import STOPPED, is_stale
from envbench.ui.state import PLAN, ScreenState, SolveView


class PlanPanel(Panel):
    """Everything that a solve says."""

    reads = (
        "solve", "spec", "plan_face", "selected", "tick", "solve_tick", "environments",
        "fixes", "why", "what_if", "solve_options", "taken",
    )  # fmt: skip

    _is_low = _is_short = False

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """Show it."""
        return describe_plan(state, width, is_low=self._is_low, is_short=self._is_short)

    def show(self, state: ScreenState) -> None:
        """Take a state; where there are few lines, packages need them more than their summary."""
        is_low, is_short = self.size.height < LOW, self.size.height < SHORT
        if (is_low, is_short) != (self._is_low, self._is_short):
            self._is_low, self._is_short, self._seen = is_low, is_short, ()
        super().show(state)


LOW, SHORT = 16, 24
"""Panes with fewer lines say less around the rows: around packages, and around fixes."""
_LOW_LINES = 1


class _News(NamedTuple):
    """What stands over the plan: a solve at work, one that failed, a spec that moved on."""

    badge: str = ""
    role: str = "dim"
    lines: tuple[Line, ...] = ()


def describe_plan(
    state: ScreenState, width: int, *, is_low: bool = False, is_short: bool = False
) -> PaneView:
    """Show the plan or the conflict; over it, what makes it old.

    Args:
        state: All that is known.
        width: Of the lines, in cells.
        is_low: There is room for few lines.
        is_short: There is room for some lines.
    """
    view = state.solve.value
    news = _tell_news(state, width)
    if view is None:
        title = f"{_name_spec(state)}: plan" if state.spec is not None else "Plan"
        empty = news.lines or _say_empty(state, width)
        return PaneView(title, news.badge, news.role, empty=empty)
    if state.plan_face.what_if:
        from envbench.ui.panels.what_if_view import describe_what_if

        shown = describe_what_if(state, _name_view(state, view), width)
        return shown._replace(top=(*news.lines, *shown.top))
    if view.report.conflict is not None:
        from envbench.ui.panels.conflict_view import describe_conflict

        shown = describe_conflict(state, view, _name_view(state, view), width, is_low=is_short)
        badge, role = (news.badge, news.role) if news.badge else (shown.badge, shown.badge_role)
        top = (*news.lines, *say_options(state, view, width), *shown.top)
        return shown._replace(badge=badge, badge_role=role, top=top)
    shown = _show_plan(state, view, news, width)
    if is_low:
        top = (*news.lines, *summarise_low(view, width), shown.top[-1])
        return shown._replace(top=top, bottom=_describe_low(state, view, shown, width))
    return shown


def _show_plan(state: ScreenState, view: SolveView, news: _News, width: int) -> PaneView:
    face, key = state.plan_face, state.selected.get(PLAN, "")
    table = make_table(view, face, width)
    badge, role = (news.badge, news.role) if news.badge else ("SAFE TO BUILD", "ok")
    nothing = ink(("● ", "ok"), "Nothing changes.") if not table.rows else ()
    generation = f" as gen {view.generation + 1}" if view.generation is not None else ""
    return PaneView(
        title=f"{_name_view(state, view)}: plan",
        badge=badge,
        badge_role=role,
        top=(
            *news.lines,
            *say_options(state, view, width),
            *say_pip_check(state, view, width),
            *summarise(view, width),
            table.heading,
        ),
        rows=table.rows,
        empty=(nothing,) if nothing else (),
        bottom=_describe_chosen(state, view, key or _first_key(table.rows), width),
        keys="  ".join(name_keys(state, view, "" if news.badge else f"b build{generation}")),
    )


def _describe_chosen(state: ScreenState, view: SolveView, key: str, width: int) -> tuple[Line, ...]:
    lines = describe_chosen(view, key, state.plan_face, width)
    if not state.plan_face.why:
        return lines
    from envbench.ui.panels.held_back_lines import describe_held_back

    return (*lines, *describe_held_back(state, view, width))


def _describe_low(
    state: ScreenState, view: SolveView, shown: PaneView, width: int
) -> tuple[Line, ...]:
    """Say one thing of the package under the cursor: what holds it back where that is asked."""
    if not state.plan_face.why:
        return shown.bottom[-_LOW_LINES:]
    from envbench.ui.panels.held_back_lines import LOW_LINES, describe_held_back

    return describe_held_back(state, view, width, count=LOW_LINES)


def _first_key(rows: tuple[Row, ...]) -> str:
    return next((row.key for row in rows if row.selectable), "")


def _tell_news(state: ScreenState, width: int) -> _News:
    fact, view = state.solve, state.solve.value
    room = max(2, width)
    below = "   what is below is the one before" if view is not None else ""
    if fact.working:
        seconds = max(0, state.tick - state.solve_tick)
        line = ink(
            ("► ", "accent"), fact.working, f"   {show_duration(seconds) if seconds else '0 s'}",
            ("   x", "accent"), (" stops it", "dim"), (below, "dim"),
        )  # fmt: skip
        return _News("SOLVING", "accent", wrap(line, room))
    if fact.fault == STOPPED:
        line = ink("The solve was stopped, nothing was changed.", ("   s", "accent"), " solves")
        return _News("STOPPED", "warning", wrap(ink(line, (below, "dim")), room))
    if fact.fault:
        lines = wrap(ink(("× ", "error"), fact.fault), room)
        if fact.hint and fact.hint.casefold() not in fact.fault.casefold():
            lines += wrap(ink(fact.hint), room)
        again = ink(("s", "accent"), (" solves again", "dim"), (below, "dim"))
        return _News("FAILED", "error", (*lines, *wrap(again, room)))
    return _tell_age(state, view, room) if view is not None else _News()


def _tell_age(state: ScreenState, view: SolveView, width: int) -> _News:
    spec = state.spec
    if spec is None or view.path != spec.path:
        line = ink(("▲ ", "warning"), "This is of ", (_base_name(view.path), "bold"))
        return _News("ANOTHER SPEC", "warning", wrap(ink(line, ". ", *_AGAIN), width))
    if is_stale(spec, view):
        line = ink(("▲ ", "warning"), "The spec changed since: ", *_AGAIN)
        return _News("SPEC CHANGED", "warning", wrap(line, width))
    reason = refuse_build(state) if view.report.plan is not None else ""
    if reason:
        return _News("NOT TO BUILD", "warning", wrap(ink(("▲ ", "warning"), reason), width))
    return _compare_generations(state, view, width)


def _compare_generations(state: ScreenState, view: SolveView, width: int) -> _News:
    """Say that there is a newer generation than the one that the plan was compared with."""
    name, live = find_built(state)
    if view.report.plan is None or state.environments.value is None or live == view.generation:
        return _News()
    said = f"{name} is at gen {live} now" if live is not None else f"{view.against} is gone"
    line = ink(("▲ ", "warning"), said, ", the comparison is older: ", *_AGAIN)
    return _News("COMPARED BEFORE", "warning", wrap(line, width))


_AGAIN = (("s", "accent"), " again")


def _say_empty(state: ScreenState, width: int) -> tuple[Line, ...]:
    if state.spec is None:
        lines = [ink("No spec is open, so there is nothing to solve.")]
        lines.append(ink(("1", "accent"), (" goes to the specs", "dim")))
    else:
        lines = [
            ink("No plan. ", ("s", "accent"), " solves, nothing is touched."),
            ink(("A plan says which packages a build would fetch and change, or why", "dim")),
            ink(("the lines of the spec cannot hold together. ", "dim")),
        ]
    return tuple(row for line in lines for row in wrap(line, max(2, width)))


def _name_spec(state: ScreenState) -> str:
    spec = state.spec
    return (spec.environment or spec.name) if spec is not None else ""


def _name_view(state: ScreenState, view: SolveView) -> str:
    if state.spec is not None and state.spec.path == view.path:
        return _name_spec(state)
    return _base_name(view.path)


def _base_name(path: str) -> str:
    return path.rpartition("/")[2]
