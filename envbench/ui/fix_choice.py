"""Which fixes belong to the conflict that is shown, and which one is meant."""

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from envbench.ui.solve_choice import has_conflict, name_solve
from envbench.ui.state import PLAN, ScreenState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envbench.model.repair import Fix, FixReport

SEARCH = "search"
"""Key of the row that says what is being tried."""
KIND = "fix"


class RankedFix(NamedTuple):
    """A fix of the list, with the name that it keeps while others come."""

    key: str
    rank: int
    """From 1, as it stands now; it grows when a better one is found."""
    fix: "Fix"


def is_about_shown(state: ScreenState) -> bool:
    """Whether what is known of ways out is about the conflict that is shown."""
    view = state.solve.value
    return has_conflict(state) and view is not None and state.fixes.about == name_solve(view)


def shown_report(state: ScreenState) -> "FixReport | None":
    """Give what is known of the ways out of the conflict that is shown."""
    return state.fixes.value if is_about_shown(state) else None


def is_searching(state: ScreenState) -> bool:
    """Whether ways out are being looked for."""
    return bool(state.fixes.working)


def rank_fixes(report: "FixReport | None") -> tuple[RankedFix, ...]:
    """List the fixes, best first, each with a key of its own.

    The key is made of what the fix does and never of its rank: a better one that is found later
    moves it down the list, and the cursor goes with it.
    """
    ranked: list[RankedFix] = []
    keys: dict[str, int] = {}
    for rank, fix in enumerate(report.fixes if report is not None else (), 1):
        key = f"{KIND}:{fix.title}"
        keys[key] = count = keys.get(key, 0) + 1
        ranked.append(RankedFix(key if count == 1 else f"{key} #{count}", rank, fix))
    return tuple(ranked)


def keep_fixes(kept: "Iterable[Fix]", report: "FixReport") -> "FixReport":
    """Add fixes that were proved of the same text and that a report does not have.

    No fix goes while it is looked at, and none is lost when another search ends sooner.
    """
    again = {fix.title for fix in report.fixes}
    missing = {fix.title: fix for fix in kept if fix.title not in again}
    if not missing:
        return report
    fixes = sorted((*report.fixes, *missing.values()), key=lambda fix: fix.cost)
    return replace(report, fixes=tuple(fixes))


def held_fixes(state: ScreenState) -> "tuple[Fix, ...]":
    """List the fixes that are looked at: under the cursor, marked, or compared.

    A search drops a fix when one that is better in everything is found; not these.
    """
    face = state.plan_face
    keys = {state.selected.get(PLAN, ""), face.back, face.marked, *(face.compared or ())}
    return tuple(each.fix for each in rank_fixes(shown_report(state)) if each.key in keys)


def find_ranked(state: ScreenState, key: str) -> RankedFix | None:
    """Find a fix by its key."""
    return next((each for each in rank_fixes(shown_report(state)) if each.key == key), None)


def place_to_return(state: ScreenState) -> str:
    """Give the key of the row that the cursor stood on before something else was shown.

    Where it waited for fixes, and the search ended meanwhile, that is the best of them.
    """
    key = state.plan_face.back
    ranked = rank_fixes(shown_report(state))
    return ranked[0].key if key == SEARCH and ranked and not is_searching(state) else key


def chosen_fix(state: ScreenState) -> RankedFix | None:
    """Give the fix under the cursor."""
    return find_ranked(state, state.selected.get(PLAN, ""))
