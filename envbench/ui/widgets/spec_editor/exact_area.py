"""A text area over an exact document, that paints no more than what changed.

All that leans on the inside of Textual's `TextArea` (8.2) is in this file and in the two it names.
"""

from collections.abc import Callable, Sequence

from textual import events
from textual.actions import SkipAction
from textual.document._document import EditResult, Location, Selection
from textual.document._document_navigator import DocumentNavigator
from textual.document._edit import Edit as AreaEdit
from textual.geometry import Offset, Region, Size, Spacing
from textual.reactive import Reactive, reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import TextArea

from envbench.ui.widgets.spec_editor.exact_document import ExactDocument
from envbench.ui.widgets.spec_editor.flat_view import FlatView

UNDO_STEPS = 500
SPARE_ROWS = 6
"""Blank rows behind the text: a note fits under the last line without a new layout."""
_STEP = Size(32, 8)
"""The scrolled area grows in steps: each change of it costs a layout of the whole screen."""


class ExactArea(TextArea):
    """Text that comes back byte for byte; drawing is left to the class below it."""

    ALLOW_MAXIMIZE = False

    selection: Reactive[Selection] = reactive(
        Selection(), init=False, always_update=True, repaint=False
    )

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        """Make an editor for a text."""
        super().__init__(text, soft_wrap=False, id=id, max_checkpoints=UNDO_STEPS, compact=True)
        self.set_reactive(TextArea.cursor_blink, False)  # an idle screen sends nothing
        self.set_reactive(TextArea.indent_width, 2)

    @property
    def exact(self) -> ExactDocument:
        """The document."""
        document = self.document
        assert isinstance(document, ExactDocument)
        return document

    @property
    def row(self) -> int:
        """The line of the cursor, 0-based."""
        return self.selection.end[0]

    @property
    def note_height(self) -> int:
        """Rows that stand between the line of the cursor and the next one."""
        return 0

    @property
    def strip_height(self) -> int:
        """Rows at the bottom that do not scroll."""
        return 0

    @property
    def view_size(self) -> Size:
        """The cells there are for gutter, text and strip."""
        return self.scrollable_content_region.size

    @property
    def text_height(self) -> int:
        """Rows for text and notes."""
        return max(0, self.view_size.height - self.strip_height)

    def text_changed(self, top: int, old_bottom: int, new_bottom: int) -> None:
        """Hear of a change: rows `top` to `old_bottom` became `top` to `new_bottom`."""

    def cursor_changed(self, before: Selection, now: Selection) -> None:
        """Hear of a move of the cursor."""

    def refuse(self, reason: str) -> None:
        """Say why nothing happens."""

    def refresh_rows(self, first: int, last: int) -> None:
        """Paint lines again that are seen; what lies behind the cursor is shifted by its note."""
        cursor = self.row
        top = first + (self.note_height if first > cursor else 0)
        bottom = last + (self.note_height if last >= cursor else 0)
        scroll = self.scroll_offset.y
        top, bottom = max(top - scroll, 0), min(bottom - scroll, self.view_size.height - 1)
        if top <= bottom:
            self.refresh(Region(0, top, self.size.width, bottom - top + 1))

    def line_of_y(self, y: int) -> tuple[int, int]:
        """Find what is drawn in a row of the scrolled area.

        Returns:
            The line, and 0; or the line of the cursor and the row of its note, from 1.
        """
        behind = y - self.row
        if behind <= 0:
            return y, 0
        if behind <= self.note_height:
            return self.row, behind
        return y - self.note_height, 0

    def edit(self, edit: AreaEdit) -> EditResult:
        """Change the text, as one step that can be undone."""
        top, old_bottom = edit.top[0], min(edit.bottom[0], self.document.line_count - 1)
        gutter = self.gutter_width
        result = super().edit(edit)
        new_bottom = result.end_location[0]
        self.text_changed(top, old_bottom, new_bottom)
        self._repaint_after(top, old_bottom, new_bottom, gutter)
        return result

    def undo(self) -> None:
        """Take back the last step."""
        self._travel(super().undo, "nothing to undo")

    def redo(self) -> None:
        """Do the step again that was taken back last."""
        self._travel(super().redo, "nothing to redo")

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:  # noqa: ARG002
        """Look for nothing: an unmatched bracket would have the whole text searched at each key."""
        return None

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Scroll so far that the cursor and the note under it are seen."""
        x, y = self._cursor_offset = self.wrapped_document.location_to_offset(self.selection.end)
        height = min(1 + self.note_height, max(1, self.text_height))
        return self.scroll_to_region(
            Region(x, y, 3, height),
            spacing=Spacing(right=self.gutter_width, bottom=self.strip_height),
            animate=animate,
            force=True,
            center=center,
        )

    def get_target_document_location(self, event: events.MouseEvent) -> Location:
        """Find the location under the mouse."""
        x = event.x - self.gutter.left - self.gutter_width + self.scroll_offset.x
        row, _ = self.line_of_y(event.y - self.gutter.top + self.scroll_offset.y)
        return self.wrapped_document.offset_to_location(Offset(max(0, x), row))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw rows without Textual's own themes for text areas."""
        return ScrollView.render_lines(self, crop)

    def action_copy(self) -> None:
        """Copy what is selected."""
        if not self.selected_text:
            raise SkipAction
        self._put_on_clipboard(self.selected_text)

    def action_cut(self) -> None:
        """Cut what is selected, or the line."""
        if self.read_only:
            return
        start, end = self.selection
        cut = self._delete_cursor_line() if start == end else self._delete_via_keyboard(start, end)
        if cut is not None:
            self._put_on_clipboard(cut.replaced_text)

    def _put_on_clipboard(self, text: str) -> None:
        # What is no text in UTF-8 cannot be sent to the clipboard of a terminal.
        self.app.copy_to_clipboard(text.encode("utf-8", "replace").decode())

    def _replace_via_keyboard(
        self, insert: str, start: Location, end: Location
    ) -> EditResult | None:
        """Type or paste: new lines end as those of the document do."""
        lines = insert.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return super()._replace_via_keyboard(self.document.newline.join(lines), start, end)

    def _set_document(self, text: str, language: str | None) -> None:  # noqa: ARG002 - coloured below
        self._highlight_query = None
        self.document = ExactDocument(text)
        self.wrapped_document = FlatView(self.document)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self.move_cursor((0, 0))
        self._rewrap_and_refresh_virtual_size()
        self.refresh()

    def _build_highlight_map(self) -> None:
        """Do nothing: colours are asked for when a row is drawn."""

    def _refresh_size(self) -> None:
        view = self.view_size
        wide, lines = self.document.get_size(self.indent_width)
        wide += self.gutter_width + 2
        width, height = view
        if wide > view.width:
            width = -(-wide // _STEP.width) * _STEP.width
        if lines + self.note_height + self.strip_height > view.height:
            height = -(-(lines + SPARE_ROWS + self.strip_height) // _STEP.height) * _STEP.height
        if (width, height) != self.virtual_size:
            self.virtual_size = Size(width, height)
            self._refresh_scrollbars()

    def _watch_selection(self, previous_selection: Selection, selection: Selection) -> None:
        if self.is_mounted and previous_selection != selection:
            self.cursor_changed(previous_selection, selection)
        super()._watch_selection(previous_selection, selection)

    def _travel(self, step: Callable[[], None], nothing: str) -> None:
        """Undo or redo, and find out what it changed."""
        before, gutter = list(self.document.lines), self.gutter_width
        text = self.text
        step()
        after = self.document.lines
        if self.text == text:
            self.refuse(nothing)
            return
        rows = find_changed_rows(before, after)
        self.text_changed(*rows)
        self._repaint_after(*rows, gutter)

    def _repaint_after(self, top: int, old_bottom: int, new_bottom: int, gutter: int) -> None:
        if gutter != self.gutter_width:
            self.refresh()
        elif old_bottom == new_bottom:
            self.refresh_rows(top, new_bottom)
        else:
            self.refresh_rows(top, self.document.line_count + self.view_size.height)


def find_changed_rows(before: Sequence[str], after: Sequence[str]) -> tuple[int, int, int]:
    """Find which rows of a text became which: `top` to `old_bottom` are now `top` to `new_bottom`.

    Neither range is empty: a row that is the same stands in for lines that came or went whole.
    """
    shorter = min(len(before), len(after))
    top = min(same_at_start(before, after), shorter - 1)
    tail = same_at_start(before[::-1], after[::-1])
    tail = min(tail, shorter - 1 - top)
    return top, len(before) - 1 - tail, len(after) - 1 - tail


def same_at_start(one: Sequence[str], other: Sequence[str]) -> int:
    """Count the lines that two texts begin with alike."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            return count
        count += 1
    return count
