"""Conda's order of versions, without any solver at hand.

Source: conda's `VersionOrder` (epoch `!`, local part `+`, segments split at `.` and `_`, digits
apart from letters, `dev` before everything, `post` after everything).
"""

import re
from dataclasses import dataclass, field
from functools import total_ordering
from itertools import zip_longest

_ALLOWED = re.compile(r"[*.+!_0-9a-z]+")
_PIECES = re.compile(r"[0-9]+|\*+|[^0-9*]+")

_WORD, _NUMBER, _AFTER_ALL = 0, 1, 2

Piece = tuple[int, int, str]
"""(rank, number, word): every word sorts below every number, `post` above all."""

_ZERO: Piece = (_NUMBER, 0, "")


class VersionError(ValueError):
    """The text is no version in conda's sense; the message says why."""


def _piece(text: str) -> Piece:
    if text.isdigit():
        return (_NUMBER, int(text), "")
    if text == "post":
        return (_AFTER_ALL, 0, "")
    # Upper case sorts below every other letter, which is how conda puts `dev` first.
    return (_WORD, 0, "DEV" if text == "dev" else text)


def _segment(text: str, whole: str) -> tuple[Piece, ...]:
    pieces = tuple(_piece(part) for part in _PIECES.findall(text))
    if not pieces:
        raise VersionError(f"{whole!r} has an empty part")
    # `1.a` means `1.0a`, so that `1.a` < `1.1`.
    return pieces if text[0].isdigit() else (_ZERO, *pieces)


def _split_release(text: str) -> list[str]:
    """Split at `.` and `_`, but leave a trailing `_` on the last part (openssl's `1.0.1_`)."""
    if text.endswith("_"):
        parts = text[:-1].replace("_", ".").split(".")
        parts[-1] += "_"
        return parts
    return text.replace("_", ".").split(".")


def _take_epoch(text: str, whole: str) -> tuple[str, str]:
    epoch, mark, rest = text.rpartition("!")
    if not mark:
        return "0", rest
    if not epoch.isdigit():
        raise VersionError(f"the epoch of {whole!r} is no number")
    return epoch, rest


def _normalise(text: str) -> str:
    version = text.strip().lower()
    if "-" in version and "_" not in version:
        version = version.replace("-", "_")
    if not version:
        raise VersionError("an empty text is no version")
    if not version.isascii() or not _ALLOWED.fullmatch(version):
        raise VersionError(f"{text!r} holds a character that no version has")
    return version


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class CondaVersion:
    """A version that compares as conda compares it: `1.1 == 1.1.0`, `1.0a < 1.0`, `1!0 > 9`."""

    text: str
    """As written."""
    release: tuple[tuple[Piece, ...], ...] = field(repr=False)
    """The epoch, then the segments."""
    local: tuple[tuple[Piece, ...], ...] = field(repr=False)
    """The segments after `+`."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CondaVersion):
            return NotImplemented
        return _key(self) == _key(other)

    def __hash__(self) -> int:
        return hash(_key(self))

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, CondaVersion):
            return NotImplemented
        for mine, theirs in ((self.release, other.release), (self.local, other.local)):
            answer = _compare(mine, theirs)
            if answer:
                return answer < 0
        return False


def _compare(mine: tuple[tuple[Piece, ...], ...], theirs: tuple[tuple[Piece, ...], ...]) -> int:
    for left, right in zip_longest(mine, theirs, fillvalue=()):
        for one, two in zip_longest(left, right, fillvalue=_ZERO):
            if one != two:
                return -1 if one < two else 1
    return 0


Segments = tuple[tuple[Piece, ...], ...]


def _key(version: CondaVersion) -> tuple[Segments, Segments]:
    """Drop trailing zeros: what is left is the same for versions that compare equal."""
    return _trim(version.release), _trim(version.local)


def _trim(segments: Segments) -> Segments:
    trimmed = [_trim_segment(segment) for segment in segments]
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    return tuple(trimmed)


def _trim_segment(segment: tuple[Piece, ...]) -> tuple[Piece, ...]:
    end = len(segment)
    while end and segment[end - 1] == _ZERO:
        end -= 1
    return segment[:end]


def parse_version(text: str) -> CondaVersion:
    """Read a conda version.

    Raises:
        VersionError: The text is none.
    """
    version = _normalise(text)
    epoch, rest = _take_epoch(version, text)
    release, plus, local = rest.partition("+")
    if "+" in local:
        raise VersionError(f"{text!r} has more than one local part")
    if not release or (plus and not local):
        raise VersionError(f"{text!r} has an empty part")
    return CondaVersion(
        text=text,
        release=tuple(_segment(part, text) for part in (epoch, *_split_release(release))),
        local=tuple(_segment(p, text) for p in local.replace("_", ".").split(".")) if plus else (),
    )


def compare_versions(old: str, new: str) -> int:
    """Tell whether `new` is older (-1), the same (0) or newer (1) than `old`.

    Texts that are no versions compare as texts, so that there is always an answer.
    """
    try:
        left, right = parse_version(old), parse_version(new)
    except VersionError:
        return (new > old) - (new < old)
    return (right > left) - (right < left)
