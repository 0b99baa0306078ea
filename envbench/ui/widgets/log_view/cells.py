"""Where a text stands on the cells of a terminal: wide characters take two, marks none."""

from rich.cells import get_character_cell_size

TAB_CELLS = 8
_SELECTORS = {0xFE0E: None, 0xFE0F: None}


def flatten(text: str, offsets: tuple[int, ...] = ()) -> tuple[str, tuple[int, ...]]:
    """Replace tabs by blanks up to the next stop, and drop what makes widths uncertain.

    Args:
        text: A cleaned text.
        offsets: Places in it.

    Returns:
        The text for the screen, and where the places are in it.
    """
    if "\t" not in text and (text.isascii() or ("\ufe0f" not in text and "\ufe0e" not in text)):
        return text, offsets
    moved = tuple([len(_flatten(text[:offset])) for offset in offsets])
    return _flatten(text), moved


def find_window(text: str, left: int, width: int) -> tuple[int, int, int]:
    """Find the part of a text that some columns show.

    Args:
        text: Without tabs.
        left: The first column.
        width: How many columns.

    Returns:
        Where the part begins and ends, and how many blanks stand before it in place of a wide
        character that begins left of the window.
    """
    if text.isascii():
        return left, left + width, 0
    start, column = _pass_cells(text, 0, left)
    blanks = min(width, column - left)
    end, _ = _fit_cells(text, start, width - blanks)
    return start, end, blanks


def wrap_text(text: str, width: int) -> list[tuple[int, int]]:
    """Cut a text into rows: where each begins and ends; at least one row.

    Args:
        text: Without tabs.
        width: Columns, at least 1; a wide character that does not fit has a row of its own.
    """
    if text.isascii():
        return [(at, min(len(text), at + width)) for at in range(0, len(text), width)] or [(0, 0)]
    rows: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end, _ = _fit_cells(text, start, width)
        end = max(end, start + 1)
        rows.append((start, end))
        start = end
    return rows or [(0, 0)]


def count_rows(text: str, width: int) -> int:
    """Count the rows that a text is cut into."""
    return max(1, -(-len(text) // width)) if text.isascii() else len(wrap_text(text, width))


def _flatten(text: str) -> str:
    text = text.translate(_SELECTORS)
    if text.isascii():
        return text.expandtabs(TAB_CELLS)
    parts: list[str] = []
    column = 0
    for character in text:
        if character == "\t":
            parts.append(" " * (TAB_CELLS - column % TAB_CELLS))
            column += TAB_CELLS - column % TAB_CELLS
        else:
            parts.append(character)
            column += get_character_cell_size(character)
    return "".join(parts)


def _pass_cells(text: str, start: int, cells: int) -> tuple[int, int]:
    """Pass characters until so many cells are behind; marks on the last one are passed too."""
    column = 0
    for index in range(start, len(text)):
        size = get_character_cell_size(text[index])
        if column >= cells and size:
            return index, column
        column += size
    return len(text), max(column, cells)


def _fit_cells(text: str, start: int, cells: int) -> tuple[int, int]:
    """Find how many characters fit into so many cells."""
    column = 0
    for index in range(start, len(text)):
        size = get_character_cell_size(text[index])
        if column + size > cells:
            return index, column
        column += size
    return len(text), column
