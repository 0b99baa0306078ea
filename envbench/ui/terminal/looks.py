"""How cells look: each look has a number, and a way to it from the look before that is short."""

from typing import TYPE_CHECKING, Final

from textual.strip import Strip

if TYPE_CHECKING:
    from rich.color import ColorSystem
    from rich.style import Style

UNKNOWN: Final = 0
"""The look of a cell that nobody has drawn yet; equal to no other."""
PLAIN: Final = 1
"""The terminal's own colours, no attributes."""
_MOST_KEPT: Final = 4096
_SEEN_ON_BLANKS: Final = frozenset({"4", "5", "6", "7", "9", "21", "51", "52", "53"})
"""Attributes (underline, blink, reverse, ...) that change how a blank looks."""


class Looks:
    """The looks that a terminal was asked for so far, by number."""

    def __init__(self) -> None:
        self._numbers: dict[Style, int] = {}
        self._blanks: dict[Style, int] = {}
        self._by_parts: dict[tuple[str, str, str], int] = {}
        self._parts: list[tuple[str, str, str]] = [("?", "", ""), ("", "", "")]
        self._ways: dict[tuple[int, int], str] = {}
        self._by_parts[self._parts[PLAIN]] = PLAIN

    def find(self, style: "Style | None", colors: "ColorSystem") -> int:
        """Give the number of a style's look."""
        if style is None:
            return PLAIN
        number = self._numbers.get(style)
        if number is None:
            number = self._add(style, colors)
        return number

    def find_blank(self, style: "Style | None", colors: "ColorSystem") -> int:
        """Give the number of the look that blanks have in a style: their ink does not matter."""
        if style is None:
            return PLAIN
        number = self._blanks.get(style)
        if number is None:
            attributes, _, paper = self._parts[self.find(style, colors)]
            if not _SEEN_ON_BLANKS.isdisjoint(attributes.split(";")):
                return self.find(style, colors)
            number = self._blanks[style] = self._number(("", "", paper))
        return number

    def go(self, before: int, after: int) -> str:
        """Give the sequence that leads from one look to another."""
        if before == after:
            return ""
        way = self._ways.get((before, after))
        if way is None:
            way = self._ways[before, after] = self._find_way(before, after)
        return way

    def _add(self, style: "Style", colors: "ColorSystem") -> int:
        if len(self._numbers) > _MOST_KEPT:
            # Styles that carry data of their own are without number; looks are few.
            self._numbers.clear()
            self._blanks.clear()
        parts = split_codes(Strip.render_ansi(style, colors))
        number = self._numbers[style] = self._number(parts)
        return number

    def _number(self, parts: tuple[str, str, str]) -> int:
        number = self._by_parts.get(parts)
        if number is None:
            number = self._by_parts[parts] = len(self._parts)
            self._parts.append(parts)
        return number

    def _find_way(self, before: int, after: int) -> str:
        old, new = self._parts[before], self._parts[after]
        if old[0] != new[0]:
            codes = ";".join(("0", *(part for part in new if part)))
            return "\x1b[m" if codes == "0" else f"\x1b[{codes}m"
        codes = ";".join(
            part or default
            for part, was, default in ((new[1], old[1], "39"), (new[2], old[2], "49"))
            if part != was
        )
        return f"\x1b[{codes}m"


def split_codes(codes: str) -> tuple[str, str, str]:
    """Split the numbers of a `CSI ... m` into attributes, colour of the ink, colour of the paper.

    Source: ECMA-48, 8.3.117 (SGR); ITU-T T.416 for 38 and 48, with `;` as terminals take it.
    """
    attributes, ink, paper = [], "", ""
    numbers = codes.split(";") if codes else []
    at = 0
    while at < len(numbers):
        number = numbers[at]
        count = 1
        if number in {"38", "48"} and at + 1 < len(numbers):
            count = 5 if numbers[at + 1] == "2" else 3
        part = ";".join(numbers[at : at + count])
        at += count
        if number[:1] in {"3", "9"} and len(number) == 2:
            ink = part
        elif number == "48" or (number[:1] == "4" and len(number) == 2) or len(number) == 3:
            paper = part
        else:
            attributes.append(part)
    return ";".join(attributes), ink, paper
