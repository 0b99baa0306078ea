"""Questions, choices and forms: the default loses nothing, and they fit every screen."""

from typing import Any

import pytest
from textual import events
from textual.app import App
from textual.widgets import Input

from envbench.ui.ink import plain
from envbench.ui.screens.choice import Choice
from envbench.ui.screens.dialog import Dialog, break_detail
from envbench.ui.screens.form import Form
from envbench.ui.screens.question import Question
from tests.ui.waiting import screen_text, wait_for

NOTHING = object()
LONG = "A very long explanation of what will be lost, with a /path/that/has/no/blank/at/all/" * 3
OPTIONS = (("keep", "Go on editing"), ("mine", "Write mine"), ("theirs", "Take what is on disk"))
FIELDS = (("name", "package", "numpy"), ("version", "version", ""), ("build", "build", ""))


class AskingApp(App[None]):
    CSS = "$ink-dim: grey; RowPane { width: 1fr; }"

    def __init__(self, dialog: Dialog[Any]) -> None:
        super().__init__()
        self.dialog = dialog
        self.answer: Any = NOTHING

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.take)

    def take(self, answer: Any) -> None:
        self.answer = answer


async def press(dialog: Dialog[Any], *keys: str, size: tuple[int, int] = (80, 24)) -> Any:
    app = AskingApp(dialog)
    async with app.run_test(size=size) as pilot:
        await wait_for(
            pilot, lambda: (app.screen is dialog and dialog.focused) or isinstance(dialog, Question)
        )
        await pilot.press(*keys)
        await pilot.pause()
        return app.answer


@pytest.mark.parametrize("key", ["enter", "escape", "n", "N", "q"])
async def test_no_is_the_default(key):
    assert await press(Question("Delete lab?", ["5 GB"]), key) is False


@pytest.mark.parametrize("key", ["x", "space", "Y", "down", "tab"])
async def test_a_slip_answers_nothing(key):
    assert await press(Question("Delete lab?"), key) is NOTHING


async def test_only_the_key_named_means_yes():
    assert await press(Question("Delete lab?"), "y") is True
    assert await press(Question("Delete all?", yes="D"), "y") is NOTHING
    assert await press(Question("Delete all?", yes="D"), "D") is True


async def test_a_choice_by_digit_by_cursor_and_not_at_all():
    assert await press(Choice("How?", OPTIONS), "3") == "theirs"
    assert await press(Choice("How?", OPTIONS), "down", "enter") == "mine"
    assert await press(Choice("How?", OPTIONS), "enter") == "keep"
    assert await press(Choice("How?", OPTIONS), "escape") is None
    assert await press(Choice("How?", OPTIONS), "7") is NOTHING


async def test_a_choice_of_many_has_digits_up_to_nine():
    many = [(f"k{n}", f"option {n}") for n in range(1, 14)]
    assert await press(Choice("Which?", many), "9") == "k9"
    assert await press(Choice("Which?", many), "end", "enter") == "k13"
    assert await press(Choice("Which?", many), "slash", "1", "2", "enter") == "k12"


async def test_a_click_and_enter_take_an_option():
    app = AskingApp(Choice("How?", OPTIONS))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: "Take what" in screen_text(app))
        await pilot.click("#options", offset=(3, 2))
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == "theirs"


async def test_enter_goes_through_a_form_and_takes_it():
    answer = await press(Form("New", FIELDS), "enter", "1", ".", "2", "enter", "enter")
    assert answer == {"name": "numpy", "version": "1.2", "build": ""}
    assert await press(Form("New", FIELDS), "x", "escape") is None
    answer = await press(Form("New", FIELDS), "down", "9", "up", "s", "enter", "enter", "enter")
    assert answer == {"name": "numpys", "version": "9", "build": ""}


async def test_letters_in_a_form_are_text():
    answer = await press(Form("New", FIELDS[1:2]), *"qn1/?", "enter")
    assert answer == {"version": "qn1/?"}


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (56, 16), (80, 24), (200, 60)])
async def test_dialogs_draw_at_every_size(size):
    for dialog in (
        Question(LONG, [LONG] * 30),
        Choice(LONG, [("a", LONG), ("b", LONG)], [LONG] * 30),
        Form(LONG, FIELDS, [LONG] * 30),
    ):
        app = AskingApp(dialog)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await pilot.resize_terminal(size[0] + 3, size[1] + 1)
            await pilot.pause()
            await pilot.press("escape")
            await wait_for(pilot, lambda app=app: app.answer is not NOTHING)


@pytest.mark.parametrize("size", [(56, 16), (80, 24), (120, 40)])
async def test_what_must_be_answered_is_seen_before_the_details(size):
    app = AskingApp(Choice("The file has changed", OPTIONS, [f"-{n} line" for n in range(60)]))
    async with app.run_test(size=size) as pilot:
        await wait_for(pilot, lambda: "Take what is on disk" in screen_text(app))
        text = screen_text(app)
        assert "The file has changed" in text
        assert "Esc back" in text
        assert "more lines" in text


async def test_a_diff_and_hostile_words_are_literal():
    app = AskingApp(Question("[/oops] [@click=app.quit]x[/]", ["+ [bold]y[/bold]", "- \x1b[2Jz"]))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: "[@click=app.quit]" in screen_text(app))
        assert "[bold]y[/bold]" in screen_text(app)
        assert "\x1b" not in screen_text(app)


async def test_a_form_has_its_values_and_the_first_field_has_the_keys():
    dialog = Form("New", FIELDS)
    app = AskingApp(dialog)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: dialog.focused is not None)
        assert [field.value for field in dialog.query(Input)] == ["numpy", "", ""]
        assert dialog.focused is dialog.query(Input).first()
        for label in ("package", "version", "build"):
            assert label in screen_text(app)


def test_blanks_at_the_head_of_details_stay():
    lines = break_detail("   - python=3.11", 40)
    assert [plain(line) for line in lines] == ["   - python=3.11"]
    long = break_detail("  " + "word " * 30, 20)
    assert len(long) > 5
    assert all(plain(line).startswith("  word") and len(plain(line)) <= 20 for line in long)
    assert break_detail("", 20) == ((),)


async def test_keys_that_come_in_one_go_reach_the_fields_they_are_meant_for():
    app = AskingApp(Form("New", [("name", "package", ""), ("version", "version", "")]))
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.screen is app.dialog and app.dialog.focused)
        for key in (*"rich", "enter", *"15", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await wait_for(pilot, lambda: app.answer is not NOTHING)
    assert app.answer == {"name": "rich", "version": "15"}
