"""Which problem ^O mends."""

from dataclasses import replace

from envbench.ui.flows.specs import find_fix
from tests.ui.states import SPEC
from tests.ui.widgets.spec_editor_app import SPEC as TEXT
from tests.ui.widgets.spec_editor_app import problem

HINT, FIRST, SECOND = (
    problem(TEXT, "name"),
    problem(TEXT, "channels", fix="x"),
    problem(TEXT, "torch", fix="y"),
)
OPEN = replace(SPEC, problems=(HINT, FIRST, SECOND))


def test_the_chosen_one_or_the_next_that_has_an_edit():
    assert find_fix(OPEN, 1, 2) is SECOND
    assert find_fix(OPEN, 1, 0) is FIRST
    assert find_fix(replace(OPEN, problems=(FIRST, HINT)), 1, 1) is FIRST
    assert find_fix(replace(OPEN, problems=(HINT,)), 1, 0) is None


def test_without_a_choice_the_one_of_the_line_or_else_the_first():
    assert SECOND.span is not None
    assert find_fix(OPEN, SECOND.span.line) is SECOND
    assert find_fix(OPEN, 9999) is FIRST
