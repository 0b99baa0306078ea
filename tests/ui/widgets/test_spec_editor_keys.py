"""What the keys of the editor do, and what it tells the screen around it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envbench.model.problem import Edit, Replacement
from envbench.ui.widgets.spec_editor import messages
from envbench.ui.widgets.spec_editor.completion import Completion
from tests.ui.waiting import screen_text, wait_for
from tests.ui.widgets.spec_editor_app import SPEC, EditorApp, problem


async def test_letters_are_text_and_told_once_after_a_moment() -> None:
    app = EditorApp("")
    async with app.run_test() as pilot:
        await pilot.press(*"- nums")
        assert app.editor.text == "- nums"
        assert app.letters == ""
        # On a busy box the moment may pass between two letters.
        edited = messages.TextEdited
        await wait_for(pilot, lambda: any(one.text == "- nums" for one in app.all_of(edited)))
        told = app.all_of(messages.TextEdited)[-1]
        assert (told.text, told.version) == ("- nums", app.editor.version)
        assert len(app.all_of(messages.TextEdited)) < 6


async def test_messages_of_the_keys() -> None:
    app = EditorApp()
    async with app.run_test() as pilot:
        editor = app.editor
        await pilot.press("x", "ctrl+s", "ctrl+l", "down", "ctrl+r", "f4", "escape")
        saved = app.all_of(messages.SaveWanted)[0]
        assert (saved.text, saved.version) == ("x" + SPEC, editor.version)
        assert app.all_of(messages.TextEdited)[0].version == saved.version
        forms = app.all_of(messages.FormWanted)
        assert [(one.kind, one.line) for one in forms] == [("insert", 1), ("edit", 2)]
        assert app.all_of(messages.EditorWanted)[0].line == 2
        assert len(app.all_of(messages.LeaveWanted)) == 1
        await wait_for(pilot, lambda: app.all_of(messages.InspectWanted))
        seen = app.all_of(messages.InspectWanted)[-1]
        assert (seen.line_number, seen.line_text) == (2, "channels:")


async def test_the_fix_under_the_cursor_is_taken_as_one_step() -> None:
    app = EditorApp()
    async with app.run_test() as pilot:
        editor = app.editor
        editor.show_problems([problem(SPEC, "torch\n"[:5], fix="pytorch")], editor.version)
        await pilot.press("ctrl+o")
        assert "this is the next one" in app.all_of(messages.Refused)[-1].reason
        assert not app.all_of(messages.FixWanted)
        await pilot.press("ctrl+o")
        wanted = app.all_of(messages.FixWanted)[0]
        edit = wanted.problem.edit
        assert edit is not None
        assert editor.apply_edit(edit, version=wanted.version)
        assert editor.text == edit.apply(SPEC)
        assert not editor.apply_edit(edit, version=wanted.version)
        await wait_for(
            pilot, lambda: "wait for the next" in app.all_of(messages.Refused)[-1].reason
        )
        await pilot.press("ctrl+o")
        assert "since the last check" in app.all_of(messages.Refused)[-1].reason
        await pilot.press("ctrl+z")
        assert editor.text == SPEC
        await pilot.press("ctrl+y")
        assert editor.text == edit.apply(SPEC)


async def test_the_cursor_stays_on_its_word_through_an_edit() -> None:
    app = EditorApp()
    async with app.run_test():
        editor = app.editor
        editor.move_cursor((7, 6))
        start = SPEC.index("  - defaults")
        gone = Replacement(start, SPEC.index("  - conda-forge"), "")
        more = Replacement(SPEC.index("3.9"), SPEC.index("3.9") + 3, "3.11\n  - pip")
        assert editor.apply_edit(Edit("two places", (gone, more)))
        row, column = editor.selection.end
        assert editor.exact.lines[row][column - 2 :].startswith("tensorflow")
        assert not editor.apply_edit(Edit("out of it", (Replacement(5, 99_999, ""),)))


LINES = st.lists(st.sampled_from(["a", "b: 1", "", "  - c"]), max_size=6)
ENDS = st.sampled_from(["\n", "\r\n"])
FILES = st.builds(lambda lines, end, last: end.join(lines) + last, LINES, ENDS, ENDS)


@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(FILES, FILES, st.integers(0, 40))
async def test_a_text_changed_elsewhere_is_taken_over(old: str, new: str, place: int) -> None:
    app = EditorApp(old)
    async with app.run_test() as pilot:
        editor = app.editor
        assert editor.text == old
        editor.move_cursor(editor.exact.location_of(min(place, len(old))))
        before = editor.version
        assert (editor.replace_text(new) == before) == (old == new)
        assert editor.text == new
        if old != new:
            await pilot.press("ctrl+z")
            assert editor.text == old


async def test_a_reload_keeps_the_line_of_the_cursor() -> None:
    app = EditorApp()
    async with app.run_test():
        app.editor.move_cursor((6, 4))
        app.editor.replace_text("# new\n" + SPEC.replace("3.9", "3.12"))
        assert app.editor.selection.end == (7, 4)


async def test_new_lines_keep_indentation_and_line_endings() -> None:
    app = EditorApp("a:\r\n  - b\r\n")
    async with app.run_test() as pilot:
        app.editor.move_cursor((1, 5))
        await pilot.press("enter", "-")
        assert app.editor.text == "a:\r\n  - b\r\n  -\r\n"
        await pilot.press("tab", "x", "shift+tab")
        assert app.editor.text == "a:\r\n  - b\r\n- x\r\n"
        await pilot.press("f7", "tab")
        assert app.editor.text == "  a:\r\n    - b\r\n  - x\r\n"


def numpys(column: int) -> list[Completion]:
    names = {"numpy": "2.1.0", "numba": "0.60", "numexpr": "2.10"}
    return [Completion(name, name, detail, column) for name, detail in names.items()]


async def open_offers(app: EditorApp, pilot, typed: str = "num") -> None:
    await pilot.press(*typed)
    asks = messages.CompletionWanted
    await wait_for(
        pilot, lambda: [m.version for m in app.all_of(asks)][-1:] == [app.editor.version]
    )
    asked = app.all_of(asks)[-1]
    app.editor.show_completions(numpys(asked.line_text.rindex(" ") + 1), asked.version)
    await pilot.pause()


async def test_offers_open_while_typing_and_tab_takes_the_first() -> None:
    app = EditorApp("  - ")
    async with app.run_test(size=(60, 14)) as pilot:
        app.editor.move_cursor((0, 4))
        await open_offers(app, pilot)
        asked = app.all_of(messages.CompletionWanted)[-1]
        assert (asked.line, asked.column, asked.line_text) == (1, 7, "  - num")
        assert "│○numpy    2.1.0 │" in screen_text(app)
        await pilot.press("tab")
        assert app.editor.text == "  - numpy"
        assert not app.editor.shows_completions
        await pilot.press("ctrl+z")
        assert app.editor.text == "  - num"


async def test_enter_takes_only_what_was_chosen() -> None:
    app = EditorApp("  - ")
    async with app.run_test(size=(60, 14)) as pilot:
        app.editor.move_cursor((0, 4))
        await open_offers(app, pilot)
        await pilot.press("down", "down", "enter")
        assert app.editor.text == "  - numba"
        await open_offers(app, pilot, typed="x")
        await pilot.press("enter")
        assert app.editor.text == "  - numbax\n  "


async def test_enter_takes_the_first_of_offers_that_were_called_for() -> None:
    app = EditorApp("  - num")
    async with app.run_test(size=(60, 14)) as pilot:
        app.editor.move_cursor((0, 7))
        await pilot.press("ctrl+n")
        asks = messages.CompletionWanted
        await wait_for(pilot, lambda: [m.explicit for m in app.all_of(asks)] == [True])
        app.editor.show_completions(numpys(4), app.editor.version)
        await pilot.pause()
        assert "│►numpy    2.1.0 │" in screen_text(app)
        await pilot.press("enter")
        assert app.editor.text == "  - numpy"


async def test_offers_narrow_while_typing_and_escape_closes_them_first() -> None:
    app = EditorApp("  - ")
    async with app.run_test(size=(60, 14)) as pilot:
        app.editor.move_cursor((0, 4))
        await open_offers(app, pilot)
        await pilot.press("p")
        assert "numpy" in screen_text(app) and "numba" not in screen_text(app)
        await pilot.press("escape")
        assert not app.editor.shows_completions
        assert not app.all_of(messages.LeaveWanted)
        await pilot.press("escape")
        assert app.all_of(messages.LeaveWanted)


async def test_stale_and_unwanted_answers_are_dropped() -> None:
    app = EditorApp("  - ")
    async with app.run_test(size=(60, 14)) as pilot:
        editor = app.editor
        editor.move_cursor((0, 4))
        editor.show_completions(numpys(4), editor.version)
        assert not editor.shows_completions  # nobody asked
        await pilot.press("n")
        await wait_for(pilot, lambda: app.all_of(messages.CompletionWanted))
        asked = app.all_of(messages.CompletionWanted)[-1]
        await pilot.press("u")
        editor.show_completions(numpys(4), asked.version)
        assert not editor.shows_completions
        await pilot.press("left")
        editor.show_completions(numpys(4), editor.version)
        assert not editor.shows_completions  # the cursor went away


async def test_comments_are_not_completed_unless_a_key_asks() -> None:
    app = EditorApp("# ")
    async with app.run_test() as pilot:
        app.editor.move_cursor((0, 2))
        await pilot.press("n")
        await wait_for(pilot, lambda: app.all_of(messages.TextEdited))
        assert not app.all_of(messages.CompletionWanted)
        await pilot.press("ctrl+n")
        assert app.all_of(messages.CompletionWanted)[0].explicit


async def test_the_search_finds_as_it_is_typed() -> None:
    app = EditorApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("ctrl+f", *"torch")
        assert "find torch" in screen_text(app)
        assert "1 of 2" in screen_text(app)
        assert app.editor.selected_text == "torch"
        await pilot.press("enter")
        assert "2 of 2" in screen_text(app)
        await pilot.press("up", "backspace", "escape")
        assert app.editor.selection.is_empty
        assert app.editor.selection.end == (6, 6)
        assert app.editor.text == SPEC
        assert "find" not in screen_text(app)
        assert not app.all_of(messages.LeaveWanted)


async def test_the_next_problem_and_where_the_cursor_is() -> None:
    app = EditorApp()
    async with app.run_test() as pilot:
        editor = app.editor
        assert not editor.go_to_problem()
        editor.show_problems(
            [problem(SPEC, "python"), problem(SPEC, "torch"), problem(SPEC, "forge")],
            editor.version,
        )
        for place in [(3, 10), (5, 4), (6, 6), (3, 10)]:
            await pilot.press("ctrl+g")
            assert editor.selection.end == place
        await pilot.press("alt+g")
        assert editor.selection.end == (6, 6)
        await wait_for(pilot, lambda: app.all_of(messages.CursorMoved)[-1].problems == (3, 3))
        told = app.all_of(messages.CursorMoved)[-1]
        assert (told.line, told.column) == (7, 7)


async def test_a_read_only_text_stays_and_says_why() -> None:
    app = EditorApp()
    async with app.run_test(size=(60, 20)) as pilot:
        editor = app.editor
        editor.read_only_reason = "owned by root"
        editor.show_problems([problem(SPEC, "name", fix="x")], editor.version)
        await pilot.press("s", "x", "backspace", "enter", "ctrl+z", "ctrl+o", "ctrl+l", "ctrl+k")
        await pilot.press("ctrl+w", "ctrl+x", "ctrl+n", "ctrl+v")
        assert not editor.apply_edit(Edit("x", (Replacement(0, 1, ""),)))
        await pilot.pause(0.2)
        assert editor.text == SPEC
        assert app.letters == "s"
        assert "read only: owned by root" in screen_text(app)
        for kind in (messages.TextEdited, messages.FixWanted, messages.FormWanted):
            assert not app.all_of(kind)
        assert app.all_of(messages.Refused)[-1].reason == "read only: owned by root"
        editor.read_only_reason = ""
        await pilot.press("x")
        assert editor.text == "x" + SPEC


async def test_the_meaning_of_a_line_stands_at_the_bottom_until_the_cursor_leaves() -> None:
    app = EditorApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.editor.show_inspection(5, "of another line")
        app.editor.show_inspection(1, "name of the \x1b[2Jenvironment")
        await pilot.pause()
        assert screen_text(app).split("\n")[-1].rstrip() == "name of the environment"
        await pilot.press("down")
        assert screen_text(app).split("\n")[-1].strip() == ""


async def test_another_text_begins_anew() -> None:
    app = EditorApp()
    async with app.run_test() as pilot:
        editor = app.editor
        await pilot.press("x")
        editor.show_problems([problem(editor.text, "name")], editor.version)
        before = editor.version
        assert editor.load("b: 1\r\n", "b.yml") > before
        assert (editor.text, editor.path, editor.marks.placed) == ("b: 1\r\n", "b.yml", ())
        await pilot.press("ctrl+z")
        assert editor.text == "b: 1\r\n"
        await wait_for(pilot, lambda: app.all_of(messages.Refused))
        assert app.all_of(messages.Refused)[-1].reason == "nothing to undo"
        assert not [one for one in app.all_of(messages.TextEdited) if one.version == editor.version]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
async def test_pasted_lines_end_as_those_of_the_text(ends: str) -> None:
    from textual.events import Paste

    app = EditorApp(f"a{ends}b{ends}")
    async with app.run_test() as pilot:
        app.editor.post_message(Paste("x\r\ny\nz\r"))
        await wait_for(pilot, lambda: "z" in app.editor.text)
        assert app.editor.text == f"x{ends}y{ends}z{ends}a{ends}b{ends}"


async def test_saying_again_what_is_shown_paints_nothing() -> None:
    app = EditorApp()
    async with app.run_test(size=(60, 12)) as pilot:
        editor = app.editor
        found = [problem(SPEC, "name")]
        editor.show_problems(found, editor.version)
        editor.show_inspection(1, "a name")
        await wait_for(pilot, lambda: editor._colours is not None)
        await pilot.pause(0.1)
        painted: list[int] = []
        draw = editor.render_line
        editor.render_line = lambda y: (painted.append(y), draw(y))[1]  # type: ignore[method-assign]
        editor.show_problems(found, editor.version)
        editor.show_inspection(1, "a name")
        editor.read_only_reason = ""
        await pilot.pause(0.1)
        assert painted == []
