"""A job's log of any size, by line number: the file is the store, only line positions are kept.

It grows in slices of time, so that a screen may own one: nothing here blocks for long, nothing
grows with the length of a line, nothing raises when the file is cut, replaced or gone.
"""

import time
from bisect import bisect_left, bisect_right
from collections import OrderedDict

from envbench.jobs.log_index_file import GONE, IndexedFile
from envbench.jobs.log_index_lines import ShownLine, find_level, find_time
from envbench.jobs.log_index_scan import (
    HOLE,
    LONG_BYTES,
    LineScanner,
    Part,
    find_ends,
    is_mere_hole,
)
from envbench.jobs.log_lines import LINE_LIMIT_BYTES, LogLine
from envbench.jobs.log_show import show_line

BUDGET_S = 0.008
_CHUNK_BYTES = 256 * 1024
_CACHED_BLOCKS = 8
_MOST_BYTES = 1024 * 1024


class LogIndex:
    """The lines of one log."""

    def __init__(self, directory: str, *, tail_bytes: int = 0) -> None:
        """Name the log; nothing is read before the first `advance`.

        Args:
            directory: The job's directory.
            tail_bytes: Leave out all but about so much of the end, as it is at the first look;
                0 for the whole log.
        """
        self.directory = directory
        self.generation = 0
        """Grows whenever the log had to be read anew; line numbers before it mean nothing then."""
        self.note = ""
        """Why it was read anew the last time; empty when it never was."""
        self._file = IndexedFile(directory)
        self._tail_bytes = tail_bytes
        self._scanner = LineScanner()
        self._blocks: OrderedDict[tuple[int, int, int], list[int]] = OrderedDict()

    def close(self) -> None:
        """Let the file go; safe to call twice."""
        self._file.close()

    def __enter__(self) -> "LogIndex":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def first_offset(self) -> int:
        """Where in the file line 0 begins; 0 unless only the tail is indexed."""
        return self._scanner.start

    @property
    def position(self) -> int:
        """How many bytes of the file are indexed."""
        return self._scanner.position

    @property
    def size(self) -> int:
        """Bytes of the file at the last look."""
        return self._file.size

    @property
    def ended_count(self) -> int:
        """Lines that have an end."""
        return self._scanner.count

    @property
    def line_count(self) -> int:
        """Lines, the last one included if it has no end yet."""
        return self._scanner.count + (self._scanner.open_part is not None)

    @property
    def fault(self) -> str:
        """Why the log cannot be read, in plain words; empty when it can."""
        return self._file.fault or (GONE if self._file.is_gone else "")

    def advance(self, budget_s: float = BUDGET_S) -> bool:
        """Take in what is new, for about so long.

        Returns:
            Whether there is more to be taken in at once.
        """
        deadline = time.perf_counter() + budget_s
        self._look()
        while self._scanner.position < self._file.size:
            hole, data = self._file.read_next(self._scanner.position, _CHUNK_BYTES)
            self._scanner.skip(hole)
            self._scanner.feed(data)
            if not hole and not data:
                return False
            if time.perf_counter() >= deadline:
                break
        return self._scanner.position < self._file.size

    def read_lines(self, first: int, count: int) -> list[ShownLine]:
        """Read some lines as they are shown; fewer where there are fewer."""
        first = max(0, first)
        ended = min(first + count, self._scanner.count)
        starts = [self.offset_of(number) for number in range(first, ended + 1)]
        lines = self._read_ended(first, starts) if ended > first else []
        if first + count > self._scanner.count >= first:
            lines += self._read_open()
        return lines

    def read_bytes(self, first: int, end: int) -> bytes:
        """Read some lines that have ended as they were written, from one line up to another.

        Returns:
            Nothing for more than a mebibyte: then the lines have to be read one by one.
        """
        start, stop = self.offset_of(first), self.offset_of(end)
        return self._file.read(start, stop - start) if stop - start <= _MOST_BYTES else b""

    def offset_of(self, number: int) -> int:
        """Give the offset in the file at which a line begins."""
        scanner = self._scanner
        if number <= 0:
            return scanner.start
        if number >= scanner.count:
            return scanner.line_start
        block = bisect_left(scanner.counts, number) - 1
        return self._find_ends(block)[number - scanner.counts[block] - 1]

    def line_at(self, offset: int) -> int:
        """Give the number of the line that a byte of the file belongs to."""
        scanner = self._scanner
        if offset >= scanner.line_start:
            return max(0, self.line_count - 1)
        block = max(0, bisect_right(scanner.offsets, offset) - 1)
        return scanner.counts[block] + bisect_right(self._find_ends(block), offset)

    def _look(self) -> None:
        reason = self._file.look(self._scanner.position)
        if reason:
            self.generation += 1
            self.note = reason
            self._blocks.clear()
            self._scanner = LineScanner()
        if self._tail_bytes and self._scanner.position == 0 and self._file.size:
            self._scanner = LineScanner(self._find_tail())

    def _find_tail(self) -> int:
        """Find the line start behind which about the wanted number of bytes lies."""
        start = self._file.size - self._tail_bytes
        self._tail_bytes = 0
        if start <= 0:
            return 0
        return start + self._file.read(start, LONG_BYTES).find(b"\n") + 1

    def _find_ends(self, block: int) -> list[int]:
        """Give where the lines end that end between two notes, from the cache or the file."""
        scanner = self._scanner
        start = scanner.offsets[block]
        is_last = block + 1 == len(scanner.offsets)
        end = scanner.text_end if is_last else scanner.offsets[block + 1]
        count = (scanner.count if is_last else scanner.counts[block + 1]) - scanner.counts[block]
        # Text before a hole becomes a line without a byte more being read: the count tells.
        key = (start, end, count)
        ends = self._blocks.get(key)
        if ends is None:
            ends = self._read_ends(start, end, count, is_half=bool(scanner.halves[block]))
            self._blocks[key] = ends
            if len(self._blocks) > _CACHED_BLOCKS:
                self._blocks.popitem(last=False)
        else:
            self._blocks.move_to_end(key)
        return ends

    def _read_ends(self, start: int, end: int, expected: int, *, is_half: bool) -> list[int]:
        if is_mere_hole(start, end):
            return [end] * expected
        ends = find_ends(self._file.read(start, end - start), start, is_half=is_half)
        # A hole that begins where the block ends makes an end that the block does not show. Where
        # more is missing the file has changed since: the lines are wrong, but there are enough.
        return (ends + [end] * (expected - len(ends)))[:expected]

    def _read_ended(self, first: int, starts: list[int]) -> list[ShownLine]:
        """Read lines that have ended, neighbours together."""
        lines: list[ShownLine] = []
        index, last = 0, len(starts) - 1
        while index < last:
            upto = index + 1
            while upto < last and starts[upto + 1] - starts[index] <= LONG_BYTES:
                upto += 1
            if starts[upto] - starts[index] > LONG_BYTES:
                lines.append(_show(first + index, self._read_long(first + index)))
            else:
                data = self._file.read(starts[index], starts[upto] - starts[index])
                for number in range(index, upto):
                    begin, end = (starts[n] - starts[index] for n in (number, number + 1))
                    lines.append(_show(first + number, fold(data[begin:end].removesuffix(b"\n"))))
            index = upto
        return lines

    def _read_long(self, number: int) -> LogLine:
        part = self._scanner.long.get(number)
        return LogLine(text="") if part is None else self._read_part(part)

    def _read_open(self) -> list[ShownLine]:
        part = self._scanner.open_part
        if part is None:
            return []
        return [_show(self._scanner.count, self._read_part(part), has_ended=False)]

    def _read_part(self, part: Part) -> LogLine:
        length = part.end - part.start
        if part.is_hole:
            return LogLine(text="", hole_bytes=length)
        data = self._file.read(part.start, min(length, LINE_LIMIT_BYTES))
        return LogLine(
            text=data.decode("utf-8", "replace"), cut_bytes=max(0, length - LINE_LIMIT_BYTES)
        )


def fold(content: bytes) -> LogLine:
    """Make a line out of its bytes: only what follows the last carriage return is seen.

    Args:
        content: The whole line without its line feed.
    """
    if b"\0" in content and HOLE in content:
        return LogLine(text="", hole_bytes=len(content.lstrip(b"\r")))
    if b"\r" in content:
        content = content.rstrip(b"\r").rpartition(b"\r")[2]
    cut = max(0, len(content) - LINE_LIMIT_BYTES)
    return LogLine(text=content[:LINE_LIMIT_BYTES].decode("utf-8", "replace"), cut_bytes=cut)


def _show(number: int, line: LogLine, *, has_ended: bool = True) -> ShownLine:
    text = show_line(line)
    if line.hole_bytes:
        return ShownLine(number, text, "cut", 0, has_ended)
    return ShownLine(number, text, find_level(text), find_time(text), has_ended)
