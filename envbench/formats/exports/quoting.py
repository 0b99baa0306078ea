"""Texts of outside written as literals of the languages that recipes speak."""

import re

_DOCKER_SPECIAL = re.compile(r'([\\"$])')
_NOT_PRINTABLE = re.compile(
    r"[^ !#-\[\]-~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What a double-quoted scalar cannot hold as it is: its own marks, and what YAML does not print."""
_PLAIN = re.compile(r"[A-Za-z./](?:[ -\"$-9;-~]*[!-\"$-9;-~])?")
"""ASCII without `#` and `:`, the marks that end or split a bare scalar."""


MARK = "created-by: envbench"
"""Stands in the head of every file, so that it may be replaced without asking."""


def quote_yaml(text: str) -> str:
    r"""Write a text as YAML's double-quoted scalar, which no reader takes for anything else.

    `3.10`, `no`, `1:30` and `on` stay text, line breaks become `\n`.
    """
    return '"' + _NOT_PRINTABLE.sub(lambda match: _escape(match[0]), text) + '"'


def write_command(command: str) -> str:
    """Write a shell command as a YAML scalar, bare where no reader could mistake it."""
    return command if _PLAIN.fullmatch(command) else quote_yaml(command)


def quote_docker(text: str) -> str:
    r"""Write a value of `ENV` or `LABEL`; nothing in it is expanded.

    Source: Dockerfile reference: within double quotes, `\` keeps `"`, `$` and itself literal.

    Raises:
        ValueError: It holds a line break, which an instruction cannot carry.
    """
    if not is_one_line(text):
        raise ValueError(text)
    escaped = _DOCKER_SPECIAL.sub(r"\\\1", text)
    return f'"{escaped}"'


def is_one_line(text: str) -> bool:
    """Tell whether no reader of any language sees a line break, or the end, in a text."""
    return len(f"{text}.".splitlines()) == 1 and "\0" not in text


def name_for_hosts(name: str) -> str:
    """Make a name of letters, digits and hyphens, at most 50, for image, job and cluster names.

    Source: RFC 1123 labels, which hold 63; what is appended to the name needs room.
    """
    kept = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50].rstrip("-")
    return kept or "environment"


def _escape(character: str) -> str:
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character)
    if short:
        return short
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
