"""What is known about the terminal from the environment alone, before a byte is written.

Source: terminfo names, the `COLORTERM` convention, NO_COLOR (no-color.org), variables that tmux,
GNU screen and OpenSSH set, POSIX locale variables.
"""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Colours: TypeAlias = Literal["none", "16", "256", "true"]
Multiplexer: TypeAlias = Literal["tmux", "screen"]


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """What the environment says about the terminal."""

    term: str
    """Value of `TERM`; empty when unset."""
    colours: Colours
    """Colours that will be used; `none` when `NO_COLOR` is set."""
    multiplexer: Multiplexer | None
    """What stands between the program and the real terminal, and answers in its place."""
    is_remote: bool
    """The terminal is at the other end of an SSH connection."""
    is_utf8: bool
    """The terminal is believed to read UTF-8."""


def describe_terminal(environ: Mapping[str, str], encoding: str | None = None) -> TerminalFacts:
    """Describe the terminal.

    Args:
        environ: The environment.
        encoding: What Python encodes the terminal's stream with (`sys.stdout.encoding`); taken
            from the locale variables when not given.
    """
    return TerminalFacts(
        term=environ.get("TERM", ""),
        colours=_count_colours(environ),
        multiplexer=_find_multiplexer(environ),
        is_remote=any(environ.get(name) for name in ("SSH_TTY", "SSH_CONNECTION", "SSH_CLIENT")),
        is_utf8=is_utf8(encoding or _locale_encoding(environ)),
    )


def is_utf8(encoding: str) -> bool:
    """Tell whether an encoding's name means UTF-8, however it is written."""
    try:
        return codecs.lookup(encoding).name in {"utf-8", "utf-8-sig"}
    except LookupError:
        return False


def _count_colours(environ: Mapping[str, str]) -> Colours:
    if "NO_COLOR" in environ:
        return "none"
    if environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return "true"
    term = environ.get("TERM", "").lower()
    if term in {"", "dumb", "unknown"}:
        return "none"
    if term.endswith(("-direct", "-truecolor")):
        return "true"
    if "256color" in term or "kitty" in term:
        return "256"
    return "16"


def _find_multiplexer(environ: Mapping[str, str]) -> Multiplexer | None:
    if environ.get("TMUX"):
        return "tmux"
    if environ.get("STY"):
        return "screen"
    # Through `ssh` or `sudo` the variables are gone, and only the name of the terminal is left.
    term = environ.get("TERM", "").lower()
    if term.startswith("tmux"):
        return "tmux"
    return "screen" if term.startswith("screen") else None


def _locale_encoding(environ: Mapping[str, str]) -> str:
    """Return the character set of the locale, as the variables name it."""
    chosen = next((environ[n] for n in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(n)), "C")
    name, _, charset = chosen.partition("@")[0].partition(".")
    if charset:
        return charset
    return "ascii" if name in {"C", "POSIX"} else "iso8859-1"
