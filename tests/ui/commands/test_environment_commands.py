"""Verbs of environments, probes and locks: what they are about, and why they are off."""

from typing import Any

import pytest

from envbench.ui.commands.catalogue import by_id, find_command
from envbench.ui.commands.general import Back
from envbench.ui.environment_choice import (
    chosen,
    find_row,
    generation_key,
    meant,
    reference_of,
    row_key,
    show_name,
    split_reference,
)
from envbench.ui.state import (
    ENVIRONMENTS,
    LOCK,
    PROBES,
    SIDE_ENVIRONMENTS,
    SPECS,
    Fact,
    ScreenState,
)
from envbench.workbench.values.environment_details import EnvironmentDetails
from envbench.workbench.values.environment_rows import EnvironmentRow
from tests.ui.panels.test_environment_panels import DETAILS, OFFERS, ROWS
from tests.ui.recording_bench import RecordingBench


def state(**parts: Any) -> ScreenState:
    values = {
        "environments": Fact(ROWS),
        "environment": "ai",
        "focus": ENVIRONMENTS,
        "place": ENVIRONMENTS,
    }
    return ScreenState(directory="/folder", **(values | parts))


def on(key: str, **parts: Any) -> ScreenState:
    """Put the cursor of the place on a row."""
    return state(selected={ENVIRONMENTS: key}, details=Fact(DETAILS, about="ai"), **parts)


def test_own_environments_are_meant_by_name_and_others_by_path():
    assert [reference_of(row) for row in ROWS] == [
        "ai", "llm", "fine", "broken", "/conda", "/bob/vllm", "later",
    ]  # fmt: skip
    assert find_row(state(), "/conda").name == "base" and find_row(state(), "base") is None
    assert show_name(state(), "/bob/vllm") == "bob" and show_name(state(), "/x/y") == "y"
    assert split_reference("ai@3") == ("ai", 3)
    assert split_reference("/a@b/c") == ("/a@b/c", None)


def test_the_cursor_says_what_is_meant_and_else_what_the_panes_are_about():
    assert chosen(on(generation_key("ai", 3))) == ("ai", 3)
    assert chosen(on(row_key("/conda"))) == ("/conda", None)
    assert chosen(on("diff:conda:numpy")) == ("ai", None)
    side = state(focus=SIDE_ENVIRONMENTS, selected={SIDE_ENVIRONMENTS: row_key("llm")})
    assert meant(side) == "llm"
    assert meant(state(focus=SPECS, selected={SIDE_ENVIRONMENTS: row_key("llm")})) == "ai"


@pytest.mark.parametrize(
    ("verb", "key", "reason"),
    [
        ("roll-back", row_key("ai"), ""),
        ("roll-back", generation_key("ai", 3), ""),
        ("roll-back", generation_key("ai", 4), ""),
        ("roll-back", row_key("llm"), "llm has no other generation"),
        ("roll-back", row_key("/bob/vllm"), "bob: made by conda"),
        ("roll-back", row_key("later"), "later is not built yet: s solves, b builds"),
        ("delete", row_key("ai"), ""),
        ("delete", row_key("/conda"), "base: frozen: whoever made it forbids changes"),
        ("verify", row_key("/bob/vllm"), ""),
        ("verify", row_key("broken"), "broken cannot be used: its link leads nowhere"),
        ("diff", row_key("ai"), ""),
        ("diff", row_key("llm"), "mark another one with space first"),
        ("use", row_key("later"), "later is not built yet: s solves, b builds"),
        ("show-environment", row_key("later"), ""),
    ],
)
def test_what_cannot_be_done_says_why(verb: str, key: str, reason: str):
    assert by_id(verb).refuse(on(key)) == reason


def test_one_generation_is_not_deleted_alone():
    assert "put the cursor on ai" in by_id("delete").refuse(on(generation_key("ai", 3)))


def test_twins_are_the_command_lines_that_do_the_same():
    assert by_id("roll-back").twin(on(row_key("ai"))) == "envbench rollback ai 3"
    assert by_id("roll-back").twin(on(generation_key("ai", 4))) == "envbench rollback ai 3"
    assert by_id("roll-back").twin(on(generation_key("ai", 2))) == "envbench rollback ai 2"
    assert by_id("diff").twin(on(row_key("ai"))) == "envbench diff ai@3 ai@4"
    assert by_id("diff").twin(on(generation_key("ai", 2))) == "envbench diff ai@2 ai@4"
    assert by_id("diff").twin(on(row_key("llm"), marked="ai@2")) == "envbench diff ai@2 llm"
    assert by_id("verify").twin(on(generation_key("ai", 3))) == "envbench verify ai@3"
    assert by_id("probe").twin(on(row_key("/bob/vllm"))) == "envbench probe /bob/vllm"


def test_generations_are_asked_for_before_one_can_be_gone_back_to():
    unknown = state(selected={ENVIRONMENTS: row_key("ai")})
    assert by_id("roll-back").refuse(unknown) == "Enter shows its generations"
    oldest = EnvironmentRow(
        key="/envs/ai", name="ai", kind="envbench", path="", generations=3, live_generation=2
    )
    at_the_end = on(row_key("ai"), environments=Fact((oldest,)))
    assert by_id("roll-back").refuse(at_the_end) == "nothing is older than the live one"
    assert isinstance(DETAILS, EnvironmentDetails)


async def test_space_marks_and_takes_the_mark_away():
    bench = RecordingBench(on(generation_key("ai", 3)))
    await by_id("mark").run(bench)
    assert bench.state.marked == "ai@3"
    await by_id("mark").run(bench)
    assert bench.state.marked == ""


def test_keys_mean_their_verb_in_the_pane_that_has_them():
    here = state()
    for key, name in (
        ("R", "roll-back"),
        ("D", "delete"),
        ("v", "verify"),
        ("u", "use"),
        ("d", "diff"),
    ):
        assert find_command(key, here).id == name
    lock = state(focus=LOCK, place=LOCK)
    assert (
        find_command("c", lock).id == "copy-lock"
        and find_command("L", lock).id == "write-all-locks"
    )
    probes = state(focus=PROBES, place=PROBES)
    assert find_command("c", probes).id == "copy-probes"


def test_locks_are_written_where_they_are_in_sight():
    write = by_id("write-lock")
    assert write.refuse(state(focus=LOCK, place=LOCK)) == "the formats are still being tried"
    known = {"focus": LOCK, "place": LOCK, "locks": Fact(OFFERS, about="ai")}
    assert write.refuse(state(**known)) == ""
    assert write.twin(state(**known)) == "envbench lock ai --format explicit -o explicit.txt"
    assert (
        write.refuse(state(**known, selected={LOCK: "pixi"})) == "it has no name for this channel"
    )
    assert write.refuse(state(focus=SPECS, environment="later")).startswith("later is not built")
    assert by_id("copy-lock").refuse(state(**known)) == "Enter shows the text first"


async def test_another_environment_is_locked_from_the_list_of_them():
    bench = RecordingBench(on(row_key("llm")))
    await by_id("write-lock").run(bench)
    assert (bench.state.environment, bench.state.place) == ("llm", LOCK)


async def test_escape_closes_a_text_before_it_leaves_the_place():
    bench = RecordingBench(on(row_key("ai"), comparison=Fact(None, fault="no", about="ai@2 ai@4")))
    await Back().run(bench)
    assert bench.state.comparison == Fact() and bench.state.place == ENVIRONMENTS
    assert bench.state.selected[ENVIRONMENTS] == generation_key("ai", 4)
    bench = RecordingBench(
        state(focus=LOCK, place=LOCK, preview=Fact(None, "writing", about="explicit ai"))
    )
    await Back().run(bench)
    assert bench.state.preview == Fact() and bench.state.selected[LOCK] == "explicit"
    await Back().run(bench)
    assert bench.state.place != LOCK
