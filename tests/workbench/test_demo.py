"""The demo where it must not do its work: in somebody's project, and on a disk that refuses."""

from pathlib import Path

import pytest

from envbench.model.errors import UsageError
from envbench.workbench.demo import run_demo
from tests.workbench.conftest import Box, snapshot


def test_a_spec_that_is_not_the_demos_is_left_alone(box: Box, tmp_path: Path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "environment.yml").write_text("name: precious\n")
    before = snapshot(project)
    with pytest.raises(UsageError, match="not the demo's"):
        run_demo(box.settings, project)
    assert snapshot(project) == before


def test_a_directory_that_cannot_be_made_is_told(box: Box, tmp_path: Path):
    (tmp_path / "file").touch()
    report = run_demo(box.settings, tmp_path / "file" / "demo")
    assert (report.ok, report.code) == (False, 3)
    assert report.reason.startswith("channel: ")


def test_a_relative_directory_is_as_good(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    report = run_demo(box.settings, Path("demo"))
    assert report.ok, report.reason
    assert report.directory == str(tmp_path / "demo")
