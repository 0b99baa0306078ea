"""Writes command lines that can be shown, copied and pasted as they are, whatever a name holds.

Source: bash(1), "ANSI-C Quoting" (`$'...'`; zsh, ksh and POSIX.1-2024 have it, too).
"""

import os
import shlex
from collections.abc import Iterable

_ESCAPED = {"\\": "\\\\", "'": "\\'"}


def quote(word: str) -> str:
    """Quote a word for the shell; what cannot be shown is written as the numbers of its bytes.

    Pasted into a terminal, a control character would act before the shell has seen the quotes.
    """
    if word.isprintable():
        return shlex.quote(word)
    return f"$'{''.join(map(_escape, word))}'"


def join(words: Iterable[str]) -> str:
    """Write a command line."""
    return " ".join(map(quote, words))


def quote_path(path: str, folder: str) -> str:
    """Quote a path; one inside of the folder that the user is in is written without it.

    Args:
        path: As the desk tells paths: a name that is no UTF-8 comes as an address.
        folder: Absolute.
    """
    if path.startswith("file://"):
        from envbench.workbench.path_texts import read_path

        path = os.fspath(read_path(path))
    return quote(path.removeprefix(folder.rstrip("/") + "/"))


def _escape(character: str) -> str:
    if character.isprintable():
        return _ESCAPED.get(character, character)
    # Bytes of a file name that are no UTF-8 stand in it as surrogates.
    kind = "surrogateescape" if "\udc80" <= character <= "\udcff" else "surrogatepass"
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", kind))
