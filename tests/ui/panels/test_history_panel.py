from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from envbench.ui.commands.history import COMMANDS, CopyEntry, list_entries
from envbench.ui.panels.history_panel import describe_history
from envbench.ui.state import HISTORY, Done, ScreenState
from tests.ui.panels.showing import WIDTHS, assert_fits, lines_of, text_of
from tests.ui.recording_bench import RecordingBench

SOLVE = Done("envbench solve environment.yml", "12:04:11", "a plan of 9 packages")
BUILD = Done("envbench build environment.yml --detach", "12:05:00")
STATE = ScreenState(directory="/p", done=(SOLVE, BUILD))


def test_newest_first_with_time_and_outcome():
    assert lines_of(describe_history(STATE, 60)) == [
        "12:05:00  envbench build environment.yml --detach",
        "12:04:11  envbench solve environment.yml",
        "          a plan of 9 packages",
    ]


def test_long_commands_are_broken_and_whole():
    assert SOLVE.command in text_of(describe_history(STATE, 30))


def test_an_empty_log_says_what_it_is_for():
    empty = describe_history(ScreenState(directory="/p"), 60)
    assert not empty.rows
    assert "Nothing was done yet." in text_of(empty)


def test_an_entry_keeps_its_key_while_others_come():
    before = dict(list_entries(STATE))
    after = dict(list_entries(replace(STATE, done=(*STATE.done, SOLVE))))
    assert before.items() <= after.items()
    assert len(after) == 3


@given(st.lists(st.tuples(st.text(max_size=90), st.sampled_from(["12:00:00", "12:00:01"]))))
def test_no_log_is_too_much(done):
    state = ScreenState(directory="/p", done=tuple(Done(text, at) for text, at in done))
    for width in WIDTHS:
        assert_fits(describe_history(state, width), width)


async def test_enter_and_c_copy_the_chosen_command():
    key = list_entries(STATE)[1][0]
    for command in COMMANDS:
        bench = RecordingBench(replace(STATE, selected={HISTORY: key}))
        await command.run(bench)
        assert bench.copied == [(SOLVE.command, "the command")]
    assert CopyEntry().refuse(ScreenState(directory="/p")) == "nothing was done yet"
