"""Programs of envbench start isolated, wherever envbench is installed."""

import os
import subprocess
import sys
from pathlib import Path

import envbench
from envbench.jobs.launching import build_command, find_roots

ROOT = Path(envbench.__file__).parents[1]


def make_elsewhere(directory: Path) -> Path:
    """Install the package where no isolated Python looks, with a module that says what it sees."""
    directory.mkdir()
    (directory / "envbench").symlink_to(ROOT / "envbench")
    (directory / "told.py").write_text(
        "import sys, msgspec; print(__name__, sys.flags.isolated, sys.argv)"
    )
    (directory / "random.py").write_text("raise SystemExit('not the standard library')")
    return directory


def test_a_program_is_found_where_an_isolated_python_does_not_look(tmp_path: Path):
    elsewhere = make_elsewhere(tmp_path / "site")
    command = [*build_command("told"), str(elsewhere)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    name, isolated, _ = done.stdout.split(maxsplit=2)
    assert (name, isolated) == ("__main__", "1")


def test_the_roots_come_last(tmp_path: Path):
    elsewhere = make_elsewhere(tmp_path / "site")
    (elsewhere / "asks.py").write_text("import random; print(random.__file__)")
    command = [*build_command("asks"), str(elsewhere)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert str(elsewhere) not in done.stdout


def test_neither_the_working_directory_nor_the_variable_gets_in(tmp_path: Path):
    (tmp_path / "planted.py").write_text("print('ran')")
    done = subprocess.run(
        build_command("planted"),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode != 0
    assert "ran" not in done.stdout


def test_the_roots_are_those_of_this_process():
    assert str(ROOT) in find_roots()
    assert all(Path(root).is_absolute() for root in find_roots())


def test_the_command_begins_with_this_python():
    assert build_command("x")[:2] == (sys.executable, "-I")
