"""How a user's shell is started with an environment activated.

The user's own start-up files are read first, the activation last: they often set PATH. What the
shell reads lies in a directory of its own, so that two shells started at once cannot read each
other's; the shell removes it as soon as it has read it.

Source: bash(1) INVOCATION, zsh(1) STARTUP/SHUTDOWN FILES, fish(1) `--init-command`, dash(1) `ENV`.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from envbench.envs.shells import Shell
from envbench.model.errors import UsageError

_SHELLS = {
    "bash": Shell.BASH,
    "zsh": Shell.ZSH,
    "fish": Shell.FISH,
    **dict.fromkeys(("sh", "dash", "ash", "ksh", "mksh", "yash"), Shell.POSIX),
}


@dataclass(frozen=True, slots=True)
class ShellStart:
    """A shell ready to be executed in the place of this process."""

    argv: tuple[str, ...]
    environ: dict[str, str] = field(repr=False)
    files: tuple[tuple[str, str], ...]
    """Name and text of each file that must lie in the directory."""


def choose_shell(program: str) -> Shell:
    """Tell in which language a shell is spoken to, by its program's name.

    Raises:
        UsageError: It is not one of those that can be spoken to.
    """
    name = Path(program).name
    if name in _SHELLS:
        return _SHELLS[name]
    raise UsageError(
        f"nobody here knows how to activate an environment in {name!r}",
        where="SHELL",
        hint="use another shell: SHELL=/bin/bash envbench shell ENV",
    )


def plan_start(
    program: str, script: str, directory: Path, environ: Mapping[str, str]
) -> ShellStart:
    """Work out how to start a shell that runs a script after the user's own start-up files.

    Args:
        program: The shell.
        script: What activates the environment, in the shell's language.
        directory: An empty directory for this start alone.
        environ: The variables now.

    Raises:
        UsageError: The shell is not one of those that can be spoken to.
    """
    shell = choose_shell(program)
    begin = f"command rm -rf -- {shlex.quote(str(directory))}\n"
    if shell is Shell.BASH:
        text = (
            f"{begin}for _f in /etc/bash.bashrc ~/.bashrc; do [ -f $_f ] && . $_f; done\nunset _f\n"
        )
        argv = (program, "--rcfile", str(directory / "bashrc"), "-i")
        return ShellStart(argv, dict(environ), (("bashrc", text + script),))
    if shell is Shell.ZSH:
        return _plan_zsh(program, begin + script, directory, environ)
    path = directory / "activate"
    if shell is Shell.FISH:
        argv = (program, "-i", "-C", f"source {shlex.quote(str(path))}")
        return ShellStart(argv, dict(environ), (("activate", begin + script),))
    text = f'{begin}{_restore("ENV", environ)}[ -f "${{ENV-}}" ] && . "$ENV"\n{script}'
    return ShellStart((program, "-i"), {**environ, "ENV": str(path)}, (("activate", text),))


def _plan_zsh(program: str, script: str, directory: Path, environ: Mapping[str, str]) -> ShellStart:
    """Zsh finds its files in ZDOTDIR alone, which the user may set, even in the first of them."""
    source = '[ -f "${{ZDOTDIR-$HOME}}/{0}" ] && . "${{ZDOTDIR-$HOME}}/{0}"\n'
    first = (
        f"{_restore('ZDOTDIR', environ)}{source.format('.zshenv')}"
        "_envbench_set=${ZDOTDIR+yes} _envbench_old=${ZDOTDIR-}\n"
        f"ZDOTDIR={shlex.quote(str(directory))}\n"
    )
    then = (
        'if [ -n "$_envbench_set" ]; then export ZDOTDIR=$_envbench_old; else unset ZDOTDIR; fi\n'
        f"unset _envbench_set _envbench_old\n{source.format('.zshrc')}"
    )
    return ShellStart(
        (program, "-i"),
        {**environ, "ZDOTDIR": str(directory)},
        ((".zshenv", first), (".zshrc", then + script)),
    )


def _restore(name: str, environ: Mapping[str, str]) -> str:
    """Put a variable back that only served to start the shell."""
    if name in environ:
        return f"export {name}={shlex.quote(environ[name])}\n"
    return f"unset {name}\n"
