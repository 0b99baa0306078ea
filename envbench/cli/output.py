"""Data goes to stdout, talk to stderr; `--json` prints exactly one document."""

import json
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from envbench.model.cleaning import clean
from envbench.model.document import to_builtins
from envbench.model.redaction import redact

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """Give a verb the option `--json`."""
    option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    return option(command)


def print_document(verb: str, value: object) -> None:
    """Print the one JSON document of a verb: its schema first, text from outside cleaned."""
    document = {"schema": f"envbench.{verb}/1", **_clean(to_builtins(value))}
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _clean(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(entry) for entry in value]
    if isinstance(value, str):
        return redact(clean(value, limit=1_000_000, multiline=True))
    return value


def say(text: str = "", *, err: bool = False) -> None:
    """Print a line of text that may come from outside; control characters never pass."""
    click.echo(redact(clean(text, multiline=True, keep_sgr=True)), err=err)


def format_bytes(size: int | None) -> str:
    """Write a size in binary units, `unknown` for None."""
    if size is None:
        return "unknown"
    amount, units = float(size), ("B", "KiB", "MiB", "GiB", "TiB")
    for unit in units:
        if amount < 1024 or unit == units[-1]:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    raise AssertionError("unreachable")
