# ruff: noqa: RUF001 - the marks are those of the screen
"""The conflict and its fixes: nothing too wide, every row named once, the cursor stays on its fix."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envbench.model.conflict import Chain, Conflict, Core, CoreKind, Link, SpecLine
from envbench.model.repair import DiffRow, FailedTry, Fix, FixReport
from envbench.ui.fix_choice import SEARCH, chosen_fix, rank_fixes
from envbench.ui.ink import plain
from envbench.ui.panels.core_rows import list_cores
from envbench.ui.panels.fix_rows import list_fixes
from envbench.ui.panels.plan_panel import describe_plan
from envbench.ui.plan_face import FOLDED, RAW
from envbench.ui.solve_choice import name_solve
from envbench.ui.state import PLAN, Fact, PlanFace, ScreenState
from envbench.ui.widgets.row_list import RowList
from tests.ui.panels.plan_examples import make_conflict, state_of
from tests.ui.panels.showing import WIDTHS, assert_fits
from tests.ui.states import states
from tests.ui.still import sample_fixes as fixes
from tests.ui.still import sample_solves as solves
from tests.ui.still.sample_states import FIRST_FIX, conflict

ODD = (
    "numpy=1.26",
    "[/bold] [@click=app.quit]",
    "日本語のパッケージ=1",
    "a" * 90,
    "x\x1b]52;c;aGk=\x07y",
    "",
)
FIXES = (fixes.RAISE, fixes.RELEASE, fixes.FLEXIBLE, fixes.TO_CPU)
TEXT = st.sampled_from(ODD)
LINE = st.builds(
    SpecLine, text=TEXT, name=TEXT, line=st.sampled_from([None, 1, 9999]), is_pip=st.booleans()
)
CHAIN = st.builds(
    Chain,
    line=LINE,
    links=st.lists(st.builds(Link, TEXT, TEXT), max_size=4).map(tuple),
    demand=TEXT,
)
CORE = st.builds(
    Core,
    kind=st.sampled_from(CoreKind),
    lines=st.lists(LINE, min_size=1, max_size=4).map(tuple),
    explanation=st.lists(TEXT, max_size=3).map(tuple),
    chains=st.lists(CHAIN, max_size=4).map(tuple),
    available=st.lists(TEXT, max_size=2).map(tuple),
    is_minimal=st.booleans(),
    is_independent=st.booleans(),
)
FIX = st.builds(
    lambda fix, title, gains, rows, command: replace(
        fix,
        title=title,
        gains=gains,
        command=command,
        diff=tuple(DiffRow(sign=sign, line=7, text=text) for sign, text in rows),
    ),
    st.sampled_from(FIXES),
    TEXT,
    TEXT,
    st.lists(st.tuples(st.sampled_from("-+ "), TEXT), max_size=9),
    TEXT,
)
REPORT = st.builds(
    FixReport,
    path=st.just("/p"),
    fixes=st.lists(FIX, max_size=4).map(tuple),
    failed=st.lists(st.builds(FailedTry, title=TEXT, why=TEXT), max_size=12).map(tuple),
    trying=TEXT,
    not_tried=st.lists(TEXT, max_size=3).map(tuple),
    is_over=st.booleans(),
)
FACE = st.sampled_from(
    [PlanFace(), PlanFace(solver_text=FOLDED), PlanFace(solver_text=RAW),
     PlanFace(compared=(f"fix:{ODD[0]}", f"fix:{ODD[1]}"))]
)  # fmt: skip


def make_state(cores: Any, report: Any, *, working: str = "", **parts: Any) -> ScreenState:
    view = make_conflict(Conflict("no", (), "├─ a\n│  └─ b", cores=tuple(cores), note=ODD[1]))
    fact = Fact(report, working=working, about=name_solve(view))
    return state_of(view, fixes=fact, **parts)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(CORE, max_size=3), REPORT, FACE, st.sampled_from(WIDTHS), st.booleans(),
    st.sampled_from(["", "looking"]),
)  # fmt: skip
def test_nothing_is_too_wide_and_every_row_has_a_name_of_its_own(
    cores: list[Core], report: FixReport, face: PlanFace, width: int, short: bool, working: str
):
    keys = [each.key for each in rank_fixes(report)]
    for key in ("", SEARCH, "tried:0", "tried:11", "cause:1,2:0", *keys[:1]):
        state = make_state(cores, report, working=working, plan_face=face, selected={PLAN: key})
        view = describe_plan(state, width, is_short=short)
        assert_fits(view, width)
        text = "".join(plain(line) for row in view.rows for line in row.lines)
        assert "\x1b" not in text


@given(st.permutations(FIXES), st.integers(0, 3), st.sampled_from(WIDTHS))
def test_the_cursor_stays_on_its_fix_while_better_ones_come_in(
    found: list[Fix], at: int, width: int
):
    """Fixes are found in any order, and stand in the order of `FIXES`."""
    rows, here = RowList(), found[at]
    for count in range(at + 1, len(found) + 1):
        known = tuple(fix for fix in FIXES if fix in found[:count])
        state = make_state((), FixReport(path="/p", fixes=known), working="looking")
        rows.replace(list_fixes(state, width))
        if count == at + 1:
            assert rows.move_to(f"fix:{here.title}") or rows.key == f"fix:{here.title}"
        chosen = chosen_fix(replace(state, selected={PLAN: rows.key}))
        assert chosen is not None
        assert chosen.fix is here


@given(st.lists(st.sampled_from(FIXES), max_size=6))
def test_fixes_of_one_title_have_keys_of_their_own(found: list[Fix]):
    keys = [each.key for each in rank_fixes(FixReport(path="/p", fixes=tuple(found)))]
    assert len(set(keys)) == len(keys)


def text_of(core: Core, width: int) -> list[str]:
    return [plain(line).rstrip() for row in list_cores([core], width) for line in row.lines]


def test_two_lines_stand_side_by_side_where_both_fit():
    assert text_of(solves.CORE, 100)[:3] == [
        "line 10  tensorflow=2.13.1                            line 13  openai>=2   (pip)",
        "   └ tensorflow-base 2.13.1                              └ openai 2.0 … 2.48",
        "     └ typing-extensions >=3.6.6,<4.6.0   × clash ×        └ typing-extensions >=4.11,<5",
    ]


@pytest.mark.parametrize("width", [60, 80])
def test_two_lines_stand_below_each_other_where_they_do_not(width: int):
    assert text_of(solves.CORE, width)[:6] == [
        "line 10  tensorflow=2.13.1",
        "   └ tensorflow-base 2.13.1",
        "     └ typing-extensions >=3.6.6,<4.6.0   ×",
        "line 13  openai>=2   (pip)",
        "   └ openai 2.0 … 2.48",
        "     └ typing-extensions >=4.11,<5   ×",
    ]


def test_three_lines_are_a_list():
    assert text_of(solves.LIST_CORE, 100)[:3] == [
        "line 5  python=3.9",
        "line 7  numpy=1.23.*",
        "line 8  pandas=2.2   needs  numpy >=1.26",
    ]


def test_a_long_trial_leaves_its_key_in_sight():
    report = FixReport(path="/p", trying="line 10  remove a-package; " * 9)
    for width in (56, 78, 91):
        rows = list_fixes(make_state((), report, working="looking"), width)
        row = next(row for row in rows if row.key == SEARCH)
        assert row.plain.rstrip().endswith("x stops it") and len(row.plain.rstrip()) <= width


def test_a_fix_that_cannot_be_taken_any_more_is_not_offered():
    state = conflict(selected={PLAN: FIRST_FIX})
    assert "Enter apply fix 1" in describe_plan(state, 91).keys
    assert state.spec is not None
    changed = replace(state, spec=replace(state.spec, text=f"{state.spec.text}# more\n"))
    assert describe_plan(changed, 91).keys == "space compare  c copy"


def test_a_gpu_that_is_lost_is_said_in_words():
    state = make_state((), FixReport(path="/p", fixes=(fixes.TO_CPU,)))
    for width in (40, 91, 200):
        text = " ".join(row.plain for row in list_fixes(state, width))
        assert "falls to a CPU build" in text


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(states(), st.sampled_from(WIDTHS), st.booleans())
def test_the_place_of_the_plan_fits_in_every_state(state: ScreenState, width: int, short: bool):
    assert_fits(describe_plan(state, width, is_low=short, is_short=short), width)
