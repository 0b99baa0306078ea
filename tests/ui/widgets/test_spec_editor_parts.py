"""Offers, search, marks and notes, without a screen."""

from hypothesis import example, given
from hypothesis import strategies as st

from envbench.model.problem import Edit, Problem, Severity
from envbench.model.span import Span
from envbench.ui.ink import plain, width_of
from envbench.ui.widgets.spec_editor.completion import Completion, Offers
from envbench.ui.widgets.spec_editor.exact_area import find_changed_rows
from envbench.ui.widgets.spec_editor.finding import MOST_MATCHES, Finder, find_all
from envbench.ui.widgets.spec_editor.popup import place_popup, popup_rows
from envbench.ui.widgets.spec_editor.problem_marks import ProblemMarks
from envbench.ui.widgets.spec_editor.problem_note import note_rows
from envbench.ui.widgets.spec_editor.yaml_colours import YamlColours
from tests.ui.widgets.spec_editor_app import SPEC, problem


def offers(count: int = 20) -> Offers:
    return Offers([Completion(f"pkg{n}", f"pkg{n}", f"1.{n}", 4) for n in range(count)], 0)


def test_nothing_is_chosen_until_a_step_down() -> None:
    some = offers(3)
    assert not some.is_chosen and some.best.insert == "pkg0"
    assert some.step(1) and some.is_chosen and some.best.insert == "pkg0"
    assert some.step(1) and some.step(1) and some.step(1)
    assert some.best.insert == "pkg2"
    assert all(some.step(-1) for _ in range(3)) and not some.is_chosen
    assert not some.step(-1)


@given(st.lists(st.sampled_from([1, -1]), max_size=40), st.integers(1, 8))
def test_the_chosen_offer_is_seen(steps: list[int], rows: int) -> None:
    some = offers()
    for by in steps:
        some.step(by)
    seen = [index for index, _ in some.seen(rows)]
    assert len(seen) == rows
    assert max(0, some.index) in seen


def test_offers_are_narrowed_by_what_is_typed() -> None:
    some = offers(12).narrow("  - PKG1", 8)
    assert [item.insert for item in some.items] == ["pkg1", "pkg10", "pkg11"]
    assert not some.narrow("  - PKGx", 8).items
    assert not some.narrow("  - PKG1", 4).items  # the cursor went back to the start of the word


@given(
    st.integers(0, 80), st.integers(0, 40), st.integers(0, 80), st.integers(0, 40),
    st.integers(1, 20),
)  # fmt: skip
def test_the_popup_stands_within_the_editor_and_not_on_the_cursor(
    x: int, y: int, width: int, height: int, count: int
) -> None:
    some = offers(count)
    place = place_popup(some, x=x, y=y, width=width, height=height)
    if place is None:
        return
    assert place.x >= 0 and place.x + place.width <= width
    assert place.y >= 0 and place.y + place.rows <= height
    assert not place.y <= y < place.y + place.rows
    rows = popup_rows(some, place)
    assert len(rows) == place.rows
    assert {width_of(row) for row in rows} == {place.width}


def test_the_popup_shows_name_and_detail_in_columns() -> None:
    some = Offers([Completion("numpy", "numpy", "2.1", 0), Completion("nu", "nu", "", 0)], 0)
    place = place_popup(some, x=4, y=0, width=40, height=10)
    assert place is not None
    assert [plain(row) for row in popup_rows(some, place)] == ["│○numpy  2.1 │", "│ nu         │"]
    assert some.step(1)
    assert plain(popup_rows(some, place)[0]) == "│►numpy  2.1 │"


@given(st.text(max_size=30), st.integers(1, 90))
def test_the_popup_stays_in_shape_with_odd_texts(text: str, width: int) -> None:
    some = Offers([Completion(text, text, text, 0), Completion("a", "a", "", 0)], 0)
    place = place_popup(some, x=0, y=0, width=width, height=5)
    if place is not None:
        assert {width_of(row) for row in popup_rows(some, place)} == {place.width}


def test_finding_minds_case_only_for_capitals() -> None:
    lines = ["Numpy numpy", "NUMPY"]
    assert len(find_all(lines, "numpy")) == 3
    assert [tuple(one) for one in find_all(lines, "Numpy")] == [(0, 0, 5)]
    assert find_all(lines, "") == ()
    assert len(find_all(["a" * 200_000], "a")) == MOST_MATCHES


def test_the_search_goes_round() -> None:
    finder = Finder()
    assert finder.look(["ab", "ab", "ab"], "a", 1, 1) == (2, 0, 1)
    assert finder.count == "3 of 3"
    assert finder.step(1) == (0, 0, 1)
    assert finder.step(-1) == (2, 0, 1)
    assert finder.look(["ab"], "zz", 0, 0) is None
    assert finder.count == "not found"


def test_problems_are_placed_and_ordered() -> None:
    marks = ProblemMarks.place(
        [
            problem(SPEC, "tensorflow", severity=Severity.INFO),
            problem(SPEC, "=2.13", severity=Severity.ERROR),
            problem(SPEC, "defaults", severity=Severity.WARNING),
            Problem("EB1", Severity.WARNING, "of the whole file"),
        ],
        SPEC.split("\n"),
    )
    assert [(one.row, one.start) for one in marks.placed] == [(0, 0), (2, 4), (7, 4), (7, 14)]
    worst = marks.worst(7)
    assert worst is not None and worst.problem.severity is Severity.ERROR
    at = marks.at(7, 5)
    assert at is not None and at.problem.severity is Severity.INFO
    assert marks.number(at) == 3
    assert marks.step(7, 14, 1) == marks.placed[0]
    assert marks.step(0, 0, -1) == marks.placed[-1]
    assert ProblemMarks().step(0, 0, 1) is None


def test_marks_move_along_with_edits() -> None:
    marks = ProblemMarks.place([problem(SPEC, "python"), problem(SPEC, "torch")], SPEC.split("\n"))
    assert [one.row for one in marks.follow(0, 0, 2).placed] == [7, 8]
    assert [one.row for one in marks.follow(1, 3, 1).placed] == [3, 4]
    edited = marks.follow(5, 5, 5).placed[0]
    assert (edited.row, edited.start, edited.end) == (5, 0, 0)


@given(
    st.lists(st.builds(Span, *[st.integers(0, 300)] * 2, *[st.integers(1, 40)] * 2), max_size=5),
    *[st.integers(0, 12)] * 3,
)
def test_marks_never_break(spans: list[Span], top: int, old: int, new: int) -> None:
    found = [Problem("EB1", Severity.ERROR, "m", span) for span in spans]
    marks = ProblemMarks.place(found, SPEC.split("\n")).follow(top, top + old, top + new)
    assert len(marks.placed) == len(spans)
    assert all(one.row >= 0 for one in marks.placed)


def test_the_note_has_cause_and_fix() -> None:
    wrong = Problem(
        "EB1",
        Severity.ERROR,
        "no package torch in channel pytorch",
        hint="did you mean pytorch? it is on line 10",
        edit=Edit("remove line 11", ()),
    )
    rows = note_rows(wrong, width=53, rows=4, fix_key="^O")
    assert [plain(row) for row in rows] == [
        "╰ no package torch in channel pytorch (did you mean",
        "  pytorch? it is on line 10)        ^O remove line 11",
    ]
    tight = note_rows(wrong, width=24, rows=2, fix_key="^O")
    assert plain(tight[0]).endswith("…")
    assert plain(tight[1]) == "  ^O remove line 11"
    assert "^O" not in plain(note_rows(wrong, width=90, rows=4)[-1])
    assert plain(note_rows(wrong, width=99, rows=4, others=2)[0]).endswith("+2 more on this line")


@given(st.text(max_size=120), st.text(max_size=40), st.integers(0, 60), st.integers(0, 6))
def test_the_note_fits(message: str, title: str, width: int, rows: int) -> None:
    wrong = Problem("EB1", Severity.INFO, message, hint=title, edit=Edit(title, ()))
    note = note_rows(wrong, width=width, rows=rows, fix_key="^O")
    assert len(note) <= min(rows, 4)
    assert all(width_of(row) <= width for row in note)


def test_colours_are_found_in_broken_and_odd_yaml() -> None:
    colours = YamlColours.load()
    if colours is None:
        return
    lines = ["näme: \ud800 x  # é", "deps:", "  - 'open", "  - b # c"]
    colours.read("\n".join(lines), lines)
    found = [colours.on(row, range(4)) for row in range(4)]
    assert any(one[2] == "dim" and lines[0][one[0] : one[1]] == "# é" for one in found[0])
    assert (0, 4, "bold") in found[0]
    colours.read("a: b\n" * 100_000, ["a: b"] * 100_000)
    assert colours.on(0, range(10)) == ()


@given(*[st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=8)] * 2)
@example(["a", "b", "a"], ["a", "a"])
@example(["a"], ["a", "a"])
def test_the_rows_of_an_undo_hold_all_that_changed(before: list[str], after: list[str]) -> None:
    top, old_bottom, new_bottom = find_changed_rows(before, after)
    assert 0 <= top <= old_bottom < len(before)
    assert top <= new_bottom < len(after)
    assert before[:top] == after[:top]
    assert before[old_bottom + 1 :] == after[new_bottom + 1 :]
