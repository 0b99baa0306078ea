"""What makes the screen lay itself out anew: not a cursor, not a fact that fits where it stands."""

from pathlib import Path

import pytest
from textual.screen import Screen

from envbench.ui.app import EnvbenchApp
from envbench.ui.state import INSPECTION, SPECS, Fact, Told
from tests.ui.waiting import wait_for
from tests.workbench.conftest import make_box


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each layout while the app works."""
    noted: list[str] = []
    lay_out = Screen._refresh_layout

    def note(screen: Screen, *given: object, **named: object) -> None:
        noted.append(type(screen).__name__)
        lay_out(screen, *given, **named)

    monkeypatch.setattr(Screen, "_refresh_layout", note)
    return noted


async def test_moving_a_cursor_lays_nothing_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layouts: list[str]
):
    make_box(tmp_path, monkeypatch)
    app = EnvbenchApp(str(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for(
            pilot, lambda: app.state.specs.value and app.state.environments.value is not None
        )
        await wait_for(pilot, lambda: app.state.box.value and app.state.jobs.value)
        await wait_for(pilot, lambda: not app.state.environments.working)
        app.focus_pane(SPECS)
        await wait_for(pilot, lambda: app.state.focus == SPECS)
        await pilot.pause(0.3)
        before = app.state.selected.get(SPECS)
        assert layouts, "the start does lay out"
        layouts.clear()
        await pilot.press("down", "down", "up")
        await wait_for(pilot, lambda: app.state.selected.get(SPECS) != before)
        # Something else that comes, and is said.
        app.change(told=(Told("said", "ok"),), inspection=Fact(working="asking"))
        await wait_for(pilot, lambda: "asking" in str(app.bench_screen.pane(INSPECTION).view))
        await pilot.pause(0.1)
        assert layouts == []
