"""Searches a log by what its lines show; made for a child process that can be killed.

Most parts of most logs are plain ASCII without secrets: there the bytes are searched as they are.
Where a part is not plain, each of its lines is made safe to show first and searched then.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from envbench.jobs.log_index import LogIndex
from envbench.jobs.log_index_lines import ERROR_WORDS, WARNING_WORDS, Level, find_level
from envbench.jobs.log_lines import LINE_LIMIT_BYTES
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.redaction import redact

BATCH_S = 0.1
HITS_LIMIT = 100_000
PATTERN_LIMIT = 1000
_SPAN_BYTES = 512 * 1024
_SPAN_LINES = 20_000
_ODD = bytes(n for n in range(256) if not (n in (0x09, 0x0A) or 0x20 <= n < 0x7F))
_LEVEL_WORDS: dict[Level, tuple[str, ...]] = {
    "error": ("err", "crit", *(w for w in ERROR_WORDS if w not in ("error", "critical"))),
    "warning": WARNING_WORDS,
    "info": ("info", "notice"),
    "debug": ("debug", "trace", "verbose"),
}


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What is looked for in a log."""

    pattern: str
    """Empty to look for levels alone."""
    regex: bool = False
    """The pattern is a regular expression of Python; else it is taken as it is."""
    ignore_case: bool = True
    levels: tuple[Level, ...] = ()
    """Only lines of these levels; all when empty."""
    limit: int = HITS_LIMIT
    """Most hits."""


@dataclass(frozen=True, slots=True)
class LogHits:
    """A batch of lines that were found, in order."""

    lines: tuple[int, ...]
    """Their numbers, counted from 0."""
    starts: tuple[int, ...]
    """Of each, where in the shown text the first match begins, in characters."""
    lengths: tuple[int, ...]
    """Of each, how long that match is; 0 when only the level was asked for."""
    scanned: int
    """Lines looked at up to now that have ended; a later search may go on from there."""
    total: int
    """Hits up to now, those of earlier batches included."""
    done: bool
    """Nothing more will come."""
    capped: bool = False
    """There may be more hits than are told."""


Hit = tuple[int, int, int]
"""Number of the line, start and length of the match."""
Search = Callable[[str], "tuple[int, int] | None"]
"""Finds the first match in a shown text: start and length."""


def compile_query(query: LogQuery) -> re.Pattern[str]:
    """Make the pattern of a query.

    Raises:
        UsageError: It is no regular expression, or too long.
    """
    if len(query.pattern) > PATTERN_LIMIT:
        raise UsageError("the pattern is too long", why=f"at most {PATTERN_LIMIT} characters")
    text = query.pattern if query.regex else re.escape(query.pattern)
    try:
        return re.compile(text, re.IGNORECASE if query.ignore_case else 0)
    except (re.error, OverflowError, RecursionError) as fault:
        shown = clean(query.pattern, limit=60)
        why = clean(str(fault), limit=200)
        raise UsageError(f"no regular expression: {shown}", why=why) from fault


def search_index(index: LogIndex, query: LogQuery, first_line: int = 0) -> Iterator[LogHits]:
    """Search a log from a line on; a batch comes about every tenth of a second.

    Args:
        index: The log; nothing of it needs to be indexed yet.
        query: What is looked for.
        first_line: Where to begin.

    Raises:
        UsageError: The pattern is no regular expression.
    """
    hits: list[Hit] = []
    total, told_at = 0, time.monotonic()
    for place, found in _search_spans(index, _LineSearch(query), first_line):
        hits += found[: query.limit - total]
        total += min(len(found), query.limit - total)
        if total >= query.limit:
            yield _pack(hits, hits[-1][0] + 1, total, done=True, capped=True)
            return
        if time.monotonic() - told_at >= BATCH_S:
            yield _pack(hits, place, total, done=False)
            hits, told_at = [], time.monotonic()
    yield _pack(hits, index.ended_count, total, done=True)


def _pack(
    hits: list[Hit], scanned: int, total: int, *, done: bool, capped: bool = False
) -> LogHits:
    lines, starts, lengths = zip(*hits, strict=True) if hits else ((), (), ())
    return LogHits(lines, starts, lengths, scanned, total, done, capped)


def _search_spans(
    index: LogIndex, search: "_LineSearch", first_line: int
) -> Iterator[tuple[int, list[Hit]]]:
    """Search span by span while the index grows; gives how far it came, and what was found."""
    line, generation, more = first_line, index.generation, True
    while more:
        more = index.advance()
        if index.generation != generation:
            return
        while line < index.ended_count:
            end = _end_span(index, line)
            if more and end == index.ended_count and end - line < _SPAN_LINES // 10:
                break
            found = search.search_plain(index.read_bytes(line, end), line, end - line)
            if found is None:
                found = search.search_shown(index, line, end)
            line = end
            yield line, found
        yield line, []
    yield line, search.search_shown(index, line, index.line_count)


def _end_span(index: LogIndex, line: int) -> int:
    end = index.line_at(index.offset_of(line) + _SPAN_BYTES)
    return max(line + 1, min(end, index.ended_count, line + _SPAN_LINES))


class _LineSearch:
    """Decides which lines are hits."""

    def __init__(self, query: LogQuery) -> None:
        self._levels = query.levels
        self._pattern = compile_query(query)
        self._ignore_case = query.ignore_case
        self._needle = (query.pattern.lower() if query.ignore_case else query.pattern).encode(
            "utf-8", "surrogatepass"
        )
        self._words = tuple(
            word.encode() for level in query.levels for word in _LEVEL_WORDS.get(level, ("",))
        )
        # What has a mask in it cannot be found in the bytes; everything else stands there too.
        self._is_literal = (
            not query.regex
            and query.pattern.isascii()
            and "*" not in query.pattern
            # A level that no words belong to is known by looking at every line.
            and bool(self._needle or (self._words and all(self._words)))
        )

    def search_plain(self, data: bytes, first: int, count: int) -> list[Hit] | None:
        """Search the bytes of whole lines; None when they may not show what they are."""
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        if len(data.translate(None, _ODD)) != len(data) or data.count(b"\n") != count:
            return None
        text = data.decode("ascii")
        lines = text.split("\n")[:-1]
        if max(map(len, lines), default=0) > LINE_LIMIT_BYTES:
            return None
        if self._is_literal:
            return self._search_candidates(text, data, first)
        return self._search_each(lines, first) if redact(text) == text else None

    def search_shown(self, index: LogIndex, first: int, end: int) -> list[Hit]:
        """Search lines as they are shown, one by one."""
        hits: list[Hit] = []
        for start in range(first, end, 1000):
            for line in index.read_lines(start, min(1000, end - start)):
                self._add(line.text, line.number, hits, level=line.level)
        return hits

    def _search_candidates(self, text: str, data: bytes, first: int) -> list[Hit]:
        """Look only at the lines that hold the needle, or else one of the words of the levels."""
        searched = data.lower() if self._ignore_case or not self._needle else data
        words = (self._needle,) if self._needle else self._words
        hits: list[Hit] = []
        done, number = 0, first
        for start in sorted({data.rfind(b"\n", 0, at) + 1 for at in _find_all(searched, words)}):
            number += data.count(b"\n", done, start)
            done = start
            self._add(redact(text[start : text.find("\n", start)]), number, hits)
        return hits

    def _search_each(self, lines: list[str], first: int) -> list[Hit]:
        hits: list[Hit] = []
        search = self._pattern.search
        for number, line in enumerate(lines, first):
            if search(line) is not None:
                self._add(line, number, hits)
        return hits

    def _add(self, text: str, number: int, hits: list[Hit], *, level: Level | None = None) -> None:
        found = self._pattern.search(text)
        if found is None:
            return
        if self._levels and (level or find_level(text)) not in self._levels:
            return
        hits.append((number, found.start(), found.end() - found.start()))


def _find_all(data: bytes, words: tuple[bytes, ...]) -> Iterator[int]:
    """Find the words; of each line and word one place at least."""
    for word in words:
        place = data.find(word)
        while place >= 0:
            yield place
            line_end = data.find(b"\n", place)
            place = data.find(word, line_end + 1) if line_end >= 0 else -1
