"""How an error reaches the user: what, where, why and what to do next, on stderr."""

import click

from envbench.model.cleaning import clean
from envbench.model.errors import EnvbenchError
from envbench.model.redaction import redact


def tell_error(error: EnvbenchError) -> None:
    """Print an error to stderr; colour is never the only carrier of meaning."""
    where = f"{error.where}: " if error.where else ""
    lines = [click.style("error: ", fg="red", bold=True) + _safe(where + error.what)]
    if error.why:
        lines.append(click.style("  why:  ", bold=True) + _safe(error.why))
    if error.hint:
        lines.append(click.style("  next: ", fg="cyan", bold=True) + _safe(error.hint))
    click.echo("\n".join(lines), err=True)


def _safe(text: str) -> str:
    return redact(clean(text, multiline=True)).replace("\n", "\n        ")
