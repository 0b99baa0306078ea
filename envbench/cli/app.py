"""The `envbench` command: one lazily loaded verb each, errors and exit codes in one place."""

import gc
import importlib
import os
import sys
from typing import NoReturn

import click

from envbench import __version__
from envbench.cli.errors import tell_error, tell_fault, tell_usage
from envbench.cli.output import choose_colour, open_closed_streams
from envbench.cli.session import OpenScreen
from envbench.cli.verbs import VERBS
from envbench.model.errors import EnvbenchError, ExitCode


class LazyGroup(click.Group):
    """Imports the module of a verb only when that verb is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the verbs in the order of the work, not of the alphabet."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one verb."""
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; for an unknown one say which is near."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from difflib import get_close_matches

            if args[0].endswith((".yml", ".yaml")) or "/" in args[0]:
                ctx.fail(f"there is no file or folder '{args[0]}'.")
            near = get_close_matches(args[0], VERBS, n=1)
            hint = f" Did you mean 'envbench {near[0]}'?" if near else ""
            ctx.fail(f"there is no verb '{args[0]}'.{hint}")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the verbs without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, line) for name, (_, line) in VERBS.items()])


EPILOG = """\b
Start here:
  envbench [FOLDER | SPEC]          the screen, on a folder or a spec
  envbench demo                     the whole chain, with nothing but this Python
  envbench check environment.yml    what is wrong with a spec, line by line
  envbench build environment.yml    build it beside the environment in use

\b
Exit codes: 0 fine; 1 the thing asked about is not fine; 2 wrong usage or
unreadable input; 3 this box or the network prevented it; 130 cancelled."""


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="envbench %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """The workbench for conda environments on GPU boxes.

    Check an environment.yml, solve it, build it in the background without touching the
    environment in use, prove that it works, lock it, verify it. Without a verb, in a terminal,
    it opens the screen on this folder.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


_OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Python's own 700 suits programs that run for long; those among the verbs still collect."""


def run(screen: OpenScreen | None = None) -> NoReturn:
    """Run the command line of this process and leave with the documented exit code.

    Args:
        screen: Opens the screen, for the verb that has both; None where there is none.
    """
    # Loading makes tens of thousands of objects that stay: looking again and again which of them
    # could go, and once more at the end, takes a sixth of the time of a short verb.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    try:
        open_closed_streams()
        code = cli.main(
            prog_name="envbench", standalone_mode=False, obj=screen, color=choose_colour()
        )
        status = code if isinstance(code, int) else ExitCode.FINE
    except EnvbenchError as error:
        tell_error(error)
        status = error.exit_code
    except click.ClickException as error:
        tell_usage(error)
        status = ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("envbench: cancelled", err=True)
        status = ExitCode.CANCELLED
    except BrokenPipeError:
        # The reader went away (`envbench jobs | head`): no message, and none at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = ExitCode.FINE
    except Exception as fault:  # noqa: BLE001 - the outer edge: Python's own exit code would say 1
        tell_fault(fault)
        status = ExitCode.PREVENTED
    gc.freeze()
    sys.exit(int(status))
