"""The demo's folder made ready through the real desk."""

import pytest

from envbench.ui.flows import demo
from envbench.ui.state import Fact
from envbench.workbench.demo_folder import DemoStep
from tests.ui.flows.real_bench import open_bench_at


def test_progress_is_told_in_numbers_where_they_are_known():
    assert demo.say_step(DemoStep("packaging rich", 3, 9)) == "packaging rich  3 of 9"
    assert demo.say_step(DemoStep("making a channel", 0, 0)) == "making a channel"


async def test_the_demo_is_made_opened_and_walked_through(tmp_path):
    folder = tmp_path / "demo"
    folder.mkdir()
    async with open_bench_at(tmp_path, folder) as bench:
        seen = []
        change = bench.change

        def note_change(**parts):
            if isinstance(parts.get("specs"), Fact):
                seen.append(parts["specs"].working)
            change(**parts)

        bench.change = note_change
        await demo.open_demo(bench)
        assert (folder / "channel" / "noarch" / "repodata.json").is_file()
        assert any(text.startswith("packaging python") and " of " in text for text in seen)
        assert bench.state.spec.name == "demo.yml"
        assert bench.state.spec.problems == ()
        assert bench.state.walk == 0
        demo.skip_step(bench)
        assert bench.state.walk == 1
        demo.end_walk(bench)
        assert bench.state.walk == -1
        assert demo.refuse_walk(bench.state) == ""


async def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "mine.yml").write_text("dependencies: [python]\n")
    async with open_bench_at(tmp_path, folder) as bench:
        await demo.open_demo(bench)
        assert bench.state.walk == -1
        assert any("mine.yml already" in text for text in bench.said)
        assert [path.name for path in folder.iterdir()] == ["mine.yml"]
        assert bench.state.spec.name == "mine.yml", "the folder opens all the same"
        assert "not here" in demo.refuse_walk(bench.state)


@pytest.mark.parametrize("step", [10])
async def test_behind_the_last_step_the_walk_ends(tmp_path, step):
    async with open_bench_at(tmp_path, tmp_path) as bench:
        bench.change(walk=step)
        demo.skip_step(bench)
        assert bench.state.walk == -1
