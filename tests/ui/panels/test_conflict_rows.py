"""A solve without a solution, on the screen."""

import pytest

from envbench.model.conflict import Conflict, CoreKind
from envbench.ui.flows.plan_texts import copied_text, say_headline
from envbench.ui.panels.conflict_rows import list_solver_text
from envbench.ui.panels.plan_panel import describe_plan
from envbench.ui.plan_face import FOLDED, RAW
from envbench.ui.state import PLAN, Fact, PlanFace
from tests.ui.panels.plan_examples import cause, lines_of, make_conflict, state_of, widest
from tests.ui.still.sample_fixes import WHAT_IF

BRANCHES = """\
Cannot solve the request because of: torch * cannot be installed because there are no viable options:
├─ torch 2.1 would require
│  └─ numpy <2, which cannot be installed
└─ torch 2.2 would require
   └─ numpy <2, which cannot be installed"""


def test_the_headline_and_each_cause_stand_with_their_lines():
    view = describe_plan(state_of(make_conflict()), 100)

    assert (view.title, view.badge, view.badge_role) == ("lab: conflict", "NO SOLUTION", "error")
    lines = lines_of(view)
    assert lines[0].startswith(
        "\N{MULTIPLICATION SIGN} No solution. 2 of your 3 lines cannot both hold."
    )
    assert lines[0].endswith("1.4 s")
    assert "line 6  tensorflow=2.13.1   clashes" in lines
    assert "    cannot be combined with openai>=2 (line 7)" in lines
    keys = [row.key for row in view.rows if row.selectable]
    assert keys == ["cause:6:0", "cause:7:1"]
    assert lines[-1] == "Enter goes to line 6 in the editor"


def test_no_fix_is_offered_that_was_not_solved():
    shown = "\n".join(lines_of(describe_plan(state_of(make_conflict()), 100)))

    assert "fix" not in shown
    assert "Enter goes" in shown


@pytest.mark.parametrize(
    ("causes", "said"),
    [
        ([cause(CoreKind.MISSING_PACKAGE)], "1 of your 3 lines asks for what does not exist"),
        ([cause(CoreKind.MISSING_VIRTUAL)], "1 of your 3 lines needs what this box lacks"),
        (
            [cause(CoreKind.MISSING_VERSION), cause(CoreKind.MISSING_PACKAGE)],
            "2 of your 3 lines ask for what does not exist",
        ),
        (
            [cause(CoreKind.CHANNEL_PRIORITY)] * 2,
            "2 of your 3 lines cannot hold under strict channel priority",
        ),
        ([cause(CoreKind.INCOMPATIBLE)] * 3, "Your 3 lines cannot all hold together"),
        ([cause(CoreKind.INCOMPATIBLE)], "1 of your 3 lines cannot be met"),
        (
            [cause(CoreKind.MISSING_VIRTUAL), cause(CoreKind.MISSING_VERSION)],
            "2 of your 3 lines cannot be met",
        ),
    ],
)
def test_the_headline_says_what_kind_of_trouble_it_is(causes: list[object], said: str):
    view = make_conflict(Conflict("summary", tuple(causes)))

    assert say_headline(view.report) == f"No solution. {said}."


def test_what_is_not_proven_is_not_claimed():
    conflict = Conflict("summary", (cause(CoreKind.INCOMPATIBLE),) * 2, is_proven=False)

    headline = say_headline(make_conflict(conflict).report)

    assert headline == (
        "No solution. 2 of your 3 lines may be the cause; there was no time to prove it."
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (CoreKind.MISSING_PACKAGE, "no such package"),
        (CoreKind.MISSING_VERSION, "no such version"),
        (CoreKind.MISSING_VIRTUAL, "this box lacks it"),
        (CoreKind.CHANNEL_PRIORITY, "hidden by channel priority"),
        (CoreKind.INCOMPATIBLE, "clashes"),
    ],
)
def test_kinds_are_told_apart_in_words(kind: CoreKind, words: str):
    view = describe_plan(state_of(make_conflict(Conflict("s", (cause(kind),)))), 80)

    assert f"line 6  torch>=9   {words}" in lines_of(view)


def test_what_there_is_instead_is_listed():
    conflict = Conflict("s", (cause(CoreKind.MISSING_VERSION, "8.2", "8.1"),))

    assert "    there is  8.2, 8.1" in lines_of(
        describe_plan(state_of(make_conflict(conflict)), 80)
    )


def test_the_solvers_own_text_is_shown_when_it_is_wanted():
    hidden = describe_plan(state_of(make_conflict()), 80)
    shown = describe_plan(state_of(make_conflict(), plan_face=PlanFace(solver_text=RAW)), 80)

    assert "t shows the solver's own text" in lines_of(hidden)
    keys = [row.key for row in shown.rows if row.selectable]
    assert keys == ["text:0", "text:1", "text:2"]
    assert "├─ tensorflow would require" in lines_of(shown)
    assert "the solver's own text, untouched, 3 lines   t hides it" in lines_of(shown)


def test_the_solvers_own_text_is_folded_first():
    view = make_conflict(Conflict("s", (), BRANCHES))

    folded = lines_of(describe_plan(state_of(view, plan_face=PlanFace(solver_text=FOLDED)), 90))
    raw = lines_of(describe_plan(state_of(view, plan_face=PlanFace(solver_text=RAW)), 90))

    assert len(folded) < len(raw)
    assert any("folded from 5 to" in line for line in folded)


def test_a_text_with_nothing_to_fold_is_not_said_to_be_folded():
    conflict = Conflict("no", (), "No candidates were found for a.")
    title = list_solver_text(conflict, FOLDED, 100)[0].plain
    assert "1 line as it came" in title and "folded" not in title
    assert "untouched, 1 line " in list_solver_text(conflict, RAW, 100)[0].plain


def test_the_solvers_tree_stands_upright_in_a_narrow_pane():
    view = describe_plan(state_of(make_conflict(), plan_face=PlanFace(solver_text=RAW)), 30)

    assert lines_of(view)[-2:] == ["│  └─ typing-extensions", "│     <4.6.0, which clashes"]
    assert widest(view) <= 30


def test_copying_takes_the_whole_explanation():
    text, what = copied_text(state_of(make_conflict(), selected={PLAN: "cause:6:0"}))

    assert what == "the explanation"
    lines = text.splitlines()
    assert lines[0].startswith("/home/me/project/env.yml: tensorflow=2.13.1 (line 6) and openai>=2")
    assert "  /home/me/project/env.yml:6  tensorflow=2.13.1" in lines
    assert "cannot be combined with tensorflow=2.13.1" in lines[-1]


def test_copying_in_the_solvers_text_takes_that():
    text, what = copied_text(state_of(make_conflict(), selected={PLAN: "text:1"}))

    assert what == "the solver's own text"
    assert text.startswith("Cannot solve")


def test_copying_in_the_table_of_other_conditions_takes_that():
    state = state_of(make_conflict(), plan_face=PlanFace(what_if=True), what_if=Fact(WHAT_IF))

    text, what = copied_text(state)

    assert what == "the table"
    rows = [row.split("\t") for row in text.splitlines()]
    assert rows[0] == ["", "as it is", "python 3.10", "python 3.12", "strict", "2023-06-01"]
    assert rows[5] == ["tensorflow", "2.13.1", "2.15.0", "-", "2.13.1", "-"]
    assert rows[-1][3].startswith("no solution: pytorch=1.13.1")
