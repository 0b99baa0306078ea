"""The user's own editor gets the terminal, and what it wrote comes back with undo."""

import stat
import sys
from pathlib import Path

import pytest

from tests.pty.terminal import ENVBENCH, Terminal

pytestmark = pytest.mark.pty

SPEC = "name: lab\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.12\n"
EDITOR = """#!{python}
import sys
from pathlib import Path
line, path = (sys.argv[1], sys.argv[-1]) if len(sys.argv) > 2 else ("", sys.argv[-1])
print("the other editor has the terminal", line, flush=True)
if input() == "write":
    file = Path(path)
    file.write_text(file.read_text() + "  - numpy=2.*\\n")
sys.exit({code})
"""


def write_editor(folder: Path, name: str, code: int = 0) -> Path:
    script = folder / name
    script.write_text(EDITOR.format(python=sys.executable, code=code))
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


def test_the_editor_of_the_user_has_the_terminal_and_its_text_comes_back(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    file = project / "environment.yml"
    file.write_text(SPEC)
    editor = write_editor(tmp_path, "vim")
    with Terminal(
        [*ENVBENCH, "."], home=tmp_path / "home", cwd=project, environ={"EDITOR": f"{editor} -f"}
    ) as terminal:
        terminal.wait_text("No problems found")
        terminal.press("e")
        terminal.wait_text("Esc out")
        terminal.press("down", "f4")
        terminal.wait_text(r"the other editor has the terminal (\+2|-f)")
        terminal.type("write")
        terminal.press("enter")
        terminal.wait_text("numpy=2")
        terminal.wait_text("No problems found")
        assert file.read_text().endswith("numpy=2.*\n")
        terminal.press("ctrl+z")
        terminal.wait_text("unsaved")
        terminal.press("ctrl+y")
        terminal.wait_gone("unsaved")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert terminal.is_restored


def test_an_editor_that_fails_or_is_not_there_is_told(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "environment.yml").write_text(SPEC)
    editor = write_editor(tmp_path, "ed", code=3)
    with Terminal(
        [*ENVBENCH, "."], home=tmp_path / "home", cwd=project, environ={"EDITOR": str(editor)}
    ) as terminal:
        terminal.wait_text("No problems found")
        terminal.press("e")
        terminal.wait_text("Esc out")
        terminal.press("f4")
        terminal.wait_text("the other editor has the terminal")
        terminal.press("enter")
        terminal.wait_text("ended with exit code 3")
        assert (project / "environment.yml").read_text() == SPEC
    with Terminal(
        [*ENVBENCH, "."], home=tmp_path / "home", cwd=project, environ={"EDITOR": "/no/such/editor"}
    ) as terminal:
        terminal.wait_text("No problems found")
        terminal.press("e")
        terminal.wait_text("Esc out")
        terminal.press("f4")
        terminal.wait_text("could not be started: set EDITOR")
