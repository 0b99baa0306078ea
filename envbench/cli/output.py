"""Data goes to stdout, talk to stderr; `--json` prints exactly one document."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from envbench.model.cleaning import clean
from envbench.model.redaction import redact

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Painted:
    """A word of our own in colour, among text that brings none."""

    text: str
    colour: str
    """As click names it: `red`, `cyan`, ..."""
    bold: bool = False

    def __str__(self) -> str:
        return click.style(self.text, fg=self.colour, bold=self.bold or None)


def json_option(command: F) -> F:
    """Give a verb the option `--json`."""
    option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    return option(command)


def choose_colour() -> bool | None:
    """Tell click to leave colours out where they are not wanted; None: wherever a terminal is."""
    unwanted = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return False if unwanted else None


def open_closed_streams() -> None:
    """Let what is written to a closed stdout or stderr (`>&-`) go nowhere, and into no file."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_WRONLY)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, os.fdopen(number, "w", closefd=False))


def print_document(verb: str, value: object) -> None:
    """Print the one JSON document of a verb: its schema first, text from outside cleaned."""
    import json

    sys.stdout.write(json.dumps(_document(verb, value), indent=2, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_line_document(verb: str, value: object) -> None:
    """Print one document of many on a line of its own, for verbs that go on."""
    import json

    text = json.dumps(_document(verb, value), ensure_ascii=False, separators=(",", ":"))
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _document(verb: str, value: object) -> dict[str, Any]:
    from envbench.model.document import to_builtins

    return {"schema": f"envbench.{verb}/1", **_clean(to_builtins(value))}


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _clean(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(entry) for entry in value]
    if isinstance(value, str):
        return redact(clean(value, limit=1_000_000, multiline=True))
    return value


def say(*parts: str | Painted, err: bool = False) -> None:
    """Print a line of text that may come from outside: its colours and controls never pass."""
    shown = (str(part) if isinstance(part, Painted) else make_safe(part) for part in parts)
    click.echo("".join(shown), err=err)


def say_log_line(line: str) -> None:
    """Print a line that a program wrote, with its colours and nothing else of the kind."""
    click.echo(redact(clean(line, keep_sgr=True)))


def make_safe(text: str, *, limit: int = 4000) -> str:
    """Take control characters, colours and secrets out of text that a terminal will show."""
    return redact(clean(text, limit=limit, multiline=True))


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
