"""Commands and shells inside an environment."""

import os
import secrets
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from envbench.envs.activated_environment import activated_environment
from envbench.envs.activation import plan_activation, write_script
from envbench.envs.shell_start import ShellStart, choose_shell, plan_start
from envbench.envs.shells import Shell
from envbench.files import make_private_directory, write_atomically
from envbench.model.errors import UsageError
from envbench.settings.load import Settings
from envbench.workbench.environments import find_prefix

_START_AGE_S = 3600.0


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A command ready to be executed in the place of this process."""

    executable: str
    environ: dict[str, str] = field(repr=False)


def prepare_run(
    reference: str, command: tuple[str, ...], settings: Settings, *, gpu: str = ""
) -> PreparedRun:
    """Find a command inside an environment.

    The generation's own directory is activated, not the stable link: a long run must not find
    itself in another generation when a build switches the link meanwhile.

    Args:
        reference: Name, `NAME@GENERATION`, or path.
        command: Its name and arguments.
        settings: The user's settings.
        gpu: The one GPU that it shall see, as `choose_gpu` takes it; empty for all.

    Raises:
        UsageError: There is no such environment, command or GPU.
        NotFineError: That GPU cannot be used, or none is idle.
        PreventedError: No GPU can be read.
    """
    prefix = find_prefix(reference, settings)
    environ = activated_environment(prefix, dict(os.environ))
    executable = shutil.which(command[0], path=environ.get("PATH", os.defpath))
    if executable is None:
        raise UsageError(
            f"there is no command {command[0]!r} in {reference}, nor on the PATH",
            hint=f"programs of the environment are in {prefix / 'bin'}",
        )
    if gpu:
        from envbench.workbench.gpu_reports import choose_gpu

        # By UUID: CUDA counts GPUs in another order than the driver does.
        environ["CUDA_VISIBLE_DEVICES"] = choose_gpu(gpu)
    return PreparedRun(executable, environ)


def write_hook(reference: str, shell: str, settings: Settings) -> str:
    """Give the script that activates an environment in a running shell.

    Raises:
        UsageError: There is no such environment.
    """
    prefix = _stable_prefix(reference, settings)
    return write_script(plan_activation(prefix, os.environ), Shell(shell))


def prepare_shell(reference: str, settings: Settings) -> ShellStart:
    """Give the command line and the variables of the user's shell with an environment activated.

    Raises:
        UsageError: There is no such environment, or the shell is of a kind not known here.
        PreventedError: The shell's start-up file cannot be written.
    """
    program = os.environ.get("SHELL") or "/bin/sh"
    script = write_hook(reference, choose_shell(program).value, settings)
    parent = make_private_directory(settings.paths.state_dir / "shell")
    _sweep_starts(parent)
    directory = make_private_directory(parent / secrets.token_hex(8))
    start = plan_start(program, script, directory, os.environ)
    for name, text in start.files:
        write_atomically(directory / name, os.fsencode(text), durable=False)
    return start


def _sweep_starts(parent: Path) -> None:
    """Remove what shells that never came up have left."""
    limit = time.time() - _START_AGE_S
    for directory in parent.iterdir():
        if directory.lstat().st_mtime < limit:
            shutil.rmtree(directory, ignore_errors=True)


def _stable_prefix(reference: str, settings: Settings) -> Path:
    """Prefer the link that stays when the environment is built again."""
    prefix = find_prefix(reference, settings)
    stable = settings.paths.envs_dir / reference
    return stable if "/" not in reference and stable.resolve() == prefix else prefix
