"""Lines that are never wrapped, measured as they are drawn."""

from textual.document._document import DocumentBase, Location
from textual.document._wrapped_document import WrappedDocument
from textual.geometry import Offset

from envbench.ui.widgets.spec_editor import visible


class FlatView(WrappedDocument):
    """What a text area asks about rows and cells, answered without a table of all lines.

    The original keeps four lists as long as the document and adds one of them up for every row that
    is drawn; a text of a megabyte is slow then.
    """

    def __init__(self, document: DocumentBase) -> None:
        """Look at a document."""
        self.document = document
        self._width = 0
        self._tab_width = 1

    @property
    def wrapped(self) -> bool:
        """Never."""
        return False

    @property
    def height(self) -> int:
        """As many rows as lines."""
        return self.document.line_count

    @property
    def lines(self) -> list[list[str]]:
        """One row for each line."""
        return [[line] for line in self.document.lines]

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Do nothing."""

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        """Do nothing."""

    def offset_to_location(self, offset: Offset) -> Location:
        """Find the line and column at a cell."""
        x, y = offset
        row = max(0, min(y, self.document.line_count - 1))
        return row, visible.column_at(self.document.get_line(row), x)

    def location_to_offset(self, location: Location) -> Offset:
        """Find the cell of a line and column."""
        row = max(0, min(location[0], self.document.line_count - 1))
        return Offset(visible.x_of(self.document.get_line(row), location[1]), row)

    def get_target_document_column(self, line_index: int, x_offset: int, y_offset: int) -> int:  # noqa: ARG002
        """Find the column at a cell of a line."""
        return visible.column_at(self.document.get_line(line_index), x_offset)

    def get_sections(self, line_index: int) -> list[str]:
        """Give the picture of a line."""
        return [visible.show(self.document.get_line(line_index))]

    def get_offsets(self, line_index: int) -> list[int]:  # noqa: ARG002 - no line is broken
        """Give no breaks."""
        return []

    def get_tab_widths(self, line_index: int) -> list[int]:  # noqa: ARG002 - see `visible.TAB_MARK`
        """Give no tabs: in the picture of a line there are none."""
        return []
