"""Where text leaves the screen by other ways than cells: to the shell, to another program, by a toast."""

import os

import pytest

from envbench.ui import start
from envbench.ui.app import EnvbenchApp
from envbench.ui.flows import editing
from envbench.ui.flows.leaving import say_farewell
from envbench.ui.flows.spec_opening import open_path
from envbench.ui.state import Fact, ScreenState
from envbench.workbench.job_rows import JobsUpdate
from envbench.workbench.path_texts import write_path
from tests.ui.flows.real_bench import Editor, open_bench_at
from tests.ui.panels.job_examples import job
from tests.ui.waiting import screen_text, wait_for


class ReadingEditor(Editor):
    """Takes what another editor wrote."""

    def replace_text(self, text: str) -> int:
        return self.load(text, "")


BAD = "[/oops][@click=app.leave]x[/]\x1b]52;c;T1dORUQ=\x07\x9b2J\u202e\udc80\x05"


def test_the_last_lines_in_the_shell_are_harmless(capfd):
    state = ScreenState(directory="/f", jobs=Fact(JobsUpdate(jobs=(job(title=BAD),), total=1)))
    start._say(say_farewell(state, BAD))
    said = capfd.readouterr().out
    assert "[/oops][@click=app.leave]x[/]" in said
    assert all(line.isprintable() for line in said.split("\n"))
    assert len(said.split("\n")) == 4


@pytest.mark.parametrize("name", [b"\xff\x1b]52;c;QQ==\x07.yml", b"-c 'touch x'.yml", b"a\n.yml"])
async def test_an_editor_gets_the_file_itself_as_one_word(tmp_path, name):
    folder = tmp_path / "folder"
    folder.mkdir()
    file = folder / os.fsdecode(name)
    file.write_text("name: a\ndependencies: [b]\n")
    async with open_bench_at(tmp_path, folder) as bench:
        bench.editor = ReadingEditor()
        bench.preferences["editor"] = "'/an editor/\x1b[2J' --wait"
        opened = await bench.desk.open_spec(write_path(file))
        await open_path(bench, opened.path)
        await editing.edit_outside(bench, 2)
    assert bench.suspended == [("/an editor/\x1b[2J", "--wait", os.fspath(file))]
    assert not (folder / "x").exists()


async def test_a_toast_of_the_app_is_literal(tmp_path):
    app = EnvbenchApp(str(tmp_path))

    def is_toasted() -> bool:
        """On a busy box a toast may be over before it was drawn."""
        toasts = app.screen.query("Toast")
        if not toasts:
            app.toast(BAD, "error")
        return any("[@click=app.leave]x[/]" in region_text(app, toast) for toast in toasts)

    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await wait_for(pilot, is_toasted)
        assert all(line.isprintable() for line in screen_text(app).split("\n"))
        assert app.is_running


def region_text(app, widget):
    x, y, width, height = widget.region
    lines = screen_text(app).split("\n")[y : y + height]
    return " ".join(line[x : x + width].strip() for line in lines)
