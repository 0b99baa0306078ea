"""Alternatives of version ranges in fewer words: `>=3.9,<3.10.0a0 or >=3.10,<3.11.0a0` is one range."""

import re
from collections.abc import Iterable
from functools import cmp_to_key

from envbench.model.version import compare_versions

_RANGE = re.compile(r">=(?P<low>[\w.!+]+)(?:,<(?P<high>[\w.!+]+))?")
_NEXT = re.compile(r"\.?(?:0a0|a0|dev0)$")
"""What stands behind an upper end to leave out its pre-releases, too."""
_DEMAND = re.compile(r"(?P<name>(?:[^\s:]+::)?[\w.-]+?)(?P<gap> *)(?P<wanted>(?:[\s=<>!~*\[].*)?)")

_Ends = tuple[str, str]
"""Lower and upper end; no upper one when empty."""


def join_ranges(ranges: Iterable[str]) -> tuple[str, ...]:
    """Put alternatives together that touch or overlap, so that few are left.

    Args:
        ranges: As in dependencies: `>=3.9,<3.10.0a0`, `1.*`, `==2.0 py_0`. Others than those from
            a lower end on are kept as they are.

    Returns:
        Joined ones first, ascending, then the others in their order.
    """
    listed = [text.strip() for text in dict.fromkeys(ranges)]
    read = [(_RANGE.fullmatch(text), text) for text in listed]
    ends: list[_Ends] = [(m["low"], m["high"] or "") for m, _ in read if m is not None]
    ends.sort(key=cmp_to_key(_compare_ends))
    joined: list[_Ends] = []
    for low, high in ends:
        if joined and _touches(joined[-1][1], low):
            joined[-1] = (joined[-1][0], _higher(joined[-1][1], high))
        else:
            joined.append((low, high))
    written = [f">={low}" + (f",<{high}" if high else "") for low, high in joined]
    return (*written, *(text for match, text in read if match is None))


def split_demand(text: str) -> tuple[str, str]:
    """Split a dependency into name and range: `numpy >=1.2`, `numpy=1.2`, `numpy`."""
    match = _DEMAND.fullmatch(text.strip())
    return (match["name"], match["wanted"].strip()) if match else (text.strip(), "")


def shorten_demand(text: str) -> str:
    """Say a dependency with alternatives (`python >=3.9,<3.10 or python >=3.10,<3.11`) shortly.

    Upper ends lose what only leaves out pre-releases. A text of another kind is kept.
    """
    parts = [split_demand(part) for part in text.split(" or ")]
    name = parts[0][0]
    if any(other != name for other, _ in parts) or (
        len(parts) > 1 and not all(w for _, w in parts)
    ):
        # One that asks for any version leaves nothing to tell of the others.
        return text
    shown = [_trim(wanted) for wanted in join_ranges(wanted for _, wanted in parts)]
    if len(parts) == 1:
        return text.replace(parts[0][1], shown[0]) if parts[0][1] else text
    return f"{name} {' or '.join(shown)}"


def _trim(wanted: str) -> str:
    """Write `<3.10.0a0` as `<3.10`."""
    return re.sub(r"(<[\w.!+]*?\d)\.?0?a0(?=$|[,|\s])", r"\1", wanted)


def _compare_ends(one: _Ends, two: _Ends) -> int:
    order = compare_versions(two[0], one[0])
    return order or _compare_high(one[1], two[1]) or (one > two) - (one < two)


def _compare_high(one: str, two: str) -> int:
    if not one or not two:
        return (not one) - (not two)
    return compare_versions(two, one)


def _touches(high: str, low: str) -> bool:
    """Tell whether nothing but pre-releases lies between an upper end and a lower one."""
    if not high:
        return True
    return compare_versions(low, _NEXT.sub("", high) or high) >= 0


def _higher(one: str, two: str) -> str:
    return one if _compare_high(one, two) >= 0 else two
