"""Text in rows: never broken inside a version, a range or `line 12`, nor cut while there is room."""

import re
from collections.abc import Sequence
from textwrap import wrap

INDENT = 2
DEEPER = 6
"""Blanks before a row that continues another one."""

_STAND_IN = "\N{NO-BREAK SPACE}"
_KEPT = (
    re.compile(r"(?<=\bline) (?=\d)|(?<=\blines) (?=\d)"),
    re.compile(r"(?<=[\w.*]) (?=[<>=!~]?=?\d)"),
    re.compile(r" (?=to \d)"),
    re.compile(r"(?<=[\w.*]) (?=[<>=!~])"),
)
"""Blanks that hold together what is one thing: `line 12`, `numpy >=1.2,<2`, `3.11 to 3.14`."""
_MANY = re.compile(r"\(([^()|\s]+)(?:\|[^()|\s]+){4,}\|([^()|\s]+)\)")
"""`(a|b|c|d|e|f)`: patterns of builds for many processors."""


def wrap_text(text: str, width: int, *, first: int = DEEPER, others: int = DEEPER) -> list[str]:
    """Lay out text in rows.

    Args:
        text: Sentences; of long lists of patterns the ends are kept.
        width: Characters of a row; a longer word is left as it is.
        first: Blanks before the first row.
        others: Blanks before the others.
    """
    text = _MANY.sub(r"(\1|...|\2)", text).replace(_STAND_IN, " ")
    for kept in _KEPT:
        text = kept.sub(_STAND_IN, text)
    rows = wrap(
        text,
        max(width, DEEPER + 20),
        initial_indent=" " * first,
        subsequent_indent=" " * others,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return [row.replace(_STAND_IN, " ") for row in rows]


def cut(text: str, width: int) -> str:
    """Cut a row to a width, between words if it can be: the last resort, where nothing shorter says it."""
    if len(text) <= width:
        return text
    room = max(0, width - 4)
    kept = text[:room].rstrip()
    words = kept.rpartition(" ")[0].rstrip()
    is_inside = text[room : room + 1] not in {"", " "}
    return f"{words if is_inside and len(words) > room // 2 else kept} ..."


def list_or(texts: Sequence[str], word: str = "or") -> str:
    """Join texts: `a, b or c`."""
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}" if len(texts) > 1 else "".join(texts)


def name_lines(numbers: Sequence[int]) -> str:
    """Name lines: `line 5`, `lines 5 and 7`."""
    return f"line{'s' if len(numbers) > 1 else ''} {list_or([str(n) for n in numbers], 'and')}"
