"""How an error reaches the user: what, where, why and what to do next, on stderr."""

import traceback

import click

from envbench.model.cleaning import clean
from envbench.model.errors import EnvbenchError, PreventedError
from envbench.model.redaction import redact

_TRACE_LIMIT = 40_000


def tell_error(error: EnvbenchError) -> None:
    """Print an error to stderr; colour is never the only carrier of meaning."""
    where = f"{error.where}: " if error.where else ""
    lines = [click.style("error: ", fg="red", bold=True) + _safe(where + error.what)]
    if error.why:
        lines.append(click.style("  why:  ", bold=True) + _safe(error.why))
    if error.hint:
        lines.append(click.style("  next: ", fg="cyan", bold=True) + _safe(error.hint))
    click.echo("\n".join(lines), err=True)


def tell_fault(fault: Exception) -> None:
    """Print what nobody foresaw: what the system refused in one line, the rest with its trace."""
    if isinstance(fault, OSError) and fault.strerror:
        tell_error(PreventedError(fault.strerror, where=str(fault.filename or "")))
        return
    trace = "".join(traceback.format_exception(fault))
    click.echo(redact(clean(trace, limit=_TRACE_LIMIT, multiline=True)), err=True)
    hint = "this is a fault of envbench: please report it"
    tell_error(PreventedError("an unexpected error ended it", why=str(fault), hint=hint))


def _safe(text: str) -> str:
    return redact(clean(text, multiline=True)).replace("\n", "\n        ")
