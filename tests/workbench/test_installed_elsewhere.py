"""envbench installed where an isolated Python does not look: `pip install --user`, PYTHONPATH."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import envbench
from tests.workbench.conftest import Box


@pytest.fixture
def bare_python(tmp_path: Path) -> Path:
    """A Python without any package."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    return tmp_path / "bare" / "bin" / "python"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with envbench and everything that it needs."""
    folder, installed = tmp_path / "site", Path(sysconfig.get_path("purelib"))
    package = Path(envbench.__file__).parent
    shutil.copytree(package, folder / "envbench", ignore=shutil.ignore_patterns("__pycache__"))
    for entry in installed.iterdir():
        if not entry.name.startswith(("envbench", "_envbench", "__")):
            (folder / entry.name).symlink_to(entry)
    return folder


def run(python: Path, site: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environ = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run(
        [str(python), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environ,
        cwd=site.parent,
    )


def test_a_build_and_a_probe(box: Box, bare_python: Path, site: Path, python_channel: Path):
    spec = box.write_spec("python", channel=python_channel.as_uri())
    done = run(
        bare_python, site, "-m", "envbench", "build", str(spec), "--probe", "python", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["result"]["payload"]["generation"] == 1
    done = run(bare_python, site, "-m", "envbench", "probe", "env", "python")
    assert done.returncode == 0, done.stderr


def test_the_gpus_are_asked_for(bare_python: Path, site: Path):
    code = "import os; from envbench.machine.gpus import ask_driver; print(ask_driver(os.environ))"
    done = run(bare_python, site, "-c", code)
    assert done.returncode == 0, done.stderr
    assert "nvidia-ml-py is not installed" not in done.stdout
