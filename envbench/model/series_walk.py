"""Which other series a line may go to, nearest first, and how its version part is then written."""

import re
from collections.abc import Sequence

from envbench.model.line_texts import LineText, move_bound, read_style, write_series
from envbench.model.version_match import satisfies_version
from envbench.model.version_steps import Distance, choose_level, distance_from, series_of

SeriesWalk = tuple[str, str, int, int, Distance]
"""(version part, series, side, place, least distance)"""


def walk_series(
    read: LineText, constraint: str | None, versions: Sequence[str], name: str
) -> list[SeriesWalk]:
    """List the series that a line does not let in, nearest first."""
    if constraint is None or constraint == "*" or not versions:
        return []
    level = choose_level(versions)
    others = [v for v in versions if satisfies_version(v, constraint) is False]
    everything = tuple(dict.fromkeys(_series_of(version, level) for version in versions))
    steps: dict[str, Distance] = {}
    for version in others:
        series = _series_of(version, level)
        step = distance_from(constraint, version, versions, name=name)
        steps[series] = min(step, steps.get(series, step))
    newer = _above(constraint, versions, level, everything)
    walks: list[SeriesWalk] = []
    for side in (1, -1):
        mine = [s for s in everything if s in steps and (s in newer) == (side > 0)]
        ordered = mine[::-1] if side > 0 else mine
        for place, series in enumerate(ordered):
            text = _write_version(read, series, side)
            walks.append((text, series, side, place, steps[series]))
    return sorted(walks, key=lambda walk: (walk[4], -walk[2], walk[3]))


def _series_of(version: str, level: int) -> str:
    """Name a series so that a star behind it lets in nothing else: `1.0` for the version 1."""
    series = series_of(version, level)
    return f"{series}.0" if level > 1 and series.isdigit() else series


def _above(
    constraint: str, versions: Sequence[str], level: int, everything: Sequence[str]
) -> frozenset[str]:
    """Name the series that lie above what a constraint asks for, or in it."""
    asked = [i for i, v in enumerate(versions) if satisfies_version(v, constraint)]
    if asked:
        newest = _series_of(versions[asked[0]], level)
        return frozenset(everything[: everything.index(newest) + 1])
    number = re.search(r"\d[\w.!+]*", constraint)
    stem = number[0].rstrip(".*") if number else "0"
    # Of `<1.0` the version 1.0 lies above, of `>1.0` below.
    operator = ">" if constraint.startswith(">") else ">="
    above = [_series_of(v, level) for v in versions if satisfies_version(v, f"{operator}{stem}")]
    return frozenset(above)


def _write_version(read: LineText, series: str, side: int) -> str:
    style = read_style(read.version)
    if style.operator == "range":
        moved = move_bound(read.version, series, _following(series), newer=side > 0)
        if moved is not None:
            return moved
    return write_series(read.version, series, starred=False)


def _following(series: str) -> str:
    """Name the first series that could come behind one: `2.2` behind `2.1`, `10` behind `9e`."""
    head, number, _ = re.fullmatch(r"(.*?)(\d*)(\D*)", series, re.DOTALL).groups()  # type: ignore[union-attr]
    return f"{head}{int(number) + 1}" if number else f"{series}.99999"
