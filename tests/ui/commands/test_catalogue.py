"""What every verb owes: a name, a help, one meaning a pane, and an answer in every state."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from envbench.ui import state as names
from envbench.ui.bars import show_key
from envbench.ui.commands import catalogue, command
from envbench.ui.commands.catalogue import COMMANDS, by_id, find_command, find_default
from envbench.ui.commands.command import Command, find_refusal
from envbench.ui.screens.help import describe_help
from envbench.ui.screens.palette import describe_palette
from envbench.ui.state import PLACES
from tests.ui.panels.plan_examples import widest
from tests.ui.recording_bench import RecordingBench
from tests.ui.states import EMPTY, PANES, SPEC, states


def test_every_verb_has_a_name_of_its_own_and_says_what_it_does():
    assert not [name for name, count in Counter(c.id for c in COMMANDS).items() if count > 1]
    for each in COMMANDS:
        assert by_id(each.id) is each
        assert each.title
        assert len(each.title) <= 24
        assert each.help.endswith((".", "?", "!")), each.id
        assert each.help[0].isupper()


def test_a_key_means_one_thing_in_a_pane():
    for key in catalogue.KEYS:
        meanings = [c for c in COMMANDS if key in c.key.split(",")]
        everywhere = [c.id for c in meanings if not c.panes]
        assert len(everywhere) <= 1, (key, everywhere)
        panes = Counter(pane for c in meanings for pane in c.panes)
        assert not [pane for pane, count in panes.items() if count > 1], key


def test_keys_of_verbs_leave_digits_and_moving_alone():
    kept = {
        "tab",
        "shift+tab",
        "up",
        "down",
        "pageup",
        "pagedown",
        "home",
        "end",
        "ctrl+z",
    }
    kept |= {digit for digit, _, _ in PLACES}
    assert not kept & set(catalogue.KEYS)


def test_panes_of_verbs_are_there():
    assert {pane for c in COMMANDS for pane in c.panes} <= {*PANES, "side-log"}
    for c in COMMANDS:
        if c.footer:
            assert c.key, f"{c.id} is named at the foot without a key"


def test_enter_has_one_meaning_in_every_list():
    for pane in (
        names.SPECS,
        names.PROBLEMS,
        names.JOBS,
        names.ENVIRONMENTS,
        names.WELCOME,
        names.GPUS,
    ):
        found = find_default(pane)
        assert found is not None
        assert pane in found.panes


def test_a_verb_of_the_pane_comes_before_one_of_the_place_and_that_before_the_general():
    for c in COMMANDS:
        for key in c.key.split(","):
            for pane in c.panes:
                if key:
                    assert find_command(key, replace(EMPTY, focus=pane)) is c
    assert find_command("f12", EMPTY) is None


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(states())
def test_every_verb_answers_in_every_state(state):
    for each in COMMANDS:
        reason = each.refuse(state)
        assert isinstance(reason, str)
        assert "\n" not in reason
        twin = each.twin(state)
        assert twin == "" or twin.startswith(("envbench", "kill -TERM ")), each.id


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(states())
def test_help_and_palette_name_every_verb_in_every_state(state):
    for width in (20, 40, 94):
        view = describe_help(state, width)
        listed = {row.key for row in view.rows}
        assert {c.id for c in COMMANDS if c.key} <= listed
        assert widest(view) <= width
        keys = Counter(row.key for row in view.rows)
        assert max(keys.values()) == 1
        found = describe_palette(state, "", width)
        assert {row.key for row in found.rows} == {c.id for c in COMMANDS}
        assert widest(found) <= width


def test_help_begins_with_the_pane_and_says_why_keys_are_off():
    view = describe_help(replace(EMPTY, focus=names.SPECS), 80)
    assert view.rows[0].plain == "In this pane"
    assert view.rows[1].key == "open-chosen"
    save = next(row for row in view.rows if row.key == "save")
    assert "off: no spec is open" in " ".join(save.plain.split())
    open_view = describe_help(replace(EMPTY, spec=SPEC), 80)
    save = next(row for row in open_view.rows if row.key == "save")
    assert "off:" not in save.plain


def test_help_names_the_keys_of_the_editor_first_where_they_count():
    inside = describe_help(replace(EMPTY, focus=names.EDITOR, spec=SPEC), 80)
    assert inside.rows[0].plain == "In the editor"
    assert "Offer names" in inside.rows[1].plain
    outside = [row.plain for row in describe_help(EMPTY, 80).rows]
    assert "In the editor" in outside[1:]
    keys = {show_key(key) for each in COMMANDS for key in each.key.split(",") if key}
    assert not [key for key in keys if "_" in key]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("save", "save"),
        ("new", "new-spec"),
        ("zoom", "zoom"),
        ("message", "messages"),
        ("leave", "quit"),
    ],
)
def test_the_palette_finds_by_words(query, first):
    assert describe_palette(EMPTY, query, 80).rows[0].key == first


def test_the_palette_finds_by_help_and_says_when_there_is_nothing():
    assert "reload" in {row.key for row in describe_palette(EMPTY, "read folder", 80).rows}
    nothing = describe_palette(EMPTY, "qqq zzz", 80)
    assert not nothing.rows
    assert nothing.empty


def test_a_verb_whose_rule_breaks_is_off_and_says_so(monkeypatch, tmp_path):
    class Broken(Command):
        """Breaks."""

        title = "broken"

        def refuse(self, state):
            raise KeyError("odd")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(command, "_BROKEN", {})
    said = find_refusal(Broken(), EMPTY)
    assert "KeyError" in said
    assert find_refusal(Broken(), EMPTY) == said
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("state", "place", "focus", "zoomed"),
    [
        (replace(EMPTY, zoomed=True, place=names.PLAN, focus=names.PLAN), names.PLAN, names.PLAN, False),
        (replace(EMPTY, focus=names.EDITOR, editing=True), names.SPEC, names.SPEC, False),
        (replace(EMPTY, place=names.PLAN, focus=names.PLAN), names.SPEC, names.SPEC, False),
        (replace(EMPTY, place=names.PLAN, focus=names.SPECS), names.PLAN, names.PLAN, False),
        (replace(EMPTY, focus=names.PROBLEMS), names.SPEC, names.SPECS, False),
        (replace(EMPTY, focus=names.BOX), names.SPEC, names.SPEC, False),
    ],
)  # fmt: skip
def test_escape_leads_out_one_level(state, place, focus, zoomed):
    bench = RecordingBench(state)
    asyncio.run(by_id("back").run(bench))
    assert (bench.state.place, bench.state.focus, bench.state.zoomed) == (place, focus, zoomed)


def test_zoom_takes_the_keys_out_of_a_pane_that_it_hides():
    bench = RecordingBench(replace(EMPTY, place=names.PLAN, focus=names.SPECS))
    asyncio.run(by_id("zoom").run(bench))
    assert bench.state.zoomed
    assert bench.state.focus == names.PLAN
