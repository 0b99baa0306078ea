"""`envbench run` and `envbench shell`."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from envbench.cli.output import say
from envbench.cli.session import current_settings
from envbench.model.errors import UsageError

if TYPE_CHECKING:
    from envbench.workbench.gpu_recording import RecordedRun
    from envbench.workbench.running import PreparedRun

_VALUED = ("--gpu", "--record")
_FLAG = "--no-record"

SHELLS = ("bash", "zsh", "fish", "sh")


class RunCommand(click.Command):
    """Takes its options on both sides of ENV, as long as `--` stands before COMMAND."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ENV behind the options; whatever belongs to COMMAND stays as it is."""
        return super().parse_args(ctx, put_options_first(args))


def put_options_first(args: list[str]) -> list[str]:
    """Give `OPTIONS ENV -- COMMAND` for `ENV OPTIONS -- COMMAND`, and all else unchanged."""
    own, names, left = [], [], list(args)
    while left and left[0] != "--":
        word = left.pop(0)
        if not word.startswith("-"):
            names.append(word)
            continue
        if word.partition("=")[0] not in (*_VALUED, _FLAG):
            return args
        own.append(word)
        own += [left.pop(0)] if word in _VALUED and left else []
    return [*own, *names, *left] if left and len(names) == 1 else args


@click.command(
    cls=RunCommand,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option(
    "--gpu",
    metavar="GPU",
    help="Let it see one GPU alone: index as in envbench gpus (0:1 for MIG), UUID, or idle.",
)
@click.option(
    "--record",
    "record_file",
    type=click.Path(path_type=Path),
    help="Write what the GPUs do meanwhile to this file.",
)
@click.option("--no-record", is_flag=True, help="Record nothing: COMMAND takes this one's place.")
@click.argument("env")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def run(
    gpu: str | None,
    record_file: Path | None,
    no_record: bool,
    env: str,
    command: tuple[str, ...],
) -> NoReturn:
    """Run COMMAND inside ENV, and end as it ends: envbench run ENV -- python train.py.

    The command keeps the generation that it started with, whatever is built meanwhile.

    Where there are GPUs, what they do meanwhile is recorded, and summed up on stderr at the end:
    peak memory, mean utilization, energy. Signals, job control and the exit code are those of
    COMMAND.
    """
    from envbench.workbench.gpu_recording import can_record
    from envbench.workbench.running import prepare_run

    # click takes the separator away only before the first argument.
    command = command[1:] if command[:1] == ("--",) else command
    if not command:
        raise click.UsageError("name the command to run: envbench run ENV -- python")
    if no_record and record_file is not None:
        raise click.UsageError("--record and --no-record exclude each other")
    prepared = prepare_run(env, command, current_settings(), gpu=gpu or "")
    if not no_record and can_record(os.environ):
        _run_recorded(prepared, env, command, record_file)
    if record_file is not None:
        say("nothing is recorded: there is no GPU here", err=True)
    # Python ignores it, and what takes this process's place would go on to do so.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    with _explaining(env, command):
        os.execve(prepared.executable, list(command), prepared.environ)  # noqa: S606 - no shell on purpose


def _run_recorded(
    prepared: "PreparedRun", env: str, command: tuple[str, ...], record_file: Path | None
) -> NoReturn:
    from envbench.workbench.foreground_child import end_as
    from envbench.workbench.gpu_recording import choose_trace_file, run_recorded

    path, note = choose_trace_file(record_file, current_settings())
    with _explaining(env, command):
        done = run_recorded(prepared, command, path, note)
    # Whoever listened may be gone: the command has ended as it has all the same.
    with suppress(OSError):
        _show_run(done, record_file)
    end_as(done.code)


@contextmanager
def _explaining(env: str, command: tuple[str, ...]) -> Iterator[None]:
    """Say of a command that cannot be run why.

    Raises:
        UsageError: The system refused.
    """
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{command[0]} cannot be run", where=env, why=error.strerror or str(error)
        ) from error


def _show_run(done: "RecordedRun", record_file: Path | None) -> None:
    from envbench.cli.trace_view import show_trace

    if done.summary is not None:
        show_trace(done.summary)
    elif record_file is not None:
        say(f"nothing was recorded: {done.reason or 'no GPU was read'}", err=True)
    for each in done.notes if done.summary is not None or record_file is not None else ():
        say(f"note: {each}", err=True)


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
