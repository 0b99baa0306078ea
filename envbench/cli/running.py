"""`envbench run` and `envbench shell`."""

import os
import sys

import click

from envbench.cli.session import current_settings
from envbench.model.errors import UsageError

SHELLS = ("bash", "zsh", "fish", "sh")


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("env")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def run(env: str, command: tuple[str, ...]) -> None:
    """Run COMMAND inside ENV, and end with its exit code: envbench run ENV -- python train.py.

    The command keeps the generation that it started with, whatever is built meanwhile.
    """
    from envbench.workbench.running import prepare_run

    # click takes the separator away only before the first argument.
    command = command[1:] if command[:1] == ("--",) else command
    if not command:
        raise click.UsageError("name the command to run: envbench run ENV -- python")
    prepared = prepare_run(env, command, current_settings())
    try:
        os.execve(prepared.executable, list(command), prepared.environ)  # noqa: S606 - no shell on purpose
    except OSError as error:
        raise UsageError(
            f"{command[0]} cannot be run", where=env, why=error.strerror or str(error)
        ) from error


@click.command()
@click.argument("env")
@click.option("--hook", type=click.Choice(SHELLS), help="Print the activation script instead.")
def shell(env: str, hook: str | None) -> None:
    """Open your shell with ENV activated; leave it with exit.

    To activate in the shell you are in:  source <(envbench shell ENV --hook bash)
    """
    from envbench.workbench.running import prepare_shell, write_hook

    if hook:
        sys.stdout.buffer.write(os.fsencode(write_hook(env, hook, current_settings())))
        return
    start = prepare_shell(env, current_settings())
    try:
        os.execvpe(start.argv[0], start.argv, start.environ)  # noqa: S606 - the user's own shell
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError("the shell cannot be run", where=start.argv[0], why=why) from error
