"""The app around the panes: places, columns, overlays, questions, verbs that are pressed twice."""

import asyncio
from pathlib import Path

import pytest

from envbench.ui.commands.catalogue import COMMANDS, by_id
from envbench.ui.commands.command import Command
from envbench.ui.panels.specs_panel import SpecsPanel
from envbench.ui.screens.help import Help
from envbench.ui.screens.message_list import MessageList
from envbench.ui.screens.palette import Palette
from envbench.ui.state import BOX, EDITOR, INSPECTION, PLACES, PLAN, PROBLEMS, SETTINGS, SPEC, SPECS
from tests.ui.real_app import drive, set_private_environ


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    set_private_environ(monkeypatch, tmp_path)
    project = tmp_path / "project"
    project.mkdir()
    (project / "environment.yml").write_text("name: lab\ndependencies:\n  - python=3.12\n")
    (project / "second.yml").write_text("name: two\ndependencies:\n  - python=3.12\n")
    return project


async def test_every_place_comes_by_digit_and_by_click_and_help_knows_each(folder: Path):
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        for digit, place, name in PLACES:
            await it.press(digit)
            await it.until(
                lambda place=place: it.app.state.focus.startswith(place[:4]) or place == SPEC
            )
            await it.until(lambda place=place: it.app.bench_screen.pane(place) is not None)
            await it.press("question_mark")
            await it.until(lambda: isinstance(it.app.screen, Help))
            await it.until_shown("Keys")
            await it.press("escape")
            await it.answered()
            assert it.app.state.place == place
            await it.until_shown(f"{digit} {name.upper()}")
        line = next(row for row in it.text.splitlines() if "9 Settings" in row)
        await it.pilot.click("#tabs", offset=(line.index("9 Settings") + 3, 0))
        await it.until(lambda: it.app.state.place == SETTINGS and it.app.state.focus == SETTINGS)
        await it.pilot.click("#tabs", offset=(line.index("1 Spec") + 2, 0))
        await it.until(lambda: it.app.state.place == SPEC)


async def test_tab_goes_around_and_reaches_hidden_columns_at_every_width(folder: Path):
    async with drive(folder, size=(80, 24)) as it:
        await it.until_open("environment.yml")
        assert "samples" not in it.text
        await it.press("escape")
        await it.until(lambda: it.app.state.focus == SPECS)
        await it.until_shown("samples")
        await it.press("down", "enter")
        await it.until_open("second.yml")
        await it.until(lambda: it.app.state.focus == PROBLEMS)
        await it.until(lambda: "samples" not in it.text)
        seen = []
        for _ in range(4):
            await it.press("tab")
            seen.append(it.app.state.focus)
        assert seen == [INSPECTION, BOX, SPECS, PROBLEMS]
        await it.press("shift+tab")
        await it.until(lambda: it.app.state.focus == SPECS)
        await it.press("escape")
        await it.until(lambda: it.app.state.focus == PROBLEMS)


async def test_a_pane_that_a_smaller_window_hides_gives_the_keys_back(folder: Path):
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.press("tab")
        await it.until(lambda: it.app.state.focus == INSPECTION)
        await it.pilot.resize_terminal(60, 20)
        await it.until(lambda: it.app.focused is not None and it.app.focused.size.width > 0)
        await it.pilot.resize_terminal(120, 40)
        await it.until_shown("Specs")
        await it.press("z")
        await it.until(lambda: "╭─ Specs" not in it.text)
        await it.press("escape")
        await it.until_shown("╭─ Specs")


@pytest.mark.parametrize("size", [(1, 1), (20, 6), (39, 9), (56, 16)])
async def test_small_windows_open_and_answer(folder: Path, size: tuple[int, int]):
    async with drive(folder, size=size) as it:
        await it.until_open("environment.yml")
        for key in (
            "2",
            "escape",
            "1",
            "e",
            "x",
            "escape",
            "question_mark",
            "escape",
            "colon",
            "escape",
        ):
            await it.press(key)
        assert it.app.is_running
        await it.pilot.resize_terminal(120, 40)
        await it.until_shown("environment.yml")


async def test_the_palette_runs_what_is_found_and_says_why_others_are_off(folder: Path):
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.press("colon")
        await it.until(lambda: isinstance(it.app.screen, Palette))
        await it.press(*"zoom", "enter")
        await it.until(lambda: it.app.state.zoomed)
        await it.press("z", "colon")
        await it.until(lambda: isinstance(it.app.screen, Palette))
        await it.press(*"copy command")
        await it.until_shown("off: nothing was done yet")
        await it.press("enter")
        await it.until(lambda: "copy command is off" in it.said)
        await it.press("colon")
        await it.until(lambda: isinstance(it.app.screen, Palette))
        await it.press(*"messages", "enter")
        await it.until(lambda: isinstance(it.app.screen, MessageList))
        await it.until_shown("copy command is off: nothing was done yet")
        await it.press("q")
        await it.answered()
        await it.press("colon")
        await it.until(lambda: isinstance(it.app.screen, Palette))
        await it.press(*"qqqq")
        await it.until_shown("No verb has this")
        await it.press("escape")
        await it.answered()
        assert it.app.state.focus == PROBLEMS


async def test_the_keys_come_back_to_the_pane_that_had_them(folder: Path):
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.edit()
        await it.press("f1")
        await it.until(lambda: isinstance(it.app.screen, Help))
        await it.press("escape")
        await it.answered()
        await it.until(lambda: it.code.has_focus)
        assert it.app.state.focus == EDITOR
        await it.press("a")
        await it.until(lambda: "aname" in it.code.text)


class Slow(Command):
    """Takes its time."""

    title = "slow"

    def __init__(self) -> None:
        self.runs = 0
        self.gate = asyncio.Event()

    async def run(self, bench: object) -> None:
        self.runs += 1
        await self.gate.wait()


class Faulty(Command):
    """Breaks."""

    title = "faulty"

    async def run(self, bench: object) -> None:
        raise KeyError("odd")


async def test_a_verb_at_work_is_not_begun_again_and_a_broken_one_ends_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with drive(folder) as it:
        slow = Slow()
        it.app.run_command(slow)
        await it.until(lambda: slow.runs == 1)
        it.app.run_command(slow)
        await it.until(lambda: "slow is still at work" in it.said)
        assert slow.runs == 1
        slow.gate.set()
        await it.until(lambda: not it.app.is_at_work("verb-slow"))
        it.app.run_command(slow)
        await it.until(lambda: slow.runs == 2)
        it.app.run_command(Faulty())
        await it.until(lambda: "KeyError" in it.said and "Please report it" in it.said)
        assert it.app.is_running


async def test_a_pane_that_cannot_draw_says_so_and_the_rest_goes_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> None:
        raise ValueError("odd")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(SpecsPanel, "describe", fail)
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.until_shown("A fault of envbench")
        await it.press("2")
        await it.until(lambda: it.app.state.focus == PLAN)


async def test_a_question_goes_when_whoever_asked_is_stopped(folder: Path):
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        answers: list[object] = []

        async def ask() -> None:
            answers.append(await it.app.choose("Which?", [("a", "one"), ("b", "two")]))

        it.app.begin("asking", ask())
        await it.asked("Which?")
        assert it.app.stop("asking")
        await it.answered()
        assert answers == []
        it.app.begin("asking", ask())
        await it.asked("Which?")
        it.app.leave()
    assert not it.app._work.names


async def test_leaving_with_unsaved_work_asks_and_the_last_key_counts(folder: Path):
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.edit()
        await it.press("x", "ctrl+q")
        await it.asked("environment.yml has unsaved work")
        await it.press("escape")
        await it.answered()
        assert it.app.is_running
        await it.press("ctrl+q")
        await it.asked("environment.yml has unsaved work")
        await it.press("2")
        await it.until(lambda: it.app._exit)
    assert (folder / "environment.yml").read_text().startswith("x")
    assert it.app.return_code == 0


async def test_fast_keys_of_the_cursor_lose_no_step(folder: Path):
    for number in range(40):
        (folder / f"s{number:02}.yml").write_text("name: x\ndependencies:\n  - python=3.12\n")
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.press("escape")
        await it.until(lambda: it.app.state.focus == SPECS)
        pane = it.app.bench_screen.query_one(SpecsPanel)
        keys = [row.key for row in pane.list.shown if row.selectable]
        assert len(keys) > 40, keys
        await it.press("home", *["down"] * 25, *["up"] * 5)
        await it.until(lambda: pane.selected == keys[20])
        await it.until(lambda: it.app.state.selected[SPECS] == keys[20])
        assert pane.selected == keys[20]


async def test_every_verb_can_be_pressed_on_an_empty_folder(folder: Path):
    for file in folder.iterdir():  # noqa: ASYNC240
        file.unlink()
    async with drive(folder) as it:
        await it.until(lambda: it.app.state.environments.value is not None)
        for command in COMMANDS:
            if command.id in {"quit", "suspend"}:
                continue
            it.app.run_command(by_id(command.id))
            await it.pilot.pause()
            for _ in range(3):
                if len(it.app.screen_stack) > 1:
                    await it.press("escape")
        await it.until(lambda: it.app.is_running)
        assert "A fault of envbench" not in it.said
