"""Arithmetic of colours: mixing, and how well one can be read upon another.

Source: WCAG 2.2, definitions of relative luminance and contrast ratio (sRGB).
"""

import re
from typing import TypeAlias

Rgb: TypeAlias = tuple[int, int, int]

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def parse_hex(text: str) -> Rgb | None:
    """Read `#rgb` or `#rrggbb`; None when it is neither."""
    if not _HEX.fullmatch(text):
        return None
    digits = text[1:] if len(text) == 7 else "".join(digit * 2 for digit in text[1:])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def mix(colour: str, other: str, share: float) -> str:
    """Mix two colours.

    Args:
        colour: In hex; returned unchanged when one of the two is not in hex.
        other: In hex.
        share: Of the other one, 0 to 1.
    """
    first, second = parse_hex(colour), parse_hex(other)
    if first is None or second is None:
        return colour
    mixed = [round(a + (b - a) * share) for a, b in zip(first, second, strict=True)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def contrast(colour: str, other: str) -> float:
    """Give the contrast ratio of two colours in hex: 1 (the same) to 21 (black and white).

    Raises:
        ValueError: One of them is not in hex.
    """
    first, second = parse_hex(colour), parse_hex(other)
    if first is None or second is None:
        raise ValueError(f"{colour} and {other} are not both colours in hex")
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (_linear(channel / 255) for channel in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
