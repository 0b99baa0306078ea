"""Finds where the lines of a log begin, without keeping them; knows nothing of files.

A line ends at a line feed, or where a hole begins: a run of NUL bytes that is too long to be text.
One note (offset, lines so far) is kept per stride of data, so that any line is found again by
reading one stride, however short or long the lines are.
"""

import re
from array import array
from typing import NamedTuple

from envbench.jobs.log_lines import HOLE_BYTES

STRIDE_BYTES = 16 * 1024
LONG_BYTES = 64 * 1024
"""Of longer lines the place of the shown part is kept; shorter ones are read whole."""
HOLE = b"\0" * HOLE_BYTES
_HOLES = re.compile(rb"\0{%d,}" % HOLE_BYTES)
_NOTED_HOLE = 4 * STRIDE_BYTES
_LARGEST_BLOCK = 8 * STRIDE_BYTES


class Part(NamedTuple):
    """Where the part of a line lies that is shown: all that follows the last carriage return."""

    start: int
    end: int
    is_hole: bool = False


class LineScanner:
    """Takes the bytes of a log in order, in any portions."""

    def __init__(self, start: int = 0) -> None:
        """Begin at the start of a line.

        Args:
            start: Its offset in the file.
        """
        self.start = start
        self.position = start
        """All bytes before it are taken."""
        self.count = 0
        """Lines that have ended."""
        self.line_start = start
        """Where the line begins that has not ended."""
        self.long: dict[int, Part] = {}
        """The shown parts of long lines, by the number of the line."""
        self._offsets = array("Q", [start])
        self._counts = array("Q", [0])
        self._halves = array("B", [0])
        self._nuls = -1
        self._in_hole = False
        self._part = Part(start, start)
        self._returned = False

    @property
    def offsets(self) -> "array[int]":
        """Offsets of the notes, ascending."""
        return self._offsets

    @property
    def counts(self) -> "array[int]":
        """Of each note, how many lines end at its offset or before."""
        return self._counts

    @property
    def halves(self) -> "array[int]":
        """Of each note, whether it stands in a line that has text before it."""
        return self._halves

    @property
    def text_end(self) -> int:
        """How far lines can be found again: the position, or the hole that stands before it."""
        return self._nuls if self._in_hole else self.position

    @property
    def open_part(self) -> Part | None:
        """What is there of the line that has not ended; None when there is nothing."""
        if self._in_hole:
            return Part(self._nuls, self.position, is_hole=True)
        if self._nuls >= 0:
            start = self._nuls if self._returned or not self._has_text else self._part.start
            return Part(start, self.position)
        return self._part if self._has_text else None

    @property
    def _has_text(self) -> bool:
        return self._part.end > self._part.start

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        if self._nuls >= 0:
            body = data.lstrip(b"\0")
            self._pass_nuls(len(data) - len(body))
            if not body:
                return
            self._end_nuls()
            data = body
        body = data.rstrip(b"\0")
        start = 0
        if HOLE in body:
            for hole in _HOLES.finditer(body):
                self._feed_text(body[start : hole.start()])
                self._pass_nuls(hole.end() - hole.start())
                self._end_nuls()
                start = hole.end()
        self._feed_text(body[start:] if start else body)
        if len(body) < len(data):
            self._pass_nuls(len(data) - len(body))

    def skip(self, count: int) -> None:
        """Take a hole of the file system, which reads as NUL bytes."""
        self._pass_nuls(count)

    def _pass_nuls(self, count: int) -> None:
        if not count:
            return
        if self._nuls < 0:
            self._nuls = self.position
        self.position += count
        if self._in_hole or self.position - self._nuls < HOLE_BYTES:
            return
        self._in_hole = True
        if self._has_text:
            self._keep_long(self._nuls, self._part)
            self._end_line(self._nuls)
            if self._offsets[-1] == self._nuls:
                self._counts[-1] = self.count
                self._halves[-1] = False

    def _end_nuls(self) -> None:
        """Something else follows: now it is clear whether the run was a hole."""
        start, self._nuls = self._nuls, -1
        if not self._in_hole:
            self._extend(start, b"\0" * (self.position - start))
            return
        self._in_hole = False
        self._keep_long(self.position, Part(start, self.position, is_hole=True))
        if self.position - start >= _NOTED_HOLE:
            self._note(start)
        self._end_line(self.position)
        if self.position - start >= STRIDE_BYTES:
            self._note(self.position)

    def _feed_text(self, data: bytes) -> None:
        base = self.position
        for first in range(0, len(data), STRIDE_BYTES):
            end = min(len(data), first + STRIDE_BYTES)
            if base + first - self._offsets[-1] >= STRIDE_BYTES:
                self._note(base + first)
            count = data.count(b"\n", first, end)
            if count:
                self._close_lines(data, base, first, end, count)
            else:
                self._extend(base + first, data[first:end])
        self.position = base + len(data)

    def _close_lines(self, data: bytes, base: int, first: int, end: int, count: int) -> None:
        feed = data.find(b"\n", first)
        if base + feed + 1 - self.line_start > LONG_BYTES:
            self._extend(base + first, data[first:feed])
            self._keep_long(base + feed + 1, self._part)
        last = data.rfind(b"\n", first, end) + 1
        self.count += count - 1
        self._end_line(base + last)
        self._extend(base + last, data[last:end])

    def _end_line(self, next_start: int) -> None:
        self.count += 1
        self.line_start = next_start
        self._part = Part(next_start, next_start)
        self._returned = False

    def _extend(self, start: int, piece: bytes) -> None:
        """Move the shown part on: it begins behind the last carriage return before text."""
        text = piece.rstrip(b"\r")
        if text:
            place = text.rfind(b"\r") + 1
            if place or self._returned or not self._has_text:
                self._part = Part(start + place, start + len(text))
            else:
                self._part = Part(self._part.start, start + len(text))
            self._returned = False
        self._returned = self._returned or len(text) < len(piece)

    def _keep_long(self, next_start: int, part: Part) -> None:
        if next_start - self.line_start > LONG_BYTES:
            self.long[self.count] = part

    def _note(self, offset: int) -> None:
        if offset > self._offsets[-1]:
            self._offsets.append(offset)
            self._counts.append(self.count)
            self._halves.append(self._has_text)


def is_mere_hole(start: int, end: int) -> bool:
    """Tell whether what lies between two notes is too much for anything but a hole."""
    return end - start >= _LARGEST_BLOCK


def find_ends(data: bytes, base: int, *, is_half: bool) -> list[int]:
    """Find where lines end in what lies between two notes.

    Args:
        data: The bytes.
        base: Their offset in the file.
        is_half: They begin in a line that has text before them.

    Returns:
        The offsets at which the next lines begin.
    """
    ends: list[int] = []
    start = 0
    if HOLE in data:
        for hole in _HOLES.finditer(data):
            _add_feeds(data, start, hole.start(), base, ends)
            line = ends[-1] - base if ends else 0
            if data[line : hole.start()].strip(b"\r") or (is_half and not ends):
                ends.append(base + hole.start())
            ends.append(base + hole.end())
            start = hole.end()
    _add_feeds(data, start, len(data), base, ends)
    return ends


def _add_feeds(data: bytes, start: int, end: int, base: int, ends: list[int]) -> None:
    place = data.find(b"\n", start, end)
    while place >= 0:
        ends.append(base + place + 1)
        place = data.find(b"\n", place + 1, end)
