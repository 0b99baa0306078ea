"""What `envbench` with these words means: the screen, a verb, or the help."""

import subprocess
import sys
from pathlib import Path

import pytest

from envbench.__main__ import _find_target
from envbench.ui.start import _split


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "project").mkdir()
    (tmp_path / "check").mkdir()
    (tmp_path / "env.yml").write_text("name: x\n")
    (tmp_path / "notes.txt").write_text("x\n")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "target"),
    [
        (["project"], "project"),
        (["."], "."),
        (["env.yml"], "env.yml"),
        (["./check"], "./check"),
        (["check"], None),
        (["gone.yml"], None),
        (["gone"], None),
        (["notes.txt"], None),
        (["--help"], None),
        (["project", "--json"], None),
        (["solve", "env.yml"], None),
        ([""], None),
    ],
)
def test_a_folder_or_a_spec_opens_the_screen_and_names_of_verbs_win(folder, words, target):
    assert _find_target(words) == target


def test_without_words_a_terminal_decides(folder, monkeypatch):
    for stdin, stdout, target in ((True, True, "."), (True, False, None), (False, True, None)):
        monkeypatch.setattr(
            "sys.stdin", type("In", (), {"isatty": lambda _, is_one=stdin: is_one})()
        )
        monkeypatch.setattr(
            "sys.stdout", type("Out", (), {"isatty": lambda _, is_one=stdout: is_one})()
        )
        assert _find_target([]) == target


def test_a_spec_is_opened_with_its_folder(folder):
    assert _split("env.yml") == (str(folder), str(folder / "env.yml"))
    assert _split("project") == (str(folder / "project"), "")


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "envbench", *words]
    environ = {"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "HOME": str(folder),
               "TERM": "xterm", "LC_ALL": "C.UTF-8"}  # fmt: skip
    return subprocess.run(
        command,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_without_a_terminal_there_is_help_or_a_reason(folder):
    alone = run(folder)
    assert "Usage" in alone.stdout + alone.stderr
    refused = run(folder, "project")
    assert refused.returncode == 2
    assert "\x1b" not in refused.stdout + refused.stderr
    assert "terminal" in refused.stderr
    gone = run(folder, "gone.yml")
    assert gone.returncode == 2
    assert "gone.yml" in gone.stderr
