"""How colours look to people who tell them apart differently, and how far apart they then are.

Source: Machado, Oliveira and Fernandes 2009, matrices of full severity, on linear sRGB; CIE 1976
L*a*b* with the D65 white point for distances.
"""

from envbench.ui.themes.colours import parse_hex

MATRICES = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.95047, 1.0, 1.08883)


def see(colour: str, eyes: str) -> tuple[float, float, float]:
    """Give lightness (0 to 100), a* and b* of a colour in hex, as such eyes see it."""
    linear = tuple(_linear(channel / 255) for channel in parse_hex(colour))
    seen = tuple(min(1.0, max(0.0, value)) for value in _times(MATRICES[eyes], linear))
    x, y, z = (_bend(v / w) for v, w in zip(_times(XYZ, seen), WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(first: str, second: str, eyes: str) -> float:
    """Give the difference of two colours: 2.3 is just noticeable, side by side."""
    pairs = zip(see(first, eyes), see(second, eyes), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _bend(value: float) -> float:
    return value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116


def _times(matrix, vector):
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
