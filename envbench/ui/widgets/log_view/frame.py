"""What a log viewer shows, without a screen: a place in a log, a search, a way of drawing."""

from typing import TYPE_CHECKING

from envbench.ui.widgets.log_view.hits import HitList
from envbench.ui.widgets.log_view.place import Place, find_end
from envbench.ui.widgets.log_view.rows import (
    BAR_FROM,
    Look,
    ScreenRow,
    add_bar,
    draw_line,
    rows_of,
    width_of,
)
from envbench.ui.widgets.log_view.status import Status

if TYPE_CHECKING:
    from envbench.ui.widgets.log_view.pages import LogPages
    from envbench.ui.widgets.log_view.source import LogSource
    from envbench.workbench.logs import LogHits, LogQuery, ShownLine


class Frame:
    """The state of a viewer; every change is followed by `compose`."""

    def __init__(self) -> None:
        """Begin without a log."""
        self.hits = HitList()
        self.wrap = False
        self.is_filtered = False
        self._times = True
        self._left = 0
        self._source: LogSource | None = None
        self._place = Place()
        self._in_tail = False
        self._marked: int | None = None
        self._goal: int | None = None
        self._seek_from: int | None = None
        self._seen = 0
        self._was_counting = False
        self._generation = 0
        self._anchor: int | None = None
        self._top_offset = 0
        self._width, self._height = 1, 1
        self._row_entries: list[int] = []

    def begin(self, source: "LogSource | None") -> None:
        """Show another log from its end; how lines are drawn stays."""
        self._source = source
        self._place = Place()
        self._in_tail = False
        self._left = 0
        self._anchor = None
        self._generation = source.log.generation if source else 0
        self._row_entries = []
        self.clear_search()

    # The search.

    def begin_search(self, query: "LogQuery", *, jump: bool) -> None:
        """Look for something else."""
        self.hits = HitList(query)
        # One hit is the first of all; lines of the tail have no numbers in the log yet.
        from_start = query.limit == 1 or self._in_tail
        self._seek_from = None
        if jump:
            self._seek_from = 0 if from_start else self._number(self._place.top)
        if self.is_filtered:
            self._use_filter()

    def add_hits(self, hits: "LogHits") -> None:
        """Take more matches; go to the first one that was wanted."""
        self.hits.add(hits)
        if self._seek_from is None or not len(self.hits):
            return
        place = self.hits.find(self._seek_from)
        if place == len(self.hits):
            if not self.hits.done:
                return
            place = 0
        self._seek_from = None
        self.go_to(self.hits.lines[place])

    def clear_search(self) -> None:
        """Look for nothing."""
        self.filter(False)
        self.hits = HitList()
        self._seek_from = self._goal = self._marked = None

    def filter(self, only: bool) -> None:
        """Leave out lines that do not match, or show them again; the place stays."""
        if only == self.is_filtered or self._source is None:
            return
        number = self._number(self._place.top)
        self._leave_tail()
        self.is_filtered = only
        self._use_filter()
        self._place.top, self._place.sub = self._source.pages.entry_of(number), 0
        self._row_entries = []
        if self._marked is not None and not self._place.follow:
            self.go_to(self._marked)

    def go_to_match(self, steps: int) -> None:
        """Go to a match further on or before, around the ends; from the marked line or the top."""
        count = len(self.hits)
        if not count:
            return
        here = self._marked if self._marked is not None else self._number(self._place.top)
        place = self.hits.find(here)
        on_hit = place < count and self.hits.lines[place] == here and self._marked is not None
        place += steps if on_hit or steps < 0 else steps - 1
        self.go_to(self.hits.lines[place % count])

    # The place.

    def go_to(self, number: int) -> None:
        """Mark a line and show it, at a third of the height unless it is seen anyway."""
        if self._source is None:
            return
        number = max(0, number)
        self._marked = number
        pages = self._source.pages
        if number >= self._source.log.line_count and self._source.has_more:
            self._goal = number
            return
        self._leave_tail()
        entry = min(pages.entry_of(number), max(0, pages.count - 1))
        if entry in self._row_entries[: self._height] and pages is self._pages:
            self._stop_following()
            return
        self._stop_following()
        self._place.go_to(entry)
        self._scroll_up(self._height // 3)

    def go_home(self) -> None:
        """Show the first line."""
        self._leave_tail()
        self._stop_following()
        self._place.go_to(0)

    def go_to_share(self, share: float) -> None:
        """Go so far down, 0 to 1."""
        self._leave_tail()
        self._stop_following()
        last, _ = find_end(self._count, self._height, self._rows_of)
        self._place.go_to(round(last * min(1.0, max(0.0, share))))
        self._place.follow = share >= 1.0

    def set_follow(self, follow: bool) -> None:
        """Begin or end showing what comes."""
        self._goal = None
        if follow:
            self._place.follow = True
            self._marked = None
        else:
            self._stop_following()

    def scroll(self, rows: int) -> None:
        """Move by rows."""
        self._goal = None
        followed = self._place.follow
        self._place.scroll(rows, self._count, self._height, self._rows_of)
        if followed and not self._place.follow:
            self._seen = self._count

    def scroll_side(self, columns: int) -> None:
        """Move sideways; not further than what is seen is wide."""
        if self.wrap:
            return
        look = self._look
        lines = [line for entry in set(self._row_entries) if (line := self._get(entry))]
        widest = max((width_of(line, look) for line in lines), default=0)
        most = max(self._left, widest - look.text_width)
        self._left = max(0, min(self._left + columns, most))

    def toggle_wrap(self) -> None:
        """Let long lines take several rows, or cut them."""
        self.wrap = not self.wrap
        self._left = self._place.sub = 0

    def toggle_times(self) -> None:
        """Hide the times that lead lines, or show them."""
        self._times = not self._times

    def mark_row(self, row: int) -> None:
        """Mark the line of a row of the view; again, and it is not marked any more."""
        if row >= len(self._row_entries) or self._in_tail:
            return
        number = self._number(self._row_entries[row])
        self._marked = None if number == self._marked else number
        self._stop_following()

    def move_mark(self, steps: int) -> None:
        """Mark the next line or the one before; the last one seen when none is."""
        if not self._row_entries or self._in_tail:
            return
        seen = self._row_entries
        here = None if self._marked is None else self._source_entry(self._marked)
        if here is None or not seen[0] <= here <= seen[-1]:
            entry = seen[-1]
        else:
            entry = max(0, min(self._count - 1, here + steps))
        self._stop_following()
        self._marked = self._number(entry)
        if entry < seen[0] or (entry == seen[0] and self._place.sub):
            self._place.go_to(entry)
        elif entry > seen[-1]:
            self._place.scroll(self._rows_of(entry), self._count, self._height, self._rows_of)
            self._place.follow = False

    # What is seen.

    @property
    def has_bar(self) -> bool:
        """Whether there is a scroll bar."""
        return self._width >= BAR_FROM and self._count > self._height

    def line_to_copy(self) -> str | None:
        """Give the marked line, or the last one that is seen."""
        if not self._row_entries:
            return None
        entry = self._row_entries[-1]
        if self._marked is not None and (marked := self._source_entry(self._marked)) is not None:
            entry = marked
        line = self._get(entry)
        return line.text if line else None

    def lines_to_copy(self) -> list[str]:
        """Give all lines of which something is seen."""
        entries = sorted(set(self._row_entries))
        return [line.text for entry in entries if (line := self._get(entry))]

    def compose(self, width: int, height: int) -> list[ScreenRow] | None:
        """Draw what is seen.

        Returns:
            As many rows as there are, at most the height; None to leave all as it is.
        """
        self._width, self._height = width, height
        source = self._source
        if source is None:
            return []
        self._check_generation(source)
        if self._anchor is not None and not self._find_anchor(source):
            return None
        self._choose_pages(source)
        if self._was_counting and not source.has_more:
            # What was there already when the log was opened is not new.
            self._seen = self._count
        self._was_counting = source.has_more
        if self._goal is not None and (self._goal < source.log.line_count or not source.has_more):
            goal, self._goal = self._goal, None
            self.go_to(goal)
        self._place.settle(self._count, height, self._rows_of)
        rows = self._draw(height)
        if not self._in_tail:
            self._top_offset = source.log.offset_of(self._number(self._place.top))
        if not self._place.follow and self._row_entries:
            self._seen = max(self._seen, self._row_entries[-1] + 1)
        return self._bar(rows, width, height)

    def status(self) -> Status:
        """Say how things stand."""
        source = self._source
        if source is None:
            return Status()
        match = self.hits.at(self._marked) if self._marked is not None else None
        follow = self._place.follow
        new_lines = 0 if follow or source.has_more else max(0, self._count - self._seen)
        return Status(
            follow=follow,
            lines=source.log.line_count,
            new_lines=new_lines,
            counting=source.has_more,
            percent=100 if follow else self._percent(),
            matches=len(self.hits),
            match=0 if match is None else match + 1,
            searching=not self.hits.done,
            capped=self.hits.capped,
            filtered=self.is_filtered,
            note=source.log.fault or source.log.note,
        )

    def _draw(self, height: int) -> list[ScreenRow]:
        look = self._look
        rows: list[ScreenRow] = []
        entries: list[int] = []
        entry, skip = self._place.top, self._place.sub
        while len(rows) < height and (line := self._get(entry)) is not None:
            # Numbers of the tail mean nothing in the whole log.
            match = None if self._in_tail else self.hits.match(line, self._marked)
            is_current = not self._in_tail and line.number == self._marked
            drawn = draw_line(line, look, match, is_current=is_current)[skip:]
            rows += drawn
            entries += [entry] * len(drawn)
            entry, skip = entry + 1, 0
        self._row_entries = entries[:height]
        return rows[:height]

    def _bar(self, rows: list[ScreenRow], width: int, height: int) -> list[ScreenRow]:
        count = self._count
        if not rows or count <= height or len(rows) < height:
            return rows
        top = 1.0 if self._place.follow else self._place.top / max(1, count - height)
        return add_bar(rows, width, top, height / count)

    def _percent(self) -> int:
        last = self._row_entries[-1] + 1 if self._row_entries else 0
        return min(100, 100 * last // max(1, self._count))

    @property
    def _look(self) -> Look:
        return Look(self._width, self.wrap, 0 if self.wrap else self._left, self._times)

    @property
    def _pages(self) -> "LogPages | None":
        if self._source is None:
            return None
        return self._source.end_pages if self._in_tail else self._source.pages

    @property
    def _count(self) -> int:
        return self._pages.count if self._pages else 0

    def _get(self, entry: int) -> "ShownLine | None":
        return self._pages.get(entry) if self._pages else None

    def _number(self, entry: int) -> int:
        return self._pages.number_of(entry) if self._pages else 0

    def _source_entry(self, number: int) -> int | None:
        return self._pages.entry_of(number) if self._pages and not self._in_tail else None

    def _rows_of(self, entry: int) -> int:
        if not self.wrap:
            return 1
        line = self._get(entry)
        return rows_of(line, self._look) if line else 1

    def _scroll_up(self, rows: int) -> None:
        self._place.scroll(-rows, self._count, self._height, self._rows_of)
        self._place.follow = False

    def _stop_following(self) -> None:
        if self._place.follow:
            self._place.settle(self._count, self._height, self._rows_of)
            self._place.follow = False
            self._seen = self._count

    def _use_filter(self) -> None:
        if self._source is not None:
            self._source.pages.only = self.hits.lines if self.is_filtered else None

    def _choose_pages(self, source: "LogSource") -> None:
        """Show the end by itself while all of the log is being counted, if it is followed."""
        has_tail = source.end_pages is not source.pages
        if self._in_tail:
            if not source.has_more:
                self._leave_tail()
        elif has_tail and source.has_more and self._place.follow and not self.is_filtered:
            self._in_tail = True
        elif has_tail and not source.has_more:
            source.drop_tail()

    def _leave_tail(self) -> None:
        """Go over to the whole log; a place in the tail is the same line there."""
        source = self._source
        if source is None or not self._in_tail:
            return
        self._in_tail = False
        self._row_entries = []
        if not source.has_more:
            first = source.drop_tail()
            self._place.top += first
            self._seen += first

    def _check_generation(self, source: "LogSource") -> None:
        """When the log is read anew, come back to the byte that stood at the upper edge."""
        if source.log.generation == self._generation:
            return
        self._generation = source.log.generation
        self._in_tail = False
        source.drop_tail()
        self.clear_search()
        self._row_entries = []
        self._anchor = None if self._place.follow else self._top_offset

    def _find_anchor(self, source: "LogSource") -> bool:
        """Find the line of a remembered byte; tells whether it could be found yet."""
        anchor = self._anchor or 0
        if source.has_more and source.log.position <= anchor:
            return False
        self._anchor = None
        self._place.go_to(source.log.line_at(anchor))
        self._seen = source.log.line_count
        return True
