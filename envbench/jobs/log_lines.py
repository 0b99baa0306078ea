"""Cuts the raw bytes of a log into lines as a person would see them; knows nothing of files.

Progress bars write over themselves with carriage returns: what stands last is the line. Lines
without an end are cut at a limit and the rest is counted. Holes, and what is left of them, are
lines of their own.
"""

import re
from dataclasses import dataclass

LINE_LIMIT_BYTES = 8 * 1024
HOLE_BYTES = 512
"""NUL bytes in a row that are no text but a hole, on file systems that do not say where one is."""

_NULS = re.compile(rb"\0{%d,}" % HOLE_BYTES)
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log."""

    text: str
    """As written, undecodable bytes replaced; not yet cleaned."""
    cut_bytes: int = 0
    """What is missing at its end because the line was too long."""
    hole_bytes: int = 0
    """What was cut out of the log here; then there is no text."""


def say_hole(count: int) -> str:
    """Say how much of a log is missing."""
    return (
        f"[{count / _MEGABYTE:.1f} MB cut]" if count >= _MEGABYTE / 10 else f"[{count} bytes cut]"
    )


class LineSplitter:
    """Takes bytes in any portions, gives whole lines; holds no more than one line's limit."""

    def __init__(self, *, limit_bytes: int = LINE_LIMIT_BYTES) -> None:
        """Begin at the start of a line.

        Args:
            limit_bytes: What is kept of a line.
        """
        self._limit = limit_bytes
        self._segment = bytearray()
        self._lost = 0
        self._returned = False
        self._hole = 0

    @property
    def pending(self) -> LogLine | None:
        """The line that has no end yet, such as a progress bar at work; None when there is none."""
        return self._make() if self._segment else None

    def feed(self, data: bytes) -> list[LogLine]:
        """Take the next bytes and give the lines that are complete now."""
        lines: list[LogLine] = []
        start = 0
        for hole in _NULS.finditer(data):
            self._feed_text(data[start : hole.start()], lines)
            lines += self.skip(hole.end() - hole.start())
            start = hole.end()
        self._feed_text(data[start:], lines)
        return lines

    def skip(self, count: int) -> list[LogLine]:
        """Take a hole of the file; what stood before it is a line, ended or not."""
        lines = [self._end_line()] if self._segment else []
        self._hole += count
        return lines

    def finish(self) -> list[LogLine]:
        """Give what is left when nothing more will come."""
        lines = self._end_hole()
        return [*lines, self._end_line()] if self._segment else lines

    def _feed_text(self, data: bytes, lines: list[LogLine]) -> None:
        if not data:
            return
        lines += self._end_hole()
        *whole, rest = data.split(b"\n")
        for piece in whole:
            self._add(piece)
            lines.append(self._end_line())
        self._add(rest)

    def _add(self, piece: bytes) -> None:
        for number, part in enumerate(piece.split(b"\r")):
            self._returned = self._returned or number > 0
            if not part:
                continue
            if self._returned:
                self._clear()
            room = max(0, self._limit - len(self._segment))
            self._segment += part[:room]
            self._lost += max(0, len(part) - room)

    def _end_line(self) -> LogLine:
        line = self._make()
        self._clear()
        return line

    def _end_hole(self) -> list[LogLine]:
        count, self._hole = self._hole, 0
        return [LogLine(text="", hole_bytes=count)] if count else []

    def _make(self) -> LogLine:
        return LogLine(text=self._segment.decode("utf-8", "replace"), cut_bytes=self._lost)

    def _clear(self) -> None:
        self._segment.clear()
        self._lost = 0
        self._returned = False
