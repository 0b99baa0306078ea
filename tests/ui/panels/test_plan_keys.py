"""The plan in the real app, by keys only."""

from pathlib import Path

import pytest

from envbench.ui.app import EnvbenchApp
from envbench.ui.flows import specs
from envbench.ui.state import EDITOR, PLAN, SPEC
from envbench.ui.widgets.row_pane import RowPane
from tests.channels import index_channel, make_package
from tests.ui.waiting import screen_text, wait_for

SPEC_TEXT = """\
name: lab
channels:
  - {channel}
dependencies:
  - zlib
  - app={version}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("STATE", "CACHE", "ENVS", "CONFIG"):
        monkeypatch.setenv(f"ENVBENCH_{name}_DIR", str(tmp_path / name.lower()))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    channel = tmp_path / "channel"
    make_package(channel, "zlib", "1.3", files={"share/zlib.txt": "zlib\n"})
    make_package(channel, "app", "2.0", depends=["zlib >=1"], files={"share/app.txt": "app\n"})
    index_channel(channel)
    project = tmp_path / "project"
    project.mkdir()
    text = SPEC_TEXT.format(channel=channel.as_uri(), version="2.*")
    (project / "environment.yml").write_text(text)
    return project


async def test_a_plan_and_then_a_conflict_by_keys(folder: Path):
    app = EnvbenchApp(str(folder))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for(pilot, lambda: app.state.spec is not None and app.state.spec.checked >= 0)
        await pilot.press("s")
        await wait_for(pilot, lambda: "SAFE TO BUILD" in screen_text(app))
        assert "your lines ask for 2" in screen_text(app)
        foot = screen_text(app).splitlines()[-1]
        assert "w why" in foot
        assert "b build" in foot

        await pilot.press("down", "w")
        await wait_for(pilot, lambda: "app=2.* needs zlib >=1" in screen_text(app))

        path = folder / "environment.yml"
        path.write_text(path.read_text().replace("2.*", "3.*"))
        await wait_for(pilot, lambda: "SPEC CHANGED" in screen_text(app))
        await pilot.press("b")
        await wait_for(pilot, lambda: "build is off: the spec changed" in screen_text(app))

        await specs.reload(app)
        await pilot.press("s")
        await wait_for(pilot, lambda: "NO SOLUTION" in screen_text(app))
        assert "1 of your 2 lines asks" in screen_text(app)
        await wait_for(pilot, lambda: app.state.fixes.value is not None)
        await pilot.press("t")
        pane = app.query_one(f"#{PLAN}", RowPane)
        await wait_for(pilot, lambda: pane.selected == "text:0")
        await pilot.press("escape")
        await wait_for(pilot, lambda: not app.state.plan_face.is_aside)
        await pilot.press("home", "enter")
        await wait_for(pilot, lambda: app.state.place == SPEC and app.state.focus == EDITOR)
        assert app.editor.cursor_line == 6
