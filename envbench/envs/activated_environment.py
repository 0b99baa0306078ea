"""The variables of an activated environment, for starting a command in it."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from envbench.envs.activation import Activation, plan_activation, write_script
from envbench.envs.shells import Shell
from envbench.model.errors import PreventedError

_SHELL_NOISE = ("_", "SHLVL", "PWD", "OLDPWD")
_START_FILES = ("BASH_ENV", "ENV")
"""Files that a shell would run by itself at its start."""


def activated_environment(
    prefix: Path,
    environ: Mapping[str, str],
    *,
    name: str | None = None,
    timeout_s: float = 60.0,
) -> dict[str, str]:
    """Give the variables that a command in the environment must see.

    No shell is started unless the environment has scripts in `activate.d` (or the one that is
    being left has some in `deactivate.d`): these are code of the environment, and are run.

    Args:
        prefix: The environment's stable path.
        environ: The variables now.
        name: How to call it; None derives it from the path.
        timeout_s: How long its scripts may take.

    Raises:
        PreventedError: There is no shell, or the scripts took too long or broke off.
    """
    activation = plan_activation(prefix, environ, name=name)
    if not activation.needs_shell():
        return activation.apply(environ)
    return _capture(activation, environ, timeout_s, prefix)


def _capture(
    activation: Activation, environ: Mapping[str, str], timeout_s: float, prefix: Path
) -> dict[str, str]:
    bash = shutil.which("bash")
    argv = [bash, "--noprofile", "--norc", "-c"] if bash else ["/bin/sh", "-c"]
    env = shutil.which("env", path=os.defpath) or "/usr/bin/env"
    start = {key: value for key, value in environ.items() if key not in _START_FILES}
    script = write_script(activation, Shell.BASH if bash else Shell.POSIX, prompt=False)
    with tempfile.TemporaryFile() as result:
        end = f"\n'{env}' -0 >&{result.fileno()}\n"
        # What the scripts print must not mix with the output of the command that follows.
        child = subprocess.Popen(
            [*argv, os.fsencode("exec 1>&2\n" + script + end)],
            env=start,
            stdin=subprocess.DEVNULL,
            pass_fds=[result.fileno()],
            process_group=0,
        )
        _wait(child, timeout_s, prefix)
        result.seek(0)
        found = _parse(result.read())
    if "CONDA_PREFIX" not in found:
        raise PreventedError(
            "the environment could not be activated",
            where=str(prefix),
            why="one of its activation scripts ended the shell",
            hint="look into etc/conda/activate.d",
        )
    kept = {key: environ[key] for key in (*_SHELL_NOISE, *_START_FILES) if key in environ}
    return {key: value for key, value in found.items() if key not in _SHELL_NOISE} | kept


def _wait(child: subprocess.Popen[bytes], timeout_s: float, prefix: Path) -> None:
    try:
        child.wait(timeout_s)
    except subprocess.TimeoutExpired:
        raise PreventedError(
            "the environment could not be activated",
            where=str(prefix),
            why=f"its activation scripts took longer than {timeout_s:g} s",
            hint="look into etc/conda/activate.d",
        ) from None
    finally:
        if child.returncode is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _parse(data: bytes) -> dict[str, str]:
    pairs = (item.partition(b"=") for item in data.split(b"\0") if item)
    return {os.fsdecode(key): os.fsdecode(value) for key, _, value in pairs}
