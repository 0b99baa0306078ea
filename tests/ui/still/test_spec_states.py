# ruff: noqa: RUF001 - the marks are those of the screen
"""The panes of the spec's place in each of their states, and the list of specs beside them."""

from dataclasses import replace
from pathlib import Path

import pytest

from envbench.ui.state import INSPECTION, PROBLEMS, SPECS, WELCOME, Fact
from tests.ui.still import sample_project as project
from tests.ui.still.cases import COLOURS, EACH_LOOK, case, check_all, read_pane, set_look
from tests.ui.still.sample_states import EDITING, EMPTY, QUIET
from tests.ui.still.still_app import hold_still

FRAME = "editor-frame"
NOTHING = replace(EMPTY, specs=Fact(project.NO_SPECS))
GONE = "the workbench behind the screen is gone"


def spec(**parts: object) -> object:
    return replace(QUIET, spec=replace(project.GOOD, **parts))


CASES = (
    # The list of specs
    case("not read", EMPTY, SPECS, "not read yet"),
    case("reading", replace(EMPTY, specs=Fact(working="reading the folder")), SPECS, "reading the folder"),
    case("unreadable", replace(EMPTY, specs=Fact(fault="permission denied")), SPECS, "× permission denied"),
    case("no spec", NOTHING, SPECS, "No spec here yet.", "a new, Enter on a sample", "samples 3"),
    case("specs", QUIET, SPECS, "► ai_dev_env.yml M ok", "course_2026.yml ? draft", "stale", "built",
         "▲ 2", "× broken", "recent 1"),
    case("old", replace(QUIET, specs=Fact(project.SPECS, fault=GONE)), SPECS, "Specs old",
         "× old: the workbench behind the screen is gone", "► ai_dev_env.yml"),
    case("unsaved", EDITING, SPECS, "× 1 *"),
    case("changed on disk", spec(disk="changed"), SPECS, "changed"),
    case("gone from disk", spec(disk="gone"), SPECS, "gone"),
    # The first hints
    case("welcome", NOTHING, WELCOME, "No spec lies in ~/project yet.", "a make a new environment.yml",
         "torch-cuda.yml"),
    case("welcome, unreadable", replace(EMPTY, specs=Fact(fault="permission denied", hint="ask for it")),
         WELCOME, "× permission denied", "ask for it"),
    case("welcome, working", replace(EMPTY, walk=0, specs=Fact(working="packing 3 of 9")), WELCOME,
         "packing 3 of 9"),
    # The editor
    case("sound", QUIET, FRAME, "ai_dev_env.yml", "10 - tensorflow=2.13.1"),
    case("with problems", EDITING, FRAME, "ai_dev_env.yml unsaved", "▲ 3 - defaults", "×11 - pytorch::torch"),
    case("read only", spec(read_only="it belongs to bob"), FRAME, "read only", "it belongs to bob"),
    case("changed outside", spec(disk="changed"), FRAME, "ai_dev_env.yml changed"),
    # Its problems
    case("no spec is open", EMPTY, PROBLEMS, "No spec is open: a new"),
    case("unchecked", spec(checked=-1), PROBLEMS, "checking"),
    case("checked before", spec(version=3), PROBLEMS, "Problems checking"),
    case("none", QUIET, PROBLEMS, "Problems none", "● No problems found.", "s solves"),
    case("two", EDITING, PROBLEMS, "Problems 2", "▲ EB402 line 3", "× EB209 line 11", "^O remove line 11"),
    case("cannot be checked", spec(check_fault=GONE), PROBLEMS, "not checked", f"× {GONE}",
         "The next change tries again."),
    # What a line means
    case("no line", QUIET, INSPECTION, "What a line matches and where it comes from"),
    case("looking", replace(QUIET, inspection=Fact(working="reading conda-forge")), INSPECTION,
         "reading conda-forge"),
    case("no answer", replace(QUIET, inspection=Fact(fault=GONE)), INSPECTION, f"× {GONE}"),
    case("a line", EDITING, INSPECTION, "Line 11", "no package torch in pytorch", "torchvision"),
    case("an old line", replace(QUIET, inspection=Fact(project.INSPECTION, fault=GONE)), INSPECTION,
         "Line 11 old", f"× {GONE}", "no package torch"),
    case("half a line", replace(QUIET, inspection=Fact(replace(project.INSPECTION, pending=True))),
         INSPECTION, "Line 11 reading"),
)  # fmt: skip


@pytest.mark.parametrize("look", EACH_LOOK)
async def test_panes_say_their_state_in_every_look(
    look: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    await check_all(CASES, look, monkeypatch, tmp_path)


async def test_the_note_under_the_line_offers_its_fix(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    set_look(monkeypatch, tmp_path, COLOURS)
    async with hold_still() as still:
        await still.show(EDITING)
        assert "╰" not in read_pane(still, "#editor"), "the cursor is on a sound line"
        still.app.editor.go_to_line(project.TORCH_LINE)
        await still.settle()
        said = " ".join(still.text.split())
        assert "╰ there is no package `torch` in channel pytorch" in said
        assert "(did you mean `pytorch`?) ^O remove line 11" in said
        assert "2 problems" in still.text.split("\n")[0]
