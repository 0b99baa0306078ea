"""Commands and shells inside an environment."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from envbench.envs.activated_environment import activated_environment
from envbench.envs.activation import plan_activation, write_script
from envbench.envs.shells import Shell
from envbench.files import make_private_directory, write_atomically
from envbench.model.errors import UsageError
from envbench.settings.load import Settings
from envbench.workbench.environments import find_prefix


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A command ready to be executed in the place of this process."""

    executable: str
    environ: dict[str, str] = field(repr=False)


def prepare_run(reference: str, command: tuple[str, ...], settings: Settings) -> PreparedRun:
    """Find a command inside an environment.

    The generation's own directory is activated, not the stable link: a long run must not find
    itself in another generation when a build switches the link meanwhile.

    Raises:
        UsageError: There is no such environment or command.
    """
    prefix = find_prefix(reference, settings)
    environ = activated_environment(prefix, dict(os.environ))
    executable = shutil.which(command[0], path=environ.get("PATH", os.defpath))
    if executable is None:
        raise UsageError(
            f"there is no command {command[0]!r} in {reference}, nor on the PATH",
            hint=f"programs of the environment are in {prefix / 'bin'}",
        )
    return PreparedRun(executable, environ)


def write_hook(reference: str, shell: str, settings: Settings) -> str:
    """Give the script that activates an environment in a running shell.

    Raises:
        UsageError: There is no such environment.
    """
    prefix = _stable_prefix(reference, settings)
    return write_script(plan_activation(prefix, os.environ), Shell(shell))


def prepare_shell(reference: str, settings: Settings) -> tuple[list[str], dict[str, str]]:
    """Give the command line and the variables of the user's shell with an environment activated.

    The user's own start-up files are read first, the activation last: they often set PATH.

    Raises:
        UsageError: There is no such environment.
    """
    program = os.environ.get("SHELL") or "/bin/sh"
    name = Path(program).name
    script = write_hook(reference, name if name in {"bash", "zsh", "fish"} else "sh", settings)
    directory = make_private_directory(settings.paths.state_dir / "shell")
    environ = dict(os.environ)
    if name == "bash":
        text = "[ -f ~/.bashrc ] && . ~/.bashrc\n" + script
        write_atomically(directory / "bashrc", text.encode(), durable=False)
        return [program, "--rcfile", str(directory / "bashrc"), "-i"], environ
    if name == "zsh":
        text = '[ -f "$HOME/.zshrc" ] && . "$HOME/.zshrc"\n' + script
        write_atomically(directory / ".zshrc", text.encode(), durable=False)
        return [program, "-i"], environ | {"ZDOTDIR": str(directory)}
    write_atomically(directory / f"activate.{name}", script.encode(), durable=False)
    path = str(directory / f"activate.{name}")
    if name == "fish":
        return [program, "-i", "-C", f"source {path}"], environ
    return [program, "-i"], environ | {"ENV": path}


def _stable_prefix(reference: str, settings: Settings) -> Path:
    """Prefer the link that stays when the environment is built again."""
    prefix = find_prefix(reference, settings)
    stable = settings.paths.envs_dir / reference
    return stable if "/" not in reference and stable.resolve() == prefix else prefix
