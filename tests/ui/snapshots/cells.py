"""A screen as text that can be read and compared: its characters, a map of styles, a legend.

Kept as text and not as pictures: a change shows in a review line by line, a colour that changed
shows in the legend alone, and nothing depends on how a version of a library draws pictures. Every
screen is looked at in two themes: what it says must be the same in both, and a letter of the map
stands for the pair of looks that a cell has.
"""

import string
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style

ATTRIBUTES = ("bold", "dim", "italic", "underline", "reverse", "strike", "blink")
LETTERS = string.ascii_letters + string.digits + "+*#@%&=<>!?~^$"


class Cell(NamedTuple):
    """One character, and how it looks."""

    text: str
    look: str


def read_cells(strips: Iterable[Any]) -> list[list[Cell]]:
    """Take what a compositor would draw apart.

    Args:
        strips: Lines of segments.
    """
    return [
        [cell for segment in strip for cell in _read_segment(segment.text, segment.style)]
        for strip in strips
    ]


def _read_segment(text: str, style: Style | None) -> Iterable[Cell]:
    style = style or Style()
    shown, blank = describe_look(style), describe_look(style, is_blank=True)
    for character in text:
        yield Cell(character, blank if character == " " else shown)
        # What a wide character covers is no cell of its own text.
        yield from (Cell("", shown) for _ in range(cell_len(character) - 1))


def describe_look(style: Style, *, is_blank: bool = False) -> str:
    """Say how a cell looks: `#d7dbe0 on #181a1f bold`; of a blank the ground is all there is."""
    given = [name for name in ATTRIBUTES if getattr(style, name)]
    if is_blank and not {"underline", "reverse", "strike"} & set(given):
        return f"blank on {_name(style.bgcolor)}"
    return " ".join((_name(style.color), "on", _name(style.bgcolor), *given))


def _name(colour: Color | None) -> str:
    if colour is None or colour.is_default:
        return "default"
    return colour.triplet.hex if colour.triplet is not None else colour.name


def write_screen(name: str, looks: dict[str, list[list[Cell]]]) -> str:
    """Write a screen down.

    Args:
        name: What it shows, and at which size.
        looks: Theme to its cells; what they say must be the same.

    Raises:
        AssertionError: The screen says one thing in one theme, another in the other.
    """
    texts = {theme: _texts(cells) for theme, cells in looks.items()}
    first = next(iter(texts.values()))
    for theme, text in texts.items():
        assert text == first, f"{name} says something else in {theme}"
    pairs = [list(zip(*rows, strict=True)) for rows in zip(*looks.values(), strict=True)]
    styles = [[tuple(cell.look for cell in cells) for cells in row] for row in pairs]
    letters = _give_letters(styles)
    grid = ["".join(letters[style] for style in row).rstrip() for row in styles]
    legend = [f"{letter}  {'  |  '.join(style)}" for style, letter in letters.items()]
    parts = (
        [f"{name}, in {' and '.join(looks)}", "", *first],
        ["", "styles", "", *grid],
        ["", "legend: letter, then the look in each theme", "", *legend],
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _texts(cells: Sequence[Sequence[Cell]]) -> list[str]:
    return ["".join(cell.text for cell in row).rstrip() for row in cells]


def _give_letters(styles: Sequence[Sequence[tuple[str, ...]]]) -> dict[tuple[str, ...], str]:
    """Give a blank to the most frequent style, letters to the others as they come."""
    counted = Counter(style for row in styles for style in row)
    ground = counted.most_common(1)[0][0]
    others = [style for style in counted if style != ground]
    assert len(others) <= len(LETTERS), f"{len(others)} styles on one screen"
    return {ground: " ", **dict(zip(others, LETTERS, strict=False))}
