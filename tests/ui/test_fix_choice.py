"""Which fixes are shown, and in which order, while another search goes on."""

from hypothesis import given
from hypothesis import strategies as st

from envbench.model.repair import FixReport
from envbench.ui.fix_choice import SEARCH, held_fixes, keep_fixes, place_to_return, rank_fixes
from envbench.ui.state import PLAN, PlanFace
from tests.ui.still import sample_fixes as fixes
from tests.ui.still.sample_states import FIRST_FIX, conflict

EVERY = sorted((fixes.RAISE, fixes.RELEASE, fixes.FLEXIBLE, fixes.TO_CPU), key=lambda fix: fix.cost)
SOME = st.sets(st.sampled_from(range(4))).map(
    lambda chosen: FixReport(path="/p", fixes=tuple(EVERY[n] for n in sorted(chosen)))
)


@given(SOME, SOME)
def test_no_fix_goes_while_they_are_looked_for_again(known: FixReport, report: FixReport):
    shown = keep_fixes(known.fixes, report)
    assert set(map(id, shown.fixes)) == set(map(id, (*known.fixes, *report.fixes)))
    assert list(shown.fixes) == [fix for fix in EVERY if fix in shown.fixes]
    assert keep_fixes((), report) is report


@given(SOME, SOME)
def test_the_key_of_a_fix_does_not_depend_on_what_else_is_found(one: FixReport, other: FixReport):
    keys = {each.fix.title: each.key for each in rank_fixes(one)}
    for each in rank_fixes(keep_fixes(one.fixes, other)):
        assert keys.get(each.fix.title, each.key) == each.key


def test_what_is_looked_at_is_held():
    keys = {fix.title: f"fix:{fix.title}" for fix in EVERY}
    state = conflict(
        fixes.ALL,
        selected={PLAN: FIRST_FIX},
        plan_face=PlanFace(marked=keys[fixes.TO_CPU.title]),
    )
    assert set(map(id, held_fixes(state))) == {id(fixes.RAISE), id(fixes.TO_CPU)}
    assert held_fixes(conflict(fixes.ALL, selected={PLAN: "tried:0"})) == ()


def test_who_waited_for_fixes_comes_back_to_the_best_of_them():
    away = PlanFace(what_if=True, back=SEARCH)
    assert place_to_return(conflict(fixes.ALL, plan_face=away)) == FIRST_FIX
    assert place_to_return(conflict(fixes.ALL, "looking", plan_face=away)) == SEARCH
    assert place_to_return(conflict(None, plan_face=away)) == SEARCH
    other = PlanFace(what_if=True, back="tried:0")
    assert place_to_return(conflict(fixes.ALL, plan_face=other)) == "tried:0"
