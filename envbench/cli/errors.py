"""How an error reaches the user: what, where, why and what to do next, on stderr."""

import click

from envbench.cli.output import choose_colour, make_safe
from envbench.model.errors import EnvbenchError, PreventedError

_TRACE_LIMIT = 40_000


def tell_error(error: EnvbenchError) -> None:
    """Print an error to stderr; colour is never the only carrier of meaning."""
    where = f"{error.where}: " if error.where else ""
    lines = [click.style("error: ", fg="red", bold=True) + _safe(where + error.what)]
    if error.why:
        lines.append(click.style("  why:  ", bold=True) + _safe(error.why))
    if error.hint:
        lines.append(click.style("  next: ", fg="cyan", bold=True) + _safe(error.hint))
    click.echo("\n".join(lines), err=True, color=choose_colour())


def tell_fault(fault: Exception) -> None:
    """Print what nobody foresaw: what the system refused in one line, the rest with its trace."""
    if isinstance(fault, OSError) and fault.strerror:
        tell_error(PreventedError(fault.strerror, where=str(fault.filename or "")))
        return
    import traceback

    trace = "".join(traceback.format_exception(fault))
    click.echo(make_safe(trace, limit=_TRACE_LIMIT), err=True)
    hint = "this is a fault of envbench: please report it"
    tell_error(PreventedError("an unexpected error ended it", why=str(fault), hint=hint))


def tell_usage(error: click.ClickException) -> None:
    """Print how a command line is wrong; it may hold names that others have made up."""
    import io

    written = io.StringIO()
    error.show(written)
    click.echo(make_safe(written.getvalue()), err=True, nl=False)


def _safe(text: str) -> str:
    return make_safe(text).replace("\n", "\n        ")
