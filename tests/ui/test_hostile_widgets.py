"""Every kind of widget of the screen with hostile text: shown literally, nothing runs, nothing ends it.

What is looked at are the cells as they leave for the terminal, and a spy where a click would act.
"""

import pytest
from textual.app import App

from envbench.ui.ink import ink
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.screens.choice import Choice
from envbench.ui.screens.form import Form
from envbench.ui.screens.message_list import MessageList
from envbench.ui.screens.palette import Palette
from envbench.ui.screens.question import Question
from envbench.ui.screens.theme_picker import describe_picker
from envbench.ui.state import ScreenState, Told
from envbench.ui.terminal.output_filter import install_filter
from envbench.ui.themes.listing import ThemeRow
from envbench.ui.widgets.line_bar import LineBar
from envbench.ui.widgets.row_pane import RowPane
from envbench.ui.widgets.spec_editor.completion import Completion
from envbench.ui.widgets.spec_editor.spec_editor import SpecEditor
from tests.ui.waiting import screen_text, wait_for

MARKUP = "[/oops][@click=app.spy]click[/][bold red]x[/"
BAD = f"{MARKUP}\x1b]52;c;T1dORUQ=\x07\x1b[2J\x9b31m\u202e\u2066\u200b\udc80\ufeff\x05\\"
LITERAL = "[@click=app.spy]click[/]"


class SpyApp(App[None]):
    """Notes when markup acts."""

    CSS = "RowPane { height: 12; border: round white; } SpecEditor { height: 12; }"

    def __init__(self, *widgets) -> None:
        super().__init__()
        self.widgets = widgets
        self.spied = 0
        install_filter(self)

    def compose(self):
        yield from self.widgets

    def action_spy(self):
        self.spied += 1


async def show(app, pilot, text=LITERAL):
    """Wait for a text; all that is drawn then must be printable, and no cell may hold an action."""
    await wait_for(pilot, lambda: text in screen_text(app))
    lines = screen_text(app).split("\n")
    assert all(line.isprintable() for line in lines), [x for x in lines if not x.isprintable()]
    for y, line in enumerate(lines):
        x = line.find("click=")
        if x >= 0:
            assert "@click" not in app.screen.get_style_at(x, y).meta
            await pilot.click(offset=(x + len("click=app.spy]") + 1, y))
    assert app.spied == 0


def hostile_view():
    rows = (Row(BAD, (ink(BAD), ink((BAD, "error")))), Row("b", (ink("b"),)))
    top, bottom = (ink(("top", "bold"), BAD),), (ink(BAD),)
    return PaneView(BAD, BAD, "error", top, rows, (), bottom, BAD)


async def test_rows_titles_badges_and_filters():
    pane = RowPane(id="rows")
    app = SpyApp(pane)
    async with app.run_test(size=(170, 20)) as pilot:
        pane.show_view(hostile_view())
        pane.focus()
        await show(app, pilot)
        title = next(line for line in screen_text(app).split("\n") if line.startswith("╭"))
        assert title.count(LITERAL) == 2
        assert LITERAL in next(x for x in screen_text(app).split("\n") if x.startswith("╰"))
        await pilot.press("slash", *"[/oops]")
        await show(app, pilot, "/[/oops]")
        pane.show_view(PaneView(BAD, empty=(ink(BAD),)))
        await show(app, pilot)


async def test_bars():
    bar = LineBar(id="header")
    app = SpyApp(bar)
    async with app.run_test(size=(170, 6)) as pilot:
        bar.show_lines([ink((BAD, "accent"), BAD)])
        await show(app, pilot)


@pytest.mark.parametrize(
    "screen",
    [
        lambda: Question(f"Delete {BAD}?", [BAD, BAD]),
        lambda: Choice(BAD, [("a", BAD), (BAD, BAD)], [BAD]),
        lambda: Form(BAD, [("name", BAD, BAD), ("other", BAD, "")], [BAD]),
        lambda: MessageList(ScreenState(directory=BAD, told=(Told(BAD, "error", "12:00:00"),))),
    ],
    ids=["question", "choice", "form", "messages"],
)
async def test_questions_and_lists(screen):
    app = SpyApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await app.push_screen(screen())
        await show(app, pilot, "[@click=app.spy]")


async def test_a_form_gives_back_what_it_was_given():
    app = SpyApp()
    answers = []
    async with app.run_test(size=(120, 40)) as pilot:
        await app.push_screen(Form("t", [("name", "label", MARKUP)]), answers.append)
        await wait_for(pilot, lambda: MARKUP in screen_text(app))
        await pilot.press("enter")
        await wait_for(pilot, lambda: answers)
    assert answers == [{"name": MARKUP}]


async def test_the_palette_takes_any_letters():
    app = SpyApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await app.push_screen(Palette(ScreenState(directory=BAD)))
        await pilot.press(*"[/oops]")
        await show(app, pilot, "No verb has this")


async def test_themes_of_strangers():
    row = ThemeRow(name=BAD, title=BAD, source=BAD, description=BAD, is_usable=False, fault=BAD)
    pane = RowPane(id="rows")
    app = SpyApp(pane)
    async with app.run_test(size=(170, 20)) as pilot:
        pane.show_view(describe_picker((row,), BAD, "x", 160))
        await show(app, pilot)


async def test_the_editor_its_offers_and_its_search():
    editor = SpecEditor(id="editor")
    app = SpyApp(editor)
    async with app.run_test(size=(170, 20)) as pilot:
        editor.focus()
        text = f"name: a\n{BAD}\n- x"
        editor.load(text, BAD)
        await show(app, pilot)
        assert editor.text == text
        await pilot.press("ctrl+end")
        offers = [Completion(f"x{BAD}", f"x{BAD}", BAD, 2), Completion("xy", "xy", "", 2)]
        editor.show_completions(offers, editor.version)
        await show(app, pilot, "[@click=app.spy]")
        await pilot.press("escape", "ctrl+f", *"[/oops]")
        await show(app, pilot, "1 of 1")


async def test_toasts():
    app = SpyApp()
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        app.notify(BAD, markup=False)
        await show(app, pilot, "[@click=app.spy]")
