"""Where a file names the prefix it was installed to, and how packages leave that place open.

A package holds a long made-up prefix instead; whoever links it writes the real one. The rules
are pure: text in, text out.
"""

import re
from enum import StrEnum

PLACEHOLDER = "/opt/envbench" + "_placehold" * 23
"""The made-up prefix: 243 characters, so that binary files can hold any usual real one."""

_SYSTEM_PREFIXES = frozenset({"/", "/usr", "/usr/local", "/opt", "/home"})
"""Prefixes that files name for other reasons too, such as `#!/usr/bin/env`."""

_PYTHON_SHEBANG = re.compile(
    rb"\A#!\s*(?:(?P<path>/[^\s]*/)?pythonw?(?:\d+(?:\.\d+)*)?t?)(?P<options>[ \t][^\r\n]*)?\r?\n"
)
_ENV_PYTHON_SHEBANG = re.compile(rb"\A#!\s*/usr/bin/env[ \t]+python[\d.]*[ \t]*\r?\n")
_TRAMPOLINE = re.compile(rb"\A#!/bin/sh\r?\n'''exec' [^\n]*python[^\n]*(?: #'''|\n' ''')\r?\n")
_BINARY_TAIL = re.compile(rb"[^\0]*\0+")


class PlaceholderKind(StrEnum):
    """How the placeholder is replaced in a file: `file_mode` of `paths.json`."""

    TEXT = "text"
    BINARY = "binary"


def is_distinctive(prefix: str) -> bool:
    """Whether finding this prefix in a file means that the file was made for it."""
    return prefix.rstrip("/") not in _SYSTEM_PREFIXES and prefix.count("/") >= 2


def is_binary(content: bytes) -> bool:
    """Whether a file is no text: it holds a NUL byte."""
    return b"\0" in content


def substitute_prefix(content: bytes, prefix: str) -> bytes:
    """Put the placeholder wherever a text names the prefix or a path below it.

    `/opt/py` is replaced in `/opt/py/bin`, `"/opt/py"` and `-L/opt/py/lib`, not in `/opt/python` or
    `/srv/opt/py`.
    """
    pattern = (
        rb"(?:(?<![\w.$)}~-])|(?<=[\s'\"=]-[ILR]))"
        + re.escape(prefix.rstrip("/").encode())
        + rb"(?![\w.+~-])"
    )
    return re.sub(pattern, lambda _: PLACEHOLDER.encode(), content)


def restore_placeholder(content: bytes, prefix: str) -> bytes | None:
    """Undo the replacement in a binary file that still has the room for the placeholder.

    A linked binary file holds the real prefix and, after the end of the string, as many NUL
    bytes as the replacement saved.

    Returns:
        The content with the placeholder, as long as before; None where a string has no room, or
        the prefix does not occur.
    """
    old, new = prefix.rstrip("/").encode(), PLACEHOLDER.encode()
    grown, pieces, at = len(new) - len(old), [], 0
    pattern = re.compile(rb"(?<![\w.-])" + re.escape(old) + rb"(?=[/\0:;])")
    found = pattern.search(content)
    if found is None or grown <= 0:
        return None
    while found is not None:
        tail = _BINARY_TAIL.match(content, found.start())
        if tail is None:
            return None
        text = tail.group().rstrip(b"\0")
        filled = pattern.sub(lambda _: new, text)
        if len(filled) + 1 > len(tail.group()):
            return None
        pieces += [content[at : found.start()], filled.ljust(len(tail.group()), b"\0")]
        at = tail.end()
        found = pattern.search(content, at)
    return b"".join((*pieces, content[at:]))


def rewrite_shebang(content: bytes) -> bytes:
    """Let a script that asks for a Python run the one of the prefix it is linked to.

    `#!python` (the form of wheels), the absolute path of any Python, `/usr/bin/env python` and the
    shell detour that installers write for long paths all become `#!PLACEHOLDER/bin/python`.
    """
    start = b"#!" + PLACEHOLDER.encode() + b"/bin/python"
    for pattern in (_PYTHON_SHEBANG, _ENV_PYTHON_SHEBANG, _TRAMPOLINE):
        match = pattern.match(content)
        if match:
            options = (match.groupdict().get("options") or b"").rstrip()
            return start + options + b"\n" + content[match.end() :]
    return content
