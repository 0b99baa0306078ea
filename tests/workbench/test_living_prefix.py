"""A built environment used as people use environments: interpreter, scripts, pip, shells."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from envbench.model.build import PipSettings
from envbench.model.job import JobState
from envbench.workbench.demo_wheel import make_demo_wheel
from envbench.workbench.environments import rollback_environment
from envbench.workbench.verification.verify import verify_environment
from tests.workbench.conftest import Box, snapshot


@pytest.fixture
def living(box: Box, python_channel: Path) -> Box:
    wheel = make_demo_wheel(box.root / "wheels")
    pip = PipSettings(find_links=(str(wheel.parent),), no_index=True, offline=True)
    spec = box.write_spec(
        "python", "pip", "pyyaml", "rich", pip=("hello-envbench",), channel=python_channel.as_uri()
    )
    spec.write_text(spec.read_text() + 'variables:\n  GREETING: "a $HOME `id` \\"quoted\\""\n')
    result, built = box.build(spec, pip)
    assert result.state is JobState.DONE, result.reason
    assert built.pip_packages == 1
    return box


def run(*command: str, **environ: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environ}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def envbench(*arguments: str) -> str:
    return run(sys.executable, "-m", "envbench", *arguments)


def test_the_prefix_works(living: Box):
    prefix = living.path()
    python = str(prefix / "bin" / "python")
    assert run(python, "-c", "import sys; print(sys.prefix)") == str(prefix)
    assert (
        run(
            python,
            "-c",
            "import ssl, sqlite3, ctypes, lzma, yaml, yaml._yaml; print(yaml.safe_load('[1]'))",
        )
        == "[1]"
    )
    names = run(python, "-m", "pip", "list", "--format", "freeze").lower()
    assert "pyyaml==" in names
    assert "hello-envbench==1.0" in names
    # Entry points of a noarch package, of a packaged distribution, and of the pip section.
    assert run(str(prefix / "bin" / "pip"), "--version").startswith("pip ")
    assert run(str(prefix / "bin" / "markdown-it"), "--version")
    assert run(str(prefix / "bin" / "hello-envbench")) == f"hello from {prefix}"
    assert str(prefix.resolve()) not in (prefix / "bin" / "hello-envbench").read_text()

    # Run once: byte code and caches that it leaves behind are no damage.
    assert verify_environment("env", None, living.settings).is_fine
    assert (
        envbench("run", "env", "--", "python", "-c", "import os; print(os.environ['GREETING'])")
        == 'a $HOME `id` "quoted"'
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "envbench",
            "run",
            "env",
            "--",
            "python",
            "-c",
            "raise SystemExit(7)",
        ],
        check=False,
    )
    assert done.returncode == 7

    for shell in ("bash", "zsh", "fish"):
        if shutil.which(shell) is None:
            continue
        hook = living.root / f"hook.{shell}"
        hook.write_text(envbench("shell", "env", "--hook", shell) + "\n")
        told = run(
            shell,
            "-c",
            f"source {hook}; python -c 'import sys; print(sys.prefix)'; echo $CONDA_DEFAULT_ENV; echo $GREETING",
        )
        assert told.splitlines() == [str(prefix), "env", 'a $HOME `id` "quoted"'], shell


def test_rollback_brings_back_the_pip_part_too(living: Box, python_channel: Path):
    first = snapshot(living.path().resolve())
    spec = living.write_spec("python", "pip", channel=python_channel.as_uri())
    result, built = living.build(spec)
    assert (result.state, built.generation, built.pip_packages) == (JobState.DONE, 2, 0)
    assert not (living.path() / "bin" / "hello-envbench").exists()

    rollback_environment("env", None, living.settings)
    assert run(str(living.path() / "bin" / "hello-envbench")) == f"hello from {living.path()}"
    now = snapshot(living.path().resolve())
    assert {name: now[name] for name in first} == first
    report = verify_environment("env", None, living.settings)
    assert report.is_fine
    assert report.files.pip_packages == 1
