# ruff: noqa: RUF001 - the marks are those of the screen
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.inspection import LineInspection
from envbench.ui.panels.inspection_panel import describe_inspection
from envbench.ui.state import Fact, ScreenState
from tests.ui.panels.showing import WIDTHS, assert_fits, lines_of, text_of

FOUND = LineInspection(
    line=12,
    headline="pytorch 1.13.*: 1.13.1 from conda-forge, 24 builds; newest is 2.4.1",
    details=(
        "matches 2 versions: 1.13.1, 1.13.0",
        "conda-forge: 24 builds of 2 versions, newest 1.13.1",
        "",
        "comes from conda-forge: the first channel that has it",
    ),
)


def view(fact, width=33):
    return describe_inspection(ScreenState(directory="/p", inspection=fact), width)


def test_a_line_is_told_headline_first():
    shown = view(Fact(FOUND), 80)
    assert shown.title == "Line 12"
    assert lines_of(shown)[0] == FOUND.headline
    assert len(lines_of(shown)) == 4, "empty details leave no line"


def test_long_lines_are_broken_and_nothing_is_lost():
    shown = view(Fact(FOUND), 27)
    for text in (FOUND.headline, *FOUND.details):
        assert text in text_of(shown)


def test_while_the_next_line_is_looked_up_nothing_moves():
    assert view(Fact(FOUND).begin("looking the line up")) == view(Fact(FOUND))


def test_an_answer_that_is_old_or_not_whole_says_so():
    old = view(Fact(FOUND).fail("the workbench stopped", "press again"))
    assert old.badge == "old"
    assert text_of(old).startswith("× the workbench stopped press again pytorch")
    status = LineInspection(line=3, headline="x", status="the index of bioconda is 9 days old")
    assert "▲ the index of bioconda is 9 days old" in text_of(view(Fact(status)))
    assert view(Fact(LineInspection(line=3, headline="x", pending=True))).badge == "reading"


def test_without_an_answer_it_says_why():
    assert "e edits" in text_of(view(Fact()))
    assert text_of(view(Fact(working="looking the line up"))) == "looking the line up"
    assert text_of(view(Fact(fault="no answer", hint="wait"))) == "× no answer wait"
    reason = LineInspection(line=1, reason="nothing on this line asks for a package")
    assert text_of(view(Fact(reason))) == reason.reason


@given(st.text(max_size=80), st.lists(st.text(max_size=120), max_size=6), st.text(max_size=60))
def test_no_text_is_too_much(headline, details, status):
    found = LineInspection(line=1, headline=headline, details=tuple(details), status=status)
    for width in WIDTHS:
        assert_fits(view(Fact(found), width), width)
