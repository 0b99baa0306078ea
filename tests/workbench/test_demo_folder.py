"""The demo's folder: its specs do what they are to show, and what a user changed there is kept."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from envbench.model.document import from_builtins, to_builtins
from envbench.model.errors import PreventedError, UsageError
from envbench.model.job import JobState
from envbench.settings.load import load_settings
from envbench.workbench import demo_folder
from envbench.workbench.building import BuildOrder, read_build_result, submit_build
from envbench.workbench.demo_folder import DemoFolder, prepare_demo
from envbench.workbench.running import prepare_run
from envbench.workbench.solving import SolveOrder, solve_spec
from envbench.workbench.specs import check_spec
from tests.workbench.conftest import LIMIT_S, Box, snapshot


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DemoFolder:
    root = tmp_path_factory.mktemp("demo")
    return prepare_demo(root / "demo", load_settings({"HOME": str(root)}))


@pytest.fixture
def ready(box: Box, made: DemoFolder) -> DemoFolder:
    """Lend a copy of the folder at its usual place."""
    shutil.copytree(made.directory, box.settings.paths.cache_dir / "demo")
    return prepare_demo(None, box.settings)


def paths(folder: DemoFolder) -> tuple[Path, ...]:
    return tuple(Path(spec.path) for spec in folder.specs)


def test_the_three_specs_show_what_they_are_for(box: Box, ready: DemoFolder):
    good, problems, conflict = paths(ready)
    assert Path(ready.directory) == box.settings.paths.cache_dir / "demo"

    assert check_spec(good, box.settings).problems == ()
    solved = solve_spec(SolveOrder(spec=good), box.settings)
    assert {"python", "rich", "hello-envbench"} <= {p.name for p in solved.plan.packages}

    codes = [p.code for p in check_spec(problems, box.settings).problems if p.edit]
    assert codes == ["EB201", "EB203", "EB301", "EB303", "EB109", "EB503"]

    assert check_spec(conflict, box.settings).problems == ()
    found = solve_spec(SolveOrder(spec=conflict), box.settings).conflict
    assert [cause.spec for cause in found.causes] == ["hello-maps=2.*", "hello-report=1.4"]
    assert [cause.line for cause in found.causes] == [10, 11]


def test_the_offered_edits_mend_all_problems(box: Box, ready: DemoFolder):
    spec = paths(ready)[1]
    for _ in range(12):
        report = check_spec(spec, box.settings)
        edit = next((problem.edit for problem in report.problems if problem.edit), None)
        if edit is None:
            break
        spec.write_text(edit.apply(spec.read_text()))
    assert report.problems == ()
    assert solve_spec(SolveOrder(spec=spec), box.settings).plan is not None


@pytest.mark.parametrize("line", ["hello-maps=2.*", "hello-report=1.4"])
def test_either_line_of_the_conflict_can_give_way(box: Box, ready: DemoFolder, line: str):
    spec = paths(ready)[2]
    spec.write_text(spec.read_text().replace(line, line.partition("=")[0]))
    assert solve_spec(SolveOrder(spec=spec), box.settings).plan is not None


def test_the_good_spec_builds_and_runs(box: Box, ready: DemoFolder):
    submitted = submit_build(BuildOrder(spec=paths(ready)[0], offline=True), box.settings)
    result = submitted.job.wait(LIMIT_S)
    assert result.state is JobState.DONE, result.reason
    assert submitted.environment == "envbench-demo"
    assert read_build_result(result).generation == 1
    prepared = prepare_run("envbench-demo", ("hello-envbench",), box.settings)
    assert prepared.executable.endswith("envbench-demo-1/bin/hello-envbench")


def test_a_second_time_nothing_is_made_and_edits_are_kept(
    box: Box, made: DemoFolder, ready: DemoFolder
):
    good = paths(ready)[0]
    good.write_text("name: mine\ndependencies: [python]\n")
    paths(ready)[2].unlink()
    steps: list[object] = []
    again = prepare_demo(None, box.settings, steps.append)
    assert made.is_channel_new and not again.is_channel_new
    assert steps == []
    assert [spec.is_edited for spec in again.specs] == [True, False, False]
    assert good.read_text().startswith("name: mine")
    assert paths(again)[2].exists()


def test_another_python_gets_its_channel_and_its_specs(
    box: Box, ready: DemoFolder, monkeypatch: pytest.MonkeyPatch
):
    edited, untouched, _ = paths(ready)
    edited.write_text(edited.read_text() + "# mine\n")
    monkeypatch.setattr(demo_folder, "_fingerprint", lambda: "another")
    monkeypatch.setattr(demo_folder.platform, "python_version", lambda: "3.99.1")
    steps: list[demo_folder.DemoStep] = []
    again = prepare_demo(None, box.settings, steps.append)
    assert again.is_channel_new
    assert steps[-1].done == steps[-1].total > 10
    assert "python=3.99" in untouched.read_text()
    assert edited.read_text().endswith("# mine\n")


def test_a_folder_with_a_spec_of_somebody_is_left_alone(box: Box, tmp_path: Path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "environment.yml").write_text("name: precious\n")
    before = snapshot(project)
    with pytest.raises(UsageError, match="not the demo's"):
        prepare_demo(project, box.settings)
    assert snapshot(project) == before


def test_what_the_headless_demo_left_is_no_hindrance(box: Box, tmp_path: Path):
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "environment.yml").write_bytes(demo_folder.find_demo_spec().read_bytes())
    (folder / "environment.lock.yml").write_text("name: envbench-demo\n")
    assert prepare_demo(folder, box.settings).is_channel_new


def test_two_at_once_make_it_once(tmp_path: Path):
    code = (
        "import sys; from pathlib import Path\n"
        "from envbench.settings.load import load_settings\n"
        "from envbench.workbench.demo_folder import prepare_demo\n"
        "made = prepare_demo(Path(sys.argv[1]), load_settings({'HOME': sys.argv[1]}))\n"
        "print(made.is_channel_new)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "demo")]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) for _ in range(2)
    ]
    answers = sorted(process.communicate(timeout=100)[0].strip() for process in both)
    assert answers == ["False", "True"]


def test_a_damaged_mark_makes_every_spec_the_user_s(box: Box, ready: DemoFolder):
    (Path(ready.directory) / ".envbench-demo.json").write_text("{")
    good = paths(ready)[0]
    good.write_text("name: mine\n")
    again = prepare_demo(None, box.settings)
    assert [spec.is_edited for spec in again.specs] == [True, False, False]


def test_a_directory_that_cannot_be_made_is_told(box: Box, tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(PreventedError, match="no place"):
        prepare_demo(tmp_path / "file" / "demo", box.settings)


def test_the_answer_travels_as_json(ready: DemoFolder):
    text = json.dumps(to_builtins(ready))
    assert from_builtins(json.loads(text), DemoFolder) == ready
