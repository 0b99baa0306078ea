"""A bar tells which piece was hit, and paints only what is new."""

import pytest
from textual.app import App, ComposeResult

from envbench.ui.ink import ink
from envbench.ui.widgets.line_bar import LineBar
from tests.ui.waiting import screen_text


class BarApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.hits: list[str] = []

    def compose(self) -> ComposeResult:
        yield LineBar(id="bar")

    def on_mount(self) -> None:
        self.query_one(LineBar).styles.height = 2
        self.query_one(LineBar).show_lines(
            [ink(" ", ("1", "accent"), (" Spec", "dim"), "  ", ("日本", "ok"), "end"), ink("two")]
        )

    def on_line_bar_hit(self, message: LineBar.Hit) -> None:
        self.hits.append(message.piece.text)


@pytest.mark.parametrize(
    ("x", "y", "hit"),
    [(0, 0, " "), (1, 0, "1"), (2, 0, " Spec"), (6, 0, " Spec"), (9, 0, "日本"), (12, 0, "日本"),
     (13, 0, "end"), (30, 0, None), (1, 1, "two")],
)  # fmt: skip
async def test_a_click_tells_the_piece(x, y, hit):
    app = BarApp()
    async with app.run_test(size=(40, 4)) as pilot:
        await pilot.click("#bar", offset=(x, y))
        assert app.hits == ([] if hit is None else [hit])


async def test_it_draws_and_cuts_at_any_width():
    app = BarApp()
    async with app.run_test(size=(40, 4)) as pilot:
        assert screen_text(app).splitlines()[0].startswith(" 1 Spec  日本end")
        await pilot.resize_terminal(3, 2)
        await pilot.pause()
        await pilot.resize_terminal(1, 1)
        await pilot.pause()
