"""Shells really start: the user's own files first, the activation last, nothing left behind."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from envbench.envs.activation import plan_activation, write_script
from envbench.envs.shell_start import choose_shell, plan_start
from envbench.model.errors import UsageError

RC = {
    "bash": (".bashrc",),
    "zsh": (".zshenv", ".zshrc"),
    "fish": (".config/fish/config.fish",),
    "dash": (".dashrc",),
}


def start(shell: str, tmp_path: Path, question: str, **environ: str) -> list[str]:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    prefix, directory = tmp_path / "envs" / "it's", tmp_path / "start"
    (prefix / "conda-meta").mkdir(parents=True, exist_ok=True)
    directory.mkdir()
    variables = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TERM": "dumb", **environ}
    script = write_script(plan_activation(prefix, variables), choose_shell(program))
    planned = plan_start(program, script, directory, variables)
    for name, text in planned.files:
        (directory / name).write_text(text)
    done = subprocess.run(
        planned.argv,
        env=planned.environ,
        input=f"{question}\nexit\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        start_new_session=True,
    )
    assert not directory.exists(), done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("told ")]


@pytest.mark.parametrize("shell", RC)
def test_the_users_files_come_first_and_the_environment_last(shell: str, tmp_path: Path):
    for name in RC[shell]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        statement = "set -gx CONDA_PREFIX mine" if shell == "fish" else "export CONDA_PREFIX=mine"
        mark = f"set -gx SEEN {name}" if shell == "fish" else f'export SEEN="$SEEN{name}"'
        (tmp_path / name).write_text(f"{statement}\n{mark}\n")
    environ = {"ENV": str(tmp_path / ".dashrc")} if shell == "dash" else {}
    [told] = start(shell, tmp_path, 'echo "told $SEEN $CONDA_PREFIX"', **environ)
    assert told == f"told {''.join(RC[shell])} {tmp_path}/envs/it's"


@pytest.mark.parametrize("where", ["variable", "zshenv", "nowhere"])
def test_zsh_gets_its_directory_back(tmp_path: Path, where: str):
    own = tmp_path / "zsh"
    own.mkdir()
    environ = {"ZDOTDIR": str(own)} if where == "variable" else {}
    (tmp_path / ".zshenv").write_text(f"ZDOTDIR={own}\n" if where == "zshenv" else "")
    ((tmp_path if where == "nowhere" else own) / ".zshrc").write_text("SEEN=rc\n")
    [told] = start("zsh", tmp_path, 'echo "told $SEEN ${ZDOTDIR-unset}"', **environ)
    assert told == f"told rc {'unset' if where == 'nowhere' else own}"


@pytest.mark.parametrize("before", [None, "/nowhere/rc"])
def test_other_shells_get_their_variable_back(tmp_path: Path, before: str | None):
    environ = {"ENV": before} if before else {}
    [told] = start("dash", tmp_path, 'echo "told ${ENV-unset}"', **environ)
    assert told == f"told {before or 'unset'}"


def test_a_shell_that_nobody_knows_is_refused():
    with pytest.raises(UsageError, match="tcsh"):
        choose_shell("/usr/bin/tcsh")
