"""A pane of rows: keys, mouse, filter, sizes, and that nothing is painted for nothing."""

from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown
from textual.geometry import Region
from textual.widgets import Input

from envbench.ui.ink import ink
from envbench.ui.pane_view import PaneView, Row, note, text_row
from envbench.ui.widgets.row_pane import RowPane
from tests.ui.waiting import screen_text, wait_for


class CountingPane(RowPane):
    """Counts what it asks to be painted."""

    paints = 0

    def refresh(self, *regions: Region, **options: Any) -> RowPane:
        self.paints += 1
        super().refresh(*regions, **options)
        return self


class PaneApp(App[None]):
    CSS = "RowPane { border: round white; height: 1fr; }"

    def __init__(self, view: PaneView) -> None:
        super().__init__()
        self.view = view
        self.moved: list[str] = []
        self.chosen: list[str] = []
        self.escaped = 0

    def compose(self) -> ComposeResult:
        yield CountingPane(id="pane")
        yield Input(id="other")

    def on_mount(self) -> None:
        self.pane.show_view(self.view)
        self.pane.focus()

    @property
    def pane(self) -> CountingPane:
        return self.query_one(CountingPane)

    def on_row_pane_moved(self, message: RowPane.Moved) -> None:
        self.moved.append(message.key)

    def on_row_pane_chosen(self, message: RowPane.Chosen) -> None:
        self.chosen.append(message.key)

    def key_escape(self) -> None:
        self.escaped += 1


def numbers(count: int, **parts: Any) -> PaneView:
    return PaneView(
        "Numbers", rows=tuple(text_row(f"k{n}", f"row {n}") for n in range(count)), **parts
    )


async def test_keys_move_the_cursor_and_it_stays_in_sight():
    app = PaneApp(numbers(50))
    async with app.run_test(size=(40, 15)) as pilot:
        await pilot.press("down", "down", "n", "N", "up")
        assert app.pane.selected == "k1"
        await pilot.press("end")
        assert app.pane.selected == "k49"
        assert "row 49" in screen_text(app)
        assert "50/50" in screen_text(app)
        await pilot.press("pageup")
        assert app.pane.selected not in {"k49", "k0"}
        await pilot.press("home")
        assert app.pane.selected == "k0"
        await pilot.press("down", "enter")
        assert app.chosen == ["k1"]
        assert app.moved[-1] == "k1"


async def test_a_filter_takes_letters_until_escape():
    app = PaneApp(numbers(30))
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.press("slash", "2", "9")
        assert app.pane.selected == "k29"
        assert "1 of 30" in screen_text(app)
        await pilot.press("backspace")
        assert [row.key for row in app.pane.list.shown] == [
            "k2",
            "k12",
            *(f"k{n}" for n in range(20, 30)),
        ]
        await pilot.press("x")
        assert app.pane.selected == ""
        assert app.moved[-1] == ""
        await pilot.press("enter")
        assert app.chosen == []
        await pilot.press("escape")
        assert len(app.pane.list.shown) == 30
        assert app.pane.selected == "k29"
        assert app.escaped == 0
        await pilot.press("escape")
        assert app.escaped == 1


async def test_enter_ends_the_writing_of_a_filter_and_letters_are_verbs_again():
    app = PaneApp(numbers(30))
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.press("slash", "7", "enter")
        assert app.chosen == ["k7"]
        assert not app.pane.is_filtering
        await pilot.press("n")
        assert app.pane.selected == "k17"
        assert len(app.pane.list.shown) == 3


async def test_the_cursor_follows_its_row_when_others_come_and_go():
    app = PaneApp(numbers(9))
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press(*["down"] * 4)
        app.pane.show_view(PaneView("Numbers", rows=(text_row("new", "new"), *numbers(9).rows[2:])))
        assert app.pane.selected == "k4"
        app.pane.show_view(PaneView("Numbers", rows=numbers(3).rows))
        await pilot.pause()
        assert app.pane.selected == "k2"
        assert app.moved[-1] == "k2"
        app.pane.show_view(PaneView("Numbers", empty=(ink("nothing is here"),)))
        await pilot.pause()
        assert app.moved[-1] == ""
        assert "nothing is here" in screen_text(app)


async def test_the_same_view_paints_nothing():
    app = PaneApp(numbers(9))
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        app.pane.paints = 0
        app.pane.show_view(numbers(9))
        app.pane.select("k0")
        app.pane.aim("k0")
        app.pane.aim("not there")
        await pilot.pause()
        assert app.pane.paints == 0
        app.pane.show_view(numbers(8))
        assert app.pane.paints


async def test_a_click_selects_and_a_double_click_opens():
    view = numbers(20, top=(ink("heading"),))
    app = PaneApp(view)
    async with app.run_test(size=(40, 15)) as pilot:
        await pilot.click("#pane", offset=(4, 4))
        assert app.pane.selected == "k2"
        assert app.chosen == []
        await pilot.click("#pane", offset=(4, 4), times=2)
        assert app.chosen[-1:] == ["k2"]
        await pilot.click("#pane", offset=(4, 0))
        await pilot.click("#pane", offset=(4, 1))
        assert app.pane.selected == "k2"


async def test_the_wheel_moves_the_window_and_not_the_cursor():
    app = PaneApp(numbers(40))
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot._post_mouse_events([MouseScrollDown], "#pane")
        assert app.pane.list.top == 3
        assert app.pane.selected == "k0"
        await pilot.press("down")
        assert "row 1" in screen_text(app)


async def test_arrows_go_on_to_what_is_said_below_the_last_row():
    said = Row("said", tuple(ink(f"said {n}") for n in range(30)), selectable=False)
    app = PaneApp(PaneView("Text", rows=(text_row("k0", "row 0"), said)))
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.press("down", "down")
        assert app.pane.list.top == 2 and app.pane.selected == "k0"
        await pilot.press("end")
        assert "said 29" in screen_text(app)
        await pilot.press("home")
        assert "row 0" in screen_text(app)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 4), (20, 3), (200, 60)])
async def test_every_size_draws(size):
    view = numbers(30, top=(ink("top"),) * 3, bottom=(ink("bottom"),) * 4, keys="a new", badge="3")
    app = PaneApp(view)
    async with app.run_test(size=size) as pilot:
        await pilot.press("down", "end", "slash", "1", "escape", "pageup", "enter")
        app.pane.show_view(PaneView("empty"))
        await pilot.press("down", "enter")
        await pilot.pause()


async def test_a_smaller_window_keeps_the_cursor_in_sight():
    app = PaneApp(numbers(40))
    async with app.run_test(size=(40, 30)) as pilot:
        await pilot.press(*["down"] * 20)
        await pilot.resize_terminal(40, 10)
        await wait_for(pilot, lambda: "row 20" in screen_text(app))


async def test_what_cannot_be_selected_is_passed_over():
    rows = (
        note("samples", key="h"),
        text_row("a", "a"),
        note("recent", key="r"),
        Row("b", (ink("b"), ink("more"))),
    )
    app = PaneApp(PaneView("Mixed", rows=rows))
    async with app.run_test(size=(40, 12)) as pilot:
        assert app.pane.selected == "a"
        await pilot.press("down")
        assert app.pane.selected == "b"
        await pilot.click("#pane", offset=(3, 1))
        assert app.pane.selected == "b"
        await pilot.click("#pane", offset=(3, 2))
        assert app.pane.selected == "a"


async def test_markup_in_rows_and_titles_is_text():
    hostile = "[/oops] [@click=app.quit]x[/]"
    view = PaneView(hostile, badge=hostile, rows=(text_row("a", hostile),), keys=hostile)
    app = PaneApp(view)
    async with app.run_test(size=(120, 12)) as pilot:
        await pilot.pause()
        assert screen_text(app).count("[/oops]") >= 3
