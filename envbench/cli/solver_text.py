"""`envbench solve --solver-text`: what the solver itself says of a conflict."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from envbench.cli.output import say
from envbench.model.conflict import Conflict
from envbench.model.solver_tree import fold_solver_text

F = TypeVar("F", bound=Callable[..., Any])
FOLDED, RAW = "folded", "raw"


def solver_text_option(command: F) -> F:
    """Give a verb the option `--solver-text[=raw]`."""
    option = click.option(
        "--solver-text",
        "solver_text",
        is_flag=False,
        flag_value=FOLDED,
        default=None,
        callback=_check,
        metavar="[raw]",
        help="Of a conflict, print what the solver says, folded; with =raw as it is.",
    )
    return option(command)


def show_solver_text(conflict: Conflict, how: str) -> None:
    """Print the solver's own text, or say that there is none."""
    text = conflict.solver_text
    if not text:
        say("the solver said nothing of its own: the lines alone tell what is wrong", err=True)
        return
    for row in (text if how == RAW else fold_solver_text(text)).split("\n"):
        say(row)


def _check(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value in {None, FOLDED, RAW}:
        return value
    # click takes what stands behind the option for its value.
    raise click.BadParameter(f"{value!r} is neither; write --solver-text behind SPEC, or =raw.")
