"""Reads what a program wrote as a suspicious terminal would: every byte must be one we know.

Whatever is not a printable character or one of the few sequences that drawing needs is a finding.
Nothing is tolerated because a terminal would ignore it: others would not.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

MODES = frozenset({7, 25, 1000, 1002, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2026, 2048})
"""Private modes: wrap, cursor, mouse, focus, alternate screen, paste, one picture, size."""
_LEAVE = b"\x1b[?1049l"
_SGR = r"(?:0|1|2|3|4|5|7|9|2[1-9]|3[0-7]|39|4[0-7]|49|53|9[0-7]|10[0-7]|[34]8;5;\d{1,3}|[34]8;2;\d{1,3};\d{1,3};\d{1,3})"
_KNOWN = re.compile(
    r"(?P<move>\x1b\[\d{1,4}(?:;\d{1,4})?H|\x1b\[H)"
    rf"|(?P<look>\x1b\[(?:{_SGR}(?:;{_SGR})*)?m)"
    r"|(?P<mode>\x1b\[\?(?P<number>\d{1,4})[hl])"
    r"|(?P<ask>\x1b\[\?(?:2026|2048)\$p|\x1b\[6n)"
    r"|(?P<keys>\x1b\[>\d{1,2}u|\x1b\[<u)"
    r"|(?P<copy>\x1b\]52;c;(?P<data>[A-Za-z0-9+/]*={0,2})\x07)"
    r"|(?P<bell>\x07)"
    r"|(?P<line>\r?\n)"
)


@dataclass(frozen=True)
class Found:
    """What was in a stream."""

    texts: str
    """All printable characters."""
    copies: tuple[str, ...]
    """What was sent to the clipboard, decoded."""
    bells: int
    complaints: tuple[str, ...]
    """What must not be there, each with what stands around it."""


def read_strictly(raw: bytes) -> Found:
    """Read all that a program wrote from its start to its end."""
    if _LEAVE in raw:
        # Only behind the screen, in the shell, may lines end: a screen is drawn by moves.
        at = raw.rindex(_LEAVE)
        screen, shell = raw[:at], raw[at:]
    else:
        screen, shell = raw, b""
    drawn, said = _read(screen, lines=False), _read(shell, lines=True)
    return Found(
        drawn.texts + said.texts,
        drawn.copies + said.copies,
        drawn.bells + said.bells,
        drawn.complaints + said.complaints,
    )


def _read(raw: bytes, *, lines: bool) -> Found:
    try:
        stream = raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        around = raw[max(0, fault.start - 40) : fault.end + 40]
        return Found("", (), 0, (f"no UTF-8: {around!r}",))
    texts: list[str] = []
    copies: list[str] = []
    complaints: list[str] = []
    bells = 0
    for kind, match, text in _tokens(stream):
        if kind == "text":
            texts.append(text)
        elif kind == "copy" and match is not None:
            copies.append(base64.b64decode(match["data"], validate=True).decode("utf-8"))
        elif kind == "bell":
            bells += 1
        elif kind == "line" and not lines:
            complaints.append(f"a line end within the screen near {''.join(texts)[-60:]!r}")
        elif kind == "mode" and match is not None and int(match["number"]) not in MODES:
            complaints.append(f"mode {match['number']}")
        elif kind == "other":
            complaints.append(f"{text!r} behind {''.join(texts)[-60:]!r}")
    return Found("".join(texts), tuple(copies), bells, tuple(complaints))


def _tokens(stream: str) -> Iterator[tuple[str, re.Match[str] | None, str]]:
    position = 0
    while position < len(stream):
        if stream[position].isprintable():
            end = position + 1
            while end < len(stream) and stream[end].isprintable():
                end += 1
            yield "text", None, stream[position:end]
        elif match := _KNOWN.match(stream, position):
            end = match.end()
            yield str(match.lastgroup), match, match[0]
        else:
            end = position + 1
            while end < len(stream) and end < position + 40 and stream[end] != "\x1b":
                end += 1
            yield "other", None, stream[position:end]
        position = end
