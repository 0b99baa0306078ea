"""The lines around the panes hold in every state and width."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.ui import bars
from envbench.ui import state as names
from envbench.ui.commands.catalogue import COMMANDS
from envbench.ui.ink import plain, width_of
from envbench.ui.state import PLACES, ScreenState, Told
from tests.ui.states import EMPTY, PROBLEMS, SPEC, states
from tests.ui.still.sample_states import CONFLICT, WHAT_IF

WIDTHS = st.integers(1, 200)


@given(states(), WIDTHS)
def test_no_bar_is_wider_than_the_screen(state, width):
    shown = bars.choose_footer(state, COMMANDS)
    for line in (
        bars.describe_header(state, width),
        bars.describe_tabs(state, width),
        bars.describe_status(state, width),
        bars.describe_keys(state, shown, width),
    ):
        assert width_of(line) <= width
        assert plain(line).isprintable()


@pytest.mark.parametrize("width", [30, 56, 80, 120])
def test_every_place_has_its_digit_and_the_open_one_its_name(width):
    for digit, place, name in PLACES:
        text = plain(bars.describe_tabs(replace(EMPTY, place=place), width))
        assert f"{digit} {name.upper()}" in text
        if width >= 56:
            assert all(f" {each}" in text for each, _, _ in PLACES)


def test_the_header_says_what_is_open_and_how_it_stands():
    dirty = replace(SPEC, text="x", problems=PROBLEMS)
    text = plain(bars.describe_header(replace(EMPTY, spec=dirty), 120))
    assert "environment.yml * unsaved" in text
    assert "2 problems" in text
    assert "env lab" in text
    assert "1 problem" in plain(
        bars.describe_header(replace(EMPTY, spec=replace(SPEC, problems=PROBLEMS[:1])), 120)
    )
    assert "folder" in plain(bars.describe_header(EMPTY, 120))
    assert "/" in plain(bars.describe_header(replace(EMPTY, directory="/"), 120))


def test_the_foot_names_the_keys_of_the_pane_first():
    def first(focus: str) -> str:
        return bars.choose_footer(replace(EMPTY, focus=focus, spec=SPEC), COMMANDS)[0].title

    assert first(names.SPECS) == "open"
    assert first(names.PROBLEMS) == "go there"
    assert first(names.EDITOR) == "out"


def test_in_the_editor_only_keys_that_are_no_text_are_named():
    state = replace(EMPTY, focus=names.EDITOR, spec=SPEC)
    shown = bars.choose_footer(state, COMMANDS)
    assert all(command.in_editor or command.key == "escape" for command in shown)
    assert [bars.show_key(command.key) for command in shown][:4] == ["Esc", "^S", "^O", "^G"]
    assert plain(bars.describe_keys(state, shown, 60)).endswith("  F1 help")
    assert "^N complete  ^L add a line" in plain(bars.describe_keys(state, shown, 120))
    assert "^N" not in plain(bars.describe_keys(EMPTY, shown, 120))


def test_in_a_conflict_the_foot_names_what_is_of_use_in_one():
    def foot(state: ScreenState) -> str:
        state = replace(state, focus=names.PLAN)
        return plain(bars.describe_keys(state, bars.choose_footer(state, COMMANDS), 200))

    assert "f find fixes  i what if" in foot(CONFLICT) and "w why" not in foot(CONFLICT)
    assert "U undo fix" not in foot(CONFLICT)
    assert "w why  d whole plan" in foot(WHAT_IF) and "f find fixes" not in foot(WHAT_IF)


def test_what_is_off_is_faint_and_still_there():
    save = next(command for command in COMMANDS if command.id == "save")
    off = bars.describe_keys(EMPTY, [save], 80)
    on = bars.describe_keys(replace(EMPTY, spec=SPEC), [save], 80)
    assert plain(off) == plain(on)
    assert {piece.role for piece in off if piece.text.strip()} == {"faint"}
    assert "accent" in {piece.role for piece in on}


def test_a_message_has_a_mark_beside_its_colour():
    for severity, mark in (("error", "\N{MULTIPLICATION SIGN}"), ("warning", "▲"), ("ok", "●")):
        state = replace(EMPTY, told=(Told("it went so", severity),))
        assert plain(bars.describe_status(state, 80)) == f" {mark} it went so"


@pytest.mark.parametrize(
    ("key", "shown"),
    [("question_mark,f1", "?"), ("ctrl+s", "^S"), ("escape", "Esc"), ("f4", "f4"), ("a", "a")],
)
def test_keys_are_written_as_people_write_them(key, shown):
    assert bars.show_key(key) == shown
