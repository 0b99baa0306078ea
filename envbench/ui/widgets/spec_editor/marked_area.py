"""An exact text area with marks beside the lines, underlined places and a note under the cursor."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.document._document import Selection
from textual.geometry import Region
from textual.strip import Strip

from envbench.ui.ink import Line, Role, ink
from envbench.ui.ink_styles import InkStyles, to_strip
from envbench.ui.widgets.spec_editor.exact_area import ExactArea
from envbench.ui.widgets.spec_editor.painting import Stretch, paint_line
from envbench.ui.widgets.spec_editor.problem_marks import PlacedProblem, ProblemMarks
from envbench.ui.widgets.spec_editor.problem_note import MARK_OF, ROLE_OF, note_rows
from envbench.ui.widgets.spec_editor.yaml_colours import Coloured, YamlColours

if TYPE_CHECKING:
    from envbench.model.problem import Problem

NARROW = 28
"""Below this width the line numbers go, and only the marks stay."""
COLOUR_DELAY_S = 0.3
"""The grammar is loaded so long after the first paint."""
_SELECTED = Style(reverse=True)
_ALL_ROWS = 1_000_000_000


class MarkedArea(ExactArea):
    """Text with what is wrong in it."""

    version = 0
    """Grows with each change of the text; problems and offers are of one version."""
    fix_key = "^O"
    """How the key is called that takes a fix."""
    marks = ProblemMarks()
    """The problems where they are now."""
    _marks_version = -1
    _note: tuple[Line, ...] = ()
    _note_row = 0
    _styles: InkStyles | None = None
    _colours: YamlColours | None = None
    _colours_stale = True
    _inks: dict[str, Style]

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        """Make an editor for a text."""
        self._inks = {}
        self._drawn_colours: dict[int, Sequence[Coloured]] = {}
        super().__init__(text, id=id)

    def show_problems(self, problems: "Sequence[Problem]", version: int) -> None:
        """Show the problems of a version of the text; those of an older one are left out."""
        if version != self.version:
            return
        placed = ProblemMarks.place(problems, self.exact.lines)
        was_fresh = self.marks_are_fresh
        self._marks_version = version
        if placed.placed == self.marks.placed and was_fresh:
            return
        touched = {one.row for one in self.marks.placed} ^ {one.row for one in placed.placed}
        changed = set(self.marks.placed) ^ set(placed.placed) if len(touched) < 200 else None
        self.marks = placed
        if changed is None:
            self.refresh()
        else:
            for row in {one.row for one in changed}:
                self.refresh_rows(row, row)
        self.update_note()
        self.problems_changed()

    def problems_changed(self) -> None:
        """Hear that the problems are others."""

    @property
    def marks_are_fresh(self) -> bool:
        """Whether the problems are those of the text as it is now."""
        return self._marks_version == self.version

    @property
    def placed_at_cursor(self) -> PlacedProblem | None:
        """The problem that the note under the cursor is about."""
        return self.marks.at(*self.selection.end)

    @property
    def problem_at_cursor(self) -> "Problem | None":
        """What is wrong at the cursor, or else on its line."""
        placed = self.placed_at_cursor
        return placed.problem if placed else None

    @property
    def note_height(self) -> int:
        """Rows of the note under the line of the cursor."""
        return len(self._note)

    @property
    def gutter_width(self) -> int:
        """Cells for the mark, the line number and two blanks; the mark alone where it is narrow."""
        if self.view_size.width < NARROW:
            return 1
        return 3 + max(2, len(str(self.document.line_count)))

    def forget_problems(self) -> None:
        """Begin a new version of the text without any problems."""
        self.version += 1
        self.marks = ProblemMarks()
        self._colours_stale = True
        self._drawn_colours.clear()
        self.update_note()

    def refresh_strip(self) -> None:
        """Paint the line at the bottom again."""
        if self.strip_height:
            self.refresh(Region(0, self.view_size.height - 1, self.size.width, 1))

    def strip_line(self) -> Line:
        """Give the line at the bottom."""
        return ()

    def extra_layers(self, row: int) -> Iterator[Stretch]:  # noqa: ARG002 - for the class below
        """Give more to draw over a line."""
        yield from ()

    def role_style(self, role: str) -> Style:
        """Give the style of a role without a background."""
        style = self._inks.get(role)
        if style is None:
            style = self._inks[role] = self.ink_styles().rich(role)
        return style

    def ink_styles(self) -> InkStyles:
        """Give the styles of the theme."""
        if self._styles is None:
            self._styles = InkStyles.of(self)
        return self._styles

    def text_changed(self, top: int, old_bottom: int, new_bottom: int) -> None:
        """Move the marks along; their fixes are off until the next check."""
        self.version += 1
        self._colours_stale = True
        self.marks = self.marks.follow(top, old_bottom, new_bottom)
        self.update_note()

    def cursor_changed(self, before: Selection, now: Selection) -> None:
        """Paint the lines that the cursor or the selection left and reached."""
        rows = sorted(row for row, _ in (*before, *now))
        if before.is_empty and now.is_empty:
            self.refresh_rows(rows[0], rows[0])
            self.refresh_rows(rows[-1], rows[-1])
        else:
            self.refresh_rows(rows[0], rows[-1])
        self.update_note()

    def update_note(self) -> None:
        """Write the note under the cursor anew."""
        old, old_row = self._note, self._note_row
        self._note, self._note_row = self._write_note(), self.row
        if len(old) != len(self._note):
            self._refresh_size()
        if len(old) != len(self._note) or (old_row != self.row and old):
            self.refresh_rows(min(old_row, self.row), _ALL_ROWS)
        elif old != self._note:
            self.refresh_rows(self.row, self.row)

    def render_line(self, y: int) -> Strip:
        """Draw one row: of the text, of the note, or the strip at the bottom."""
        width = self.view_size.width
        if width <= 0:
            return Strip.blank(self.size.width)
        if y >= self.text_height:
            return to_strip(self.strip_line(), width, self.ink_styles())
        row, note_row = self.line_of_y(y + self.scroll_offset.y)
        if note_row:
            line = ink(" " * self._note_indent, self._note[note_row - 1])
            return to_strip(line, width, self.ink_styles())
        if row >= self.document.line_count:
            return Strip.blank(width, self.ink_styles().plain["text"])
        return self._draw_text(row, width)

    def notify_style_update(self) -> None:
        """Forget the colours of the old theme."""
        self._styles = None
        self._inks = {}
        super().notify_style_update()

    def on_mount(self) -> None:
        """Load the grammar when the first paint is done."""
        self.set_timer(COLOUR_DELAY_S, self._load_colours)

    def on_resize(self) -> None:
        """Write the note for the new width."""
        self._refresh_size()
        self.update_note()
        self.scroll_cursor_visible()

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh_rows(self.row, self.row)

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh_rows(self.row, self.row)

    def repaint_changed_colours(self) -> None:
        """Paint lines that an edit elsewhere has given other colours, such as by an open quote."""
        for row in self._window():
            if row in self._drawn_colours and self._colours_on(row) != self._drawn_colours[row]:
                self.refresh_rows(row, row)

    def _load_colours(self) -> None:
        self._colours = YamlColours.load()
        self._colours_stale = True
        if self._colours is not None:
            self.refresh()

    def _window(self) -> range:
        top = min(self.line_of_y(self.scroll_offset.y)[0], self.document.line_count - 1)
        return range(top, min(top + self.view_size.height + 1, self.document.line_count))

    def _colours_on(self, row: int) -> Sequence[Coloured]:
        if self._colours is None:
            return ()
        if self._colours_stale:
            self._colours.read(self.text, self.exact.lines)
            self._colours_stale = False
        return self._colours.on(row, self._window())

    @property
    def _note_indent(self) -> int:
        return self.gutter_width

    def _write_note(self) -> tuple[Line, ...]:
        placed = self.placed_at_cursor
        if placed is None or self.text_height < 2:
            return ()
        return note_rows(
            placed.problem,
            width=self.view_size.width - self._note_indent,
            rows=self.text_height - 1,
            others=len(self.marks.on(placed.row)) - 1,
            fix_key=self.fix_key if self.marks_are_fresh and not self.read_only else "",
        )

    def _draw_text(self, row: int, width: int) -> Strip:
        base = self.ink_styles().plain["text"]
        if row == self.row and self.has_focus:
            base += self._row_background()
        gutter = self._draw_gutter(row, base)
        body = paint_line(
            self.document.get_line(row),
            self._layers(row),
            base,
            scroll=self.scroll_offset.x,
            width=max(0, width - gutter.cell_length),
        )
        return Strip.join((gutter, body)).crop(0, width)

    def _draw_gutter(self, row: int, base: Style) -> Strip:
        worst = self.marks.worst(row)
        mark = Segment(" ", base)
        if worst is not None:
            severity = worst.problem.severity
            mark = Segment(MARK_OF[severity], base + self.role_style(ROLE_OF[severity]))
        digits = self.gutter_width - 3
        if digits <= 0:
            return Strip([mark], 1)
        here = row == self.row and self.has_focus
        style = base + self.role_style(Role.TEXT if here else Role.FAINT)
        return Strip([mark, Segment(f"{row + 1:>{digits}}  ", style)], self.gutter_width)

    def _row_background(self) -> Style:
        """Give the background of the cursor row, in themes that have colours."""
        styles = self.ink_styles()
        row = styles.blurred["text"]
        return Style() if row.underline else Style.from_color(None, row.bgcolor)

    def _layers(self, row: int) -> Iterator[Stretch]:
        """Give what is drawn over a line, from the bottom to the top."""
        self._drawn_colours[row] = coloured = self._colours_on(row)
        for start, end, role in coloured:
            yield start, end, self.role_style(role)
        for one in self.marks.on(row):
            if one.end > one.start:
                ink_style = self.role_style(ROLE_OF[one.problem.severity])
                yield one.start, one.end, ink_style + Style(underline=True)
        yield from self.extra_layers(row)
        yield from self._selection_layers(row)
        if row == self.row and self.has_focus:
            column = self.selection.end[1]
            yield column, column + 1, self.ink_styles().plain["cursor"]

    def _selection_layers(self, row: int) -> Iterator[Stretch]:
        first, last = sorted(self.selection)
        if first != last and first[0] <= row <= last[0]:
            length = len(self.document.get_line(row))
            start = first[1] if row == first[0] else 0
            yield start, (last[1] if row == last[0] else length + 1), _SELECTED
