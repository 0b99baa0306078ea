# ruff: noqa: RUF001 - the marks are those of the screen

"""What the editor draws."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envbench.model.problem import Severity
from envbench.ui.widgets.spec_editor import SpecEditor
from tests.ui.waiting import screen_text, wait_for
from tests.ui.widgets.spec_editor_app import SPEC, EditorApp, problem

HOSTILE = "\x1b[2J\x1b]52;c;aGk=\x07\x9b31m\u202e\u2066\u200b\ud800\x00\x7f\r\x0b\u2028"


def rows(app: EditorApp) -> list[str]:
    return [line.rstrip() for line in screen_text(app).split("\n")]


def drawn(editor: SpecEditor) -> str:
    """Give what the strips of the editor hold, as they leave it."""
    height = editor.size.height
    return "".join(s.text for y in range(height) for s in editor.render_line(y))


async def test_lines_have_numbers_and_marks_and_the_cursor_line_its_note() -> None:
    app = EditorApp()
    async with app.run_test(size=(60, 20)) as pilot:
        editor = app.editor
        editor.show_problems(
            [
                problem(SPEC, "defaults", "terms of service apply", severity=Severity.WARNING),
                problem(SPEC, "pytorch::torch", "no package torch", fix="pytorch", hint="a hint"),
                problem(SPEC, "python", "old", severity=Severity.INFO),
            ],
            editor.version,
        )
        await pilot.pause()
        assert rows(app)[:9] == [
            "  1  name: ai_dev_env",
            "  2  channels:",
            "▲ 3    - defaults",
            "  4    - conda-forge",
            "  5  dependencies:",
            "i 6    - python=3.9",
            "× 7    - pytorch::torch",
            "  8    - tensorflow=2.13.1  # why",
            "  9",
        ]
        editor.move_cursor((6, 6))
        await pilot.pause()
        assert rows(app)[6] == "× 7    - pytorch::torch"
        note = "     ╰ no package torch (a hint)"
        assert rows(app)[7] == note + "^O write pytorch".rjust(60 - len(note))
        assert rows(app)[8] == "  8    - tensorflow=2.13.1  # why"
        await pilot.press("down")
        assert rows(app)[7] == "  8    - tensorflow=2.13.1  # why"


async def test_the_place_of_a_problem_is_underlined() -> None:
    app = EditorApp()
    async with app.run_test(size=(60, 20)):
        editor = app.editor
        editor.show_problems([problem(SPEC, "torch\n"[:-1])], editor.version)
        lined = [s for s in editor.render_line(6) if s.style and s.style.underline]
        assert "".join(s.text for s in lined) == "torch"
        base = next(s.style for s in editor.render_line(6) if "-" in s.text)
        assert lined[0].style is not None and base is not None
        assert lined[0].style.color != base.color


async def test_problems_of_an_older_text_are_left_out() -> None:
    app = EditorApp()
    async with app.run_test() as pilot:
        editor = app.editor
        old = editor.version
        await pilot.press("x")
        assert editor.version > old
        editor.show_problems([problem(SPEC, "python")], old)
        assert not editor.marks.placed
        editor.show_problems([problem(editor.text, "python")], editor.version)
        assert len(editor.marks.placed) == 1
        editor.move_cursor((0, 0))
        await pilot.press("enter")
        assert [one.row for one in editor.marks.placed] == [6]


async def test_colours_come_after_the_first_paint_and_change_with_the_text() -> None:
    app = EditorApp("name: x  # why\n")
    async with app.run_test(size=(40, 10)) as pilot:
        editor = app.editor
        assert editor._colours is None
        await wait_for(pilot, lambda: editor._colours is not None)
        styles = {s.text: s.style for s in editor.render_line(0)}
        assert styles["# why"] != styles[" x  "]
        editor.move_cursor((0, 6))
        await pilot.press("#", "space")
        styles = {s.text: s.style for s in editor.render_line(0)}
        assert "  # why" in styles  # the comment begins before the cursor now


async def test_without_the_grammar_the_text_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    from envbench.ui.widgets.spec_editor import yaml_colours

    def missing() -> None:
        raise ImportError("no grammar")

    monkeypatch.setattr(yaml_colours, "_grammar", missing)
    app = EditorApp("name: x\n")
    async with app.run_test(size=(40, 10)) as pilot:
        app.editor._load_colours()
        await pilot.press("a")
        assert rows(app)[0] == "  1  aname: x"


async def test_hostile_text_is_drawn_and_kept() -> None:
    text = f"name: {HOSTILE}\n# {HOSTILE}" + "e\u0301" * 40 + "\n" + "あ" * 200
    app = EditorApp(text)
    async with app.run_test(size=(40, 12)) as pilot:
        await wait_for(pilot, lambda: app.editor._colours is not None)
        for key in ("end", "down", "end", "shift+home", "down", "end", "left"):
            await pilot.press(key)
            shown = drawn(app.editor)
            assert shown.isprintable(), repr(shown)
        assert app.editor.text == text
        await pilot.press("ctrl+home", "f7", "ctrl+c")
        assert app.clipboard.startswith("name: ")


SIZES = [(1, 1), (2, 1), (1, 5), (3, 3), (8, 2), (27, 7), (28, 8), (80, 24), (120, 40)]


async def test_it_draws_at_any_size() -> None:
    app = EditorApp()
    async with app.run_test(size=(60, 20)) as pilot:
        editor = app.editor
        editor.show_problems([problem(SPEC, "name", "a long text " * 9, fix="x")], editor.version)
        for width, height in [*SIZES, (1, 1), (60, 3)]:
            await pilot.resize_terminal(width, height)
            await wait_for(pilot, lambda w=width, h=height: editor.size == (w, h))
            await pilot.press("ctrl+f", "n", "escape", "down", "ctrl+g")
            for y in range(height):
                assert editor.render_line(y).cell_length in {width, width - 1}
            assert editor.text == SPEC


async def test_a_click_under_the_note_meets_the_line_that_is_seen_there() -> None:
    app = EditorApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.editor.show_problems([problem(SPEC, "name", "wrong")], app.editor.version)
        await pilot.pause()
        assert rows(app)[3] == "  3    - defaults"
        await pilot.click(offset=(9, 3))
        assert app.editor.selection.end == (2, 4)
        await pilot.press("ctrl+home", "home")
        app.editor.move_cursor((0, 0))
        await pilot.pause()
        await pilot.click(offset=(9, 1))
        assert app.editor.row == 0  # on the note: the line that it is about


async def test_a_narrow_editor_keeps_the_marks() -> None:
    app = EditorApp()
    async with app.run_test(size=(20, 10)) as pilot:
        app.editor.show_problems([problem(SPEC, "defaults")], app.editor.version)
        await pilot.pause()
        assert rows(app)[2] == "×  - defaults"


async def test_long_lines_scroll_with_the_cursor() -> None:
    app = EditorApp("- " + "x" * 500 + "END\nshort\n")
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("end")
        await wait_for(pilot, lambda: "END" in rows(app)[0])
        await pilot.press("home", "home")
        await wait_for(pilot, lambda: rows(app)[0].startswith("  1  - xxx"))


async def test_the_note_under_the_last_line_is_scrolled_into_sight() -> None:
    text = "".join(f"line{n}: 1\n" for n in range(100)) + "last: 1"
    app = EditorApp(text)
    async with app.run_test(size=(60, 12)) as pilot:
        app.editor.show_problems([problem(text, "last", "wrong here")], app.editor.version)
        await pilot.press("ctrl+g")
        await wait_for(pilot, lambda: any("╰ wrong here" in row for row in rows(app)))
        assert any(row.startswith("×101  last: 1") for row in rows(app))


async def test_only_the_changed_row_is_painted_for_a_letter() -> None:
    app = EditorApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause(0.5)
        painted: list[int] = []
        draw = app.editor.render_line
        app.editor.render_line = lambda y: (painted.append(y), draw(y))[1]  # type: ignore[method-assign]
        await pilot.press("x")
        assert set(painted) == {0}


async def test_an_idle_editor_paints_nothing() -> None:
    app = EditorApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("x")
        await wait_for(pilot, lambda: app.editor._colours is not None)
        await pilot.pause(0.4)
        painted: list[int] = []
        draw = app.editor.render_line
        app.editor.render_line = lambda y: (painted.append(y), draw(y))[1]  # type: ignore[method-assign]
        await pilot.pause(1.2)
        assert painted == []


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light", "textual-dark", "textual-light"])
async def test_marks_and_cursor_are_seen_in_every_theme(theme: str) -> None:
    app = EditorApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.theme = theme
        await pilot.pause()
        app.editor.show_problems([problem(SPEC, "name")], app.editor.version)
        segments = list(app.editor.render_line(0))
        assert segments[0].text == "×"
        cursor = next(s for s in segments if s.text == "n")
        rest = next(s for s in segments if "ai_dev" in s.text)
        assert cursor.style is not None and rest.style is not None
        assert (cursor.style.bgcolor, cursor.style.reverse) != (
            rest.style.bgcolor,
            rest.style.reverse,
        )


async def test_huge_texts_do_not_freeze_it() -> None:
    big = "dependencies:\n" + "".join(f"  - package-{n}=1.2\n" for n in range(50_000))
    app = EditorApp()
    async with app.run_test(size=(80, 24)) as pilot:
        for text in (big, "- " + "a[" * 50_000 + "\n", "- " + "あ\x1b" * 50_000):
            app.editor.load(text)
            await pilot.press("end", "x", "left", "backspace", "enter", "pagedown", "ctrl+z")
            await wait_for(pilot, lambda: True)


@settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(st.sampled_from(
    ["a", "-", "space", "enter", "backspace", "delete", "tab", "shift+tab", "left", "right", "up",
     "down", "home", "end", "shift+left", "shift+down", "ctrl+z", "ctrl+y", "ctrl+k", "ctrl+x",
     "ctrl+f", "escape", "ctrl+g", "ctrl+o", "ctrl+w", "pagedown", "f7"]), max_size=16))  # fmt: skip
async def test_no_order_of_keys_breaks_it(keys: list[str]) -> None:
    app = EditorApp("a: 1\r\n- \x1bb\n\n  c: [あ\r\n")
    async with app.run_test(size=(30, 9)) as pilot:
        for key in keys:
            await pilot.press(key)
        drawn(app.editor)
        document = app.editor.exact
        assert type(document)(app.editor.text).text == app.editor.text
        row, column = app.editor.selection.end
        assert column <= len(document.lines[row])
