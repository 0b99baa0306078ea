"""Settings changed through the real desk, in a configuration of its own."""

from dataclasses import replace

import pytest

from envbench.settings.keys import KEYS
from envbench.ui.commands import settings as verbs
from envbench.ui.flows import opening, settings
from envbench.ui.state import SETTINGS
from envbench.workbench.preferences import SettingRow
from tests.ui.flows.real_bench import open_bench_at


def choose(bench, key):
    bench.select(SETTINGS, f"setting:{key}")


async def test_a_choice_a_text_and_a_wrong_text(tmp_path):
    async with open_bench_at(tmp_path, tmp_path) as bench:
        await opening.learn_settings(bench)
        choose(bench, "notify")
        bench.choices = ["both"]
        await verbs.EditSetting().run(bench)
        title, options = bench.offered.pop()
        assert [key for key, _ in options] == ["off", "bell", "osc9", "both"]
        assert "notify" in title
        assert bench.preference("notify") == "both"
        [file] = {row.source for row in bench.state.settings.value if row.key == "notify"}
        assert file in bench.said[-1], "the message says which file was written"

        choose(bench, "keep_generations")
        bench.fillings = [{"value": "200"}, {"value": "5"}]
        await verbs.EditSetting().run(bench)
        first, second = bench.forms
        assert first[1] == (("value", "a number from 1 to 100", "3"),)
        assert second[1] == (("value", "a number from 1 to 100", "200"),), "what was typed stays"
        assert any("must be a number from 1 to 100" in line for line in second[2])
        assert bench.preference("keep_generations") == "5"


async def test_one_key_takes_the_next_choice(tmp_path):
    async with open_bench_at(tmp_path, tmp_path) as bench:
        await opening.learn_settings(bench)
        for wanted in ("fast", "slow", "auto"):
            await verbs.StepLink().run(bench)
            assert bench.preference("link") == wanted
        await verbs.StepMouse().run(bench)
        assert bench.preference("mouse") == "false"
        assert "when it opens next" in bench.said[-1]


async def test_a_variable_that_counts_all_the_same_is_told(tmp_path):
    async with open_bench_at(tmp_path, tmp_path, ENVBENCH_LINK="slow") as bench:
        await opening.learn_settings(bench)
        choose(bench, "link")
        bench.choices = ["fast"]
        await verbs.EditSetting().run(bench)
        assert "ENVBENCH_LINK is set and counts" in bench.hints[0][0]
        assert "but ENVBENCH_LINK is set" in bench.said[-1]
        assert bench.preference("link") == "slow"


async def test_a_theme_is_chosen_in_the_picker_and_kept(tmp_path):
    async with open_bench_at(tmp_path, tmp_path) as bench:
        await opening.learn_settings(bench)
        choose(bench, "theme")
        await verbs.EditSetting().run(bench)
        assert bench.screens == ["themes"]
        await settings.keep_theme(bench, "paper")
        assert bench.state.theme == "paper"
        assert bench.preference("theme") == "paper"


async def test_what_is_not_ours_is_refused_with_a_reason(tmp_path):
    async with open_bench_at(tmp_path, tmp_path) as bench:
        assert "not read yet" in verbs.EditSetting().refuse(bench.state)
        await opening.learn_settings(bench)
        assert verbs.EditSetting().refuse(bench.state) == "no setting is chosen"
        choose(bench, "conda.channels")
        assert "not envbench's own" in verbs.EditSetting().refuse(bench.state)
        choose(bench, "link")
        assert verbs.EditSetting().refuse(bench.state) == ""


@pytest.mark.parametrize(
    ("kind", "choices"),
    [
        ("true or false", ("true", "false")),
        ("auto, fast or slow", ("auto", "fast", "slow")),
        ("off, bell, osc9 or both", ("off", "bell", "osc9", "both")),
        ("rattler", ("rattler",)),
        ("a number from 1 to 100", ()),
        ("a list of: conda or pip", ()),
        ("the name of a theme", ()),
        ("", ()),
    ],
)
def test_choices_are_read_out_of_the_kind(kind, choices):
    assert settings.list_choices(kind) == choices


@pytest.mark.parametrize("key", [key.name for key in KEYS])
def test_every_choice_that_is_offered_fits(key):
    known = next(each for each in KEYS if each.name == key)
    for choice in settings.list_choices(known.kind):
        known.check(choice)


def test_a_hidden_value_is_never_put_back():
    row = SettingRow(key="pip.index_url", value="https://me:***@host/", source="default")
    assert settings.say_editable(row) == ""
    assert settings.say_editable(replace(row, value="https://host/")) == "https://host/"
    assert settings.say_editable(replace(row, value="null")) == ""
