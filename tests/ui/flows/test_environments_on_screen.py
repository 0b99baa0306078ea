"""The environments on the real screen, with the real desk, by keys."""

from pathlib import Path

import pytest

from envbench.ui.app import EnvbenchApp
from envbench.ui.environment_choice import row_key
from envbench.ui.lock_choice import chosen_offer
from envbench.ui.state import ENVIRONMENTS, LOCK
from tests.ui.waiting import screen_text, wait_for
from tests.workbench.conftest import make_box


async def test_keys_lead_from_the_list_to_locks_and_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    box = make_box(tmp_path, monkeypatch)
    box.build(box.write_spec("app=1"))
    box.write_spec("app", name="later")
    theirs = tmp_path / "home" / "miniforge3" / "envs" / "theirs"
    (theirs / "conda-meta").mkdir(parents=True)
    (theirs / "conda-meta" / "history").touch()
    app = EnvbenchApp(str(tmp_path), first_spec=str(tmp_path / "env.yml"))
    async with app.run_test(size=(140, 40)) as pilot:
        await wait_for(pilot, lambda: len(app.state.environments.value or ()) == 3)
        await wait_for(pilot, lambda: app.state.environment == "env")
        await pilot.press("escape", "5")
        await wait_for(pilot, lambda: app.state.details.about == "env" and app.state.details.value)
        await wait_for(pilot, lambda: app.state.selected.get(ENVIRONMENTS) == row_key("env"))
        await wait_for(pilot, lambda: "env   ● live  ○ kept" in screen_text(app))

        # Moving the cursor changes no other pane; what cannot be changed says why.
        await pilot.press("down")
        await wait_for(pilot, lambda: "theirs" in app.state.selected[ENVIRONMENTS])
        assert app.state.environment == "env"
        await pilot.press("D")
        await wait_for(pilot, lambda: "theirs: made by conda" in screen_text(app))

        await pilot.press("4")
        await wait_for(pilot, lambda: app.state.place == LOCK and app.state.locks.value)
        await wait_for(pilot, lambda: "2 conda, 0 pip" in screen_text(app))
        for _ in range(20):
            if chosen_offer(app.state).format == "explicit":
                break
            await pilot.press("down")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "@EXPLICIT" in screen_text(app))
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.state.selected.get(LOCK) == "explicit")
        await pilot.press("l")
        await wait_for(pilot, lambda: (tmp_path / "explicit.txt").exists())
        await wait_for(pilot, lambda: "1 on disk" in screen_text(app))
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.state.place != LOCK)


async def test_a_plan_is_locked_before_anything_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Solve, look at what each format loses, write; the lock says what a build would install."""
    box = make_box(tmp_path, monkeypatch)
    spec = box.write_spec("app", name="later")
    app = EnvbenchApp(str(tmp_path), first_spec=str(spec))
    async with app.run_test(size=(140, 40)) as pilot:
        await wait_for(pilot, lambda: app.state.environment == "later")
        await wait_for(pilot, lambda: app.state.environments.value)
        await pilot.press("escape", "4")
        await wait_for(pilot, lambda: "later is not built yet" in screen_text(app))
        await pilot.press("s")
        await wait_for(pilot, lambda: app.state.solve.value is not None)
        await pilot.press("l")
        await wait_for(pilot, lambda: app.state.locks.value and app.state.locks.value.spec)
        await wait_for(
            pilot, lambda: "the plan of later.yml, nothing is installed" in screen_text(app)
        )
        for _ in range(20):
            if chosen_offer(app.state).format == "conda-lock":
                break
            await pilot.press("down")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "content_hash" in screen_text(app))
        await pilot.press("l")
        await wait_for(pilot, lambda: (tmp_path / "conda-lock.yml").is_file())
        await wait_for(pilot, lambda: "Wrote conda-lock.yml" in screen_text(app))
    text = (tmp_path / "conda-lock.yml").read_text()
    assert "name: app\n  version: '2.0'" in text
    assert f"envbench lock {spec.name} --format conda-lock -o conda-lock.yml" in "\n".join(
        done.command for done in app.state.done
    )
    assert not box.path("later").exists()
