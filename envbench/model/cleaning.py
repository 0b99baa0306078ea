"""Text from outside, made safe for a terminal.

Package names, logs, error texts and file contents may hold escape sequences that clear the screen,
write the clipboard or forge lines. They pass through `clean` once, where they become values.

Source: ECMA-48 (control sequences and strings), xterm's control sequence notes, Unicode UAX 9
(bidirectional controls) and UTR 36 (invisible characters).
"""

import re

from envbench.model.lazy_patterns import lazy_pattern

MAX_COMBINING_MARKS = 8
"""Marks in a row that stay on one letter; the scripts of the world need fewer."""

_REPLACEMENT = "\ufffd"

# Every alternative begins with an introducer and can only run forward, so that the time is linear.
# A string kind (OSC, DCS, APC, PM, SOS) ends at BEL or ST, at the next escape, or at its line's end.
_SEQUENCE = lazy_pattern(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_COLOUR = lazy_pattern(r"(?:\x1b\[|\x9b)([0-9;:]{0,64})m")
_CONTROL_SINGLE = lazy_pattern(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_CONTROL_MULTI = lazy_pattern(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CONTROL_BUT_ESCAPE_SINGLE = lazy_pattern(r"[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f]")
_CONTROL_BUT_ESCAPE_MULTI = lazy_pattern(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]")
_INVISIBLE = lazy_pattern(
    "[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # bidi, zero width, separators
    "\u00ad\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0\ufff9-\ufffb"  # fillers, annotations
    "\ud800-\udfff"  # lone surrogates
    "\U000e0000-\U000e007f]"  # tag characters
)
_MARKS = lazy_pattern("(?:[\u0300-\U0010ffff]|\x1b\\[[0-9;:]*m){9,}")
"""Runs in which more than `MAX_COMBINING_MARKS` marks may stand."""
_KEPT_OR_CHARACTER = lazy_pattern(r"\x1b\[[0-9;:]*m|.", re.DOTALL)
_RESET = "\x1b[0m"


def clean(
    text: str,
    *,
    limit: int = 4000,
    multiline: bool = False,
    keep_sgr: bool = False,
    progress: bool = False,
) -> str:
    """Make outside text safe to show: no control character but TAB is left.

    The result is stable: cleaning it again with the same arguments changes nothing.

    Args:
        text: Anything, lone surrogates included.
        limit: Most characters of the result, colour sequences not counted; a longer text ends in
            `... (+N)`, N being the number of characters left out.
        multiline: Keep line feeds.
        keep_sgr: Keep colour sequences (`ESC [ ... m`) for a view that turns them into styles.
        progress: The text is output of a program: of each line only what follows the last
            carriage return is kept, as a terminal would show it.

    Source: the order of steps is that of a terminal: sequences are recognised before single
    controls, so that none can be assembled from leftovers.
    """
    if text.isascii() and text.isprintable():
        return text if len(text) <= limit else _cut(text, limit)
    if progress:
        text = "\n".join(map(last_overwrite, text.split("\n")))
    text = _SEQUENCE.sub(_keep_colour if keep_sgr else "", text)
    text = _control_pattern(multiline, keep_sgr).sub("", text)
    if not text.isascii():
        text = _MARKS.sub(_trim_marks, _INVISIBLE.sub(_REPLACEMENT, text))
    return _cut_coloured(text, limit) if keep_sgr and "\x1b" in text else _cut(text, limit)


def last_overwrite(line: str) -> str:
    """Return what a progress line shows in the end: the text behind its last carriage return."""
    return line.rstrip("\r").rpartition("\r")[2]


def describe_characters(text: str) -> str:
    """Name the characters of a text that plain ASCII words are not made of.

    Returns:
        Such as `U+200B ZERO WIDTH SPACE, U+0430 CYRILLIC SMALL LETTER A`; empty when there are none.
    """
    import unicodedata

    odd = dict.fromkeys(c for c in text if not (c.isascii() and c.isprintable()))
    return ", ".join(f"U+{ord(c):04X} {unicodedata.name(c, 'CONTROL')}" for c in odd)


def _control_pattern(multiline: bool, keep_escape: bool) -> re.Pattern[str]:
    if keep_escape:
        return _CONTROL_BUT_ESCAPE_MULTI if multiline else _CONTROL_BUT_ESCAPE_SINGLE
    return _CONTROL_MULTI if multiline else _CONTROL_SINGLE


def _keep_colour(match: re.Match[str]) -> str:
    colour = _COLOUR.fullmatch(match[0])
    return f"\x1b[{colour[1]}m" if colour else ""


def _trim_marks(match: re.Match[str]) -> str:
    import unicodedata

    kept: list[str] = []
    marks = 0
    for piece in _KEPT_OR_CHARACTER.findall(match[0]):
        if len(piece) == 1:
            marks = marks + 1 if unicodedata.category(piece) in {"Mn", "Me", "Mc"} else 0
        if marks <= MAX_COMBINING_MARKS or len(piece) > 1:
            kept.append(piece)
    return "".join(kept)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    kept, suffix = _fit(len(text), limit)
    return text[:kept] + suffix


def _fit(length: int, limit: int) -> tuple[int, str]:
    """Return how many characters stay and the suffix, together within the limit."""
    kept = limit
    while kept > 0:
        suffix = f"... (+{length - kept})"
        if kept + len(suffix) <= limit:
            return kept, suffix
        kept = limit - len(suffix)
    return limit, ""


def _cut_coloured(text: str, limit: int) -> str:
    """Cut by visible characters; colours of the part that goes away go away with it."""
    pieces = _KEPT_OR_CHARACTER.findall(text)
    visible = sum(len(piece) == 1 for piece in pieces)
    if visible > limit:
        kept, suffix = _fit(visible, limit)
        pieces = [*_take_visible(pieces, kept), *suffix]
    colours = [piece for piece in pieces if len(piece) > 1]
    end = "" if colours[-1:] in ([], [_RESET], ["\x1b[m"]) else _RESET
    return "".join(pieces) + end


def _take_visible(pieces: list[str], count: int) -> list[str]:
    taken: list[str] = []
    for piece in pieces:
        if len(piece) == 1:
            if count == 0:
                break
            count -= 1
        taken.append(piece)
    return taken
