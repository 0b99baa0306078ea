"""Alternatives of version ranges in fewer words: `>=3.9,<3.10.0a0 or >=3.10,<3.11.0a0` is one range."""

import itertools
import re
from collections.abc import Iterable
from functools import cmp_to_key

from envbench.model.version import compare_versions

_RANGE = re.compile(r">=(?P<low>[\w.!+]+)(?:,<(?P<high>[\w.!+]+))?")
_NEXT = re.compile(r"\.?(?:0a0|a0|dev0)$")
"""What stands behind an upper end to leave out its pre-releases, too."""
_DEMAND = re.compile(r"(?P<name>(?:[^\s:]+::)?[\w.-]+?)(?P<gap> *)(?P<wanted>(?:[\s=<>!~*\[].*)?)")
_VERSIONS = re.compile(r"(?P<name>[\w.-]+) (?P<versions>\d[\d.]*(?: or \d[\d.]*)+)")
"""`python 3.9 or 3.10`."""
_ASKED = re.compile(r"=(?P<version>\d+(?:\.\d+)*)")
"""A user's `=2`, or `=2.0.1`."""
_SERIES = re.compile(r"=?(?P<version>\d+(?:\.\d+)*)\.\*")
_SPAN = re.compile(r"([\w.+!-]+) \.\.\. (?=\d)([\w.+!-]+)")
_IN_SENTENCE = re.compile(
    r"(?<![\w.:-])(?P<name>[\w-]+(?:\.[\w-]+)*) (?:"
    r"(?P<one>>=[\w.]*\w,<[\w.]*\w|\d[\w.]*\.\*|\d[\w.]*\w)(?: or (?P=name) (?:>=[\w.]*\w(?:,<[\w.]*\w)?|\d[\w.]*(?:\.\*|\w)))+"
    r"|>=[\w.]*\w,<[\w.]*\w)"
)
"""`numpy >=1.2,<1.3.0a0`, or alternatives of one name."""
_NONE = re.compile(r"\ballows only (\S+) <0(?![.\w])")
"""How a package keeps another one out altogether."""
_ABI = re.compile(r"\bpython_abi (\d+\.\d+)\.\* \*_cp\d+\b")

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

    Upper ends lose what only leaves out pre-releases, and all versions that begin alike are
    written in one way: `numpy 2.*`; of python `3.12`, as everybody says it. What is written as one
    version (`pytorch=2.0.1`) stays. A text of another kind is kept.
    """
    text = _ABI.sub(r"python_abi \1", text)
    listed = _VERSIONS.fullmatch(text)
    if listed is not None:
        return f"{listed['name']} {_list_versions(listed['versions'].split(' or '))}"
    parts = [split_demand(part) for part in text.split(" or ")]
    name = parts[0][0]
    if any(other != name for other, _ in parts) or (
        len(parts) > 1 and not all(w for _, w in parts)
    ):
        # One that asks for any version leaves nothing to tell of the others.
        return say_spans(text)
    is_python = name.rpartition("::")[2] in {"python", "python_abi"}
    shown = [_write(wanted, is_python=is_python) for wanted in join_ranges(w for _, w in parts)]
    if is_python and len(shown) > 1 and all(re.fullmatch(r"\d+\.\d+", each) for each in shown):
        return f"{name} {_list_versions(shown)}"
    if len(parts) > 1:
        return f"{name} {_list_builds(shown)}"
    wanted = parts[0][1]
    if not wanted or shown[0] == wanted:
        return say_spans(text)
    return f"{name} {say_spans(shown[0])}"


def say_spans(text: str) -> str:
    """Write the first and the last of many versions as `3.11 to 3.14`."""
    return _SPAN.sub(r"\1 to \2", text)


def shorten_sentence(text: str) -> str:
    """Shorten each dependency in a sentence; its versions are written as those of demands."""
    text = _NONE.sub(r"allows no \1", text)
    return say_spans(_IN_SENTENCE.sub(lambda match: shorten_demand(match[0]), text))


def _write(wanted: str, *, is_python: bool) -> str:
    trimmed = _trim(wanted)
    asked = _ASKED.fullmatch(trimmed)
    if asked is not None and asked["version"].count(".") > 1:
        # Three numbers name a version, whatever may follow them.
        return asked["version"]
    series = asked or _SERIES.fullmatch(trimmed)
    match = _RANGE.fullmatch(trimmed)
    if series is not None:
        start = series["version"]
    else:
        start = _find_start(match["low"], match["high"] or "") if match is not None else ""
    if not start:
        return trimmed
    return start if is_python else f"{start}.*"


def _find_start(low: str, high: str) -> str:
    """Give the `3.9` of `>=3.9.0,<3.10`: what all versions in that range begin with, and no other."""
    if not re.fullmatch(r"[\d.]*\d", low) or not re.fullmatch(r"[\d.]*\d", high):
        return ""
    first, end = _without_zeros(low), _without_zeros(high)
    first += [0] * (len(end) - len(first))
    is_next = len(first) == len(end) and [*first[:-1], first[-1] + 1] == end
    return ".".join(map(str, first)) if is_next else ""


def _without_zeros(version: str) -> list[int]:
    parts = [int(part or 0) for part in version.split(".")]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return parts


def _list_versions(versions: list[str]) -> str:
    """Join versions: `3.9 to 3.11` when none between them is missing, else `3.9, 3.10 or 3.12`."""
    numbers = [[int(part) for part in version.split(".") if part] for version in versions]
    is_row = len(versions) > 2 and all(
        len(one) == len(two) == 2 and one[0] == two[0] and one[1] + 1 == two[1]
        for one, two in itertools.pairwise(numbers)
    )
    if is_row:
        return f"{versions[0]} to {versions[-1]}"
    return f"{', '.join(versions[:-1])} or {versions[-1]}"


def _list_builds(shown: list[str]) -> str:
    """Name the version once when only the builds differ."""
    pairs = [text.split(" ") for text in shown]
    if all(len(pair) == 2 for pair in pairs) and len({pair[0] for pair in pairs}) == 1:
        builds = [pair[1] for pair in pairs]
        return f"{pairs[0][0]} {', '.join(builds[:-1])}{' or ' if builds[1:] else ''}{builds[-1]}"
    return " or ".join(shown)


def _trim(wanted: str) -> str:
    """Write `<3.10.0a0` as `<3.10`."""
    return re.sub(r"(<[\w.!+]*?\d)\.?0?\.?a0(?=$|[,|\s])", r"\1", wanted)


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
