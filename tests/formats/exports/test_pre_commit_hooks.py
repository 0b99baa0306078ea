"""The hooks for pre-commit: a valid manifest, patterns that mean the right files, entries that run."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from envbench.formats.locks.explicit import write_explicit
from tests.formats.exports.gpu_environment import CPU

MANIFEST = Path(__file__).parents[3] / ".pre-commit-hooks.yaml"
HOOKS = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text())}
SPEC = "name: plain\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11.*\n  - {numpy}\n"


def run(hook_id: str, folder: Path, *file_names: str, args: tuple[str, ...] = ()) -> int:
    """Run a hook as pre-commit does: the entry's words, the arguments, the files."""
    hook = HOOKS[hook_id]
    names = file_names if hook.get("pass_filenames", True) else ()
    command = [*shlex.split(hook["entry"]), *(args or hook.get("args", ())), *names]
    env = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
    }
    return subprocess.run(command, cwd=folder, env=env, capture_output=True).returncode


def test_pre_commit_accepts_the_manifest():
    clientlib = pytest.importorskip("pre_commit.clientlib", reason="pre-commit is not installed")
    assert [hook["id"] for hook in clientlib.load_manifest(MANIFEST)] == list(HOOKS)


@pytest.mark.parametrize(
    ("hook_id", "path", "is_meant"),
    [
        ("envbench-check", "environment.yml", True),
        ("envbench-check", "envs/environment-gpu.yaml", True),
        ("envbench-check", "environment.lock.yml", False),
        ("envbench-check", ".github/workflows/environments.yml", False),
        ("envbench-check", "environment.yml.bak", False),
        ("envbench-lock", "environment.yml", True),
        ("envbench-lock", "environment.lock.yml", True),
        ("envbench-lock", "a/conda-lock.yml", True),
        ("envbench-lock", "gpu-conda-lock.yaml", True),
        ("envbench-lock", "pixi.lock", True),
        ("envbench-lock", "explicit.txt", True),
        ("envbench-lock", "pylock.gpu.toml", True),
        ("envbench-lock", "src/environment.py", False),
    ],
)
def test_which_files_start_a_hook(hook_id, path, is_meant):
    hook = HOOKS[hook_id]
    found = re.search(hook["files"], path) and not re.search(hook.get("exclude", "^$"), path)
    assert bool(found) == is_meant


def test_the_check_looks_at_every_file(tmp_path):
    (tmp_path / "environment.yml").write_text(SPEC.format(numpy="numpy"))
    (tmp_path / "environment-bad.yml").write_text("dependencies:\n\t- numpy\n")
    assert run("envbench-check", tmp_path, "environment.yml") == 0
    assert run("envbench-check", tmp_path, "environment-bad.yml", "environment.yml") != 0
    assert run("envbench-check", tmp_path, "environment.yml", "environment-bad.yml") != 0


def test_the_lock_has_to_satisfy_the_spec(tmp_path):
    (tmp_path / "explicit.txt").write_text(write_explicit(CPU))
    for numpy, status in (("numpy=2.3.*", 0), ("numpy=1.26.*", 1)):
        (tmp_path / "environment.yml").write_text(SPEC.format(numpy=numpy))
        assert run("envbench-lock", tmp_path, args=("explicit.txt", "environment.yml")) == status
