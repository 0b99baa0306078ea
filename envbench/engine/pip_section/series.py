"""Other versions that a pip item could ask for, and which versions it needs of conda."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from envbench.engine.pip_section.items import read_item
from envbench.engine.pip_section.trial import PipTrials
from envbench.model.version_steps import choose_level, series_of

_MOST = 2


@dataclass(frozen=True, slots=True)
class PipSeries:
    """A series of versions with which the section has a solution."""

    series: str
    """`2.14`, for `==2.14.*`."""
    version: str
    """One of it that fits, mostly the newest."""
    side: int
    """1 above what the item asks for, -1 below, 0 where it is another patch of the same series."""


def suggest_pip_series(
    trials: PipTrials, item: str, *, rest: Sequence[str] | None = None, most: int = _MOST
) -> tuple[PipSeries, ...]:
    """Find series of an item that exist and fit the rest, nearest first, above before below.

    Args:
        trials: Knows the section and what conda owns.
        item: The item that must move, as it stands in the section.
        rest: The items that stay; all the others when None.
        most: At most so many above, and so many below.

    Raises:
        EnvbenchError: As `PipTrials.try_items`.
    """
    others = [text for text in trials.task.items if text != item] if rest is None else list(rest)
    ladder = _Ladder(trials, read_item(item), others)
    found = [ladder.same(), *islice(ladder.above(), most), *islice(ladder.below(), most)]
    series = [each for each in found if each is not None]
    places: dict[int, int] = {}
    order = []
    for each in series:
        places[each.side] = places.get(each.side, 0) + 1
        order.append((0 if each.side == 0 else places[each.side], -each.side, each))
    return tuple(each for _, _, each in sorted(order, key=lambda entry: entry[:2]))


class _Ladder:
    """The series of one item, step by step away from what it asks for."""

    def __init__(self, trials: PipTrials, requirement: Requirement, rest: Sequence[str]) -> None:
        self._trials, self._rest = trials, rest
        extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
        self._head = f"{requirement.name}{extras}"
        self._name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        self._specifier = requirement.specifier
        self._tail = f" ; {requirement.marker}" if requirement.marker else ""
        bounds = [re.sub(r"\.\*$", "", each.version) for each in requirement.specifier]
        self._bounds = [bound.partition("+")[0] for bound in bounds]

    def same(self) -> PipSeries | None:
        """Give the series that an exact version belongs to."""
        series = {series_of(bound, 2) for bound in self._bounds}
        if len(series) != 1 or not any("." in bound for bound in self._bounds):
            return None
        own = series.pop()
        version = self._ask(f"=={own}.*")
        # What the item asks for already is no other version.
        is_new = version is not None and not self._specifier.contains(version)
        return PipSeries(own, version, 0) if version and is_new else None

    def above(self) -> Iterator[PipSeries]:
        """Give series above, nearest first."""
        floor = max(self._bounds, key=_key, default=None)
        while floor is not None:
            version = self._nearest_above(series_of(floor, 2))
            if version is None:
                return
            floor = series_of(version, choose_level([version]))
            yield PipSeries(floor, version, 1)

    def below(self) -> Iterator[PipSeries]:
        """Give series below, nearest first."""
        ceiling = min(self._bounds, key=_key, default=None)
        while ceiling is not None:
            # The newest below is the nearest.
            version = self._ask(f"<{series_of(ceiling, 2)}")
            if version is None:
                return
            ceiling = series_of(version, choose_level([version]))
            yield PipSeries(ceiling, version, -1)

    def _nearest_above(self, series: str) -> str | None:
        """Find a version of the first series above that fits.

        uv gives the newest below a bound, so bounds are halved: first among the major versions,
        then among the minor ones of the first major version that has any.
        """
        major, minor = _numbers(series)
        following = f"{major}.{minor + 1}"
        version = self._ask(f"=={following}.*") or self._ask(f">{series},!={series}.*")
        if version is None or series_of(version, 2) == following:
            return version
        low, high = major - 1, _numbers(version)[0]
        while high - low > 1:
            middle = major if low < major < high else (low + high) // 2
            nearer = self._ask(f">{series},!={series}.*,<{middle + 1}")
            version, low, high = _step(version, nearer, low, middle, place=0)
        low = minor if high == major else -1
        least, high = high, _numbers(version)[1]
        while high - low > 1:
            middle = (low + high) // 2
            nearer = self._ask(f">{series},!={series}.*,<{least}.{middle + 1}")
            version, low, high = _step(version, nearer, low, middle, place=1)
        return version

    def _ask(self, versions: str) -> str | None:
        """Try versions of the item beside the rest; give the newest that fits, if it is released."""
        trial = self._trials.try_items([*self._rest, f"{self._head}{versions}{self._tail}"])
        version = trial.versions.get(self._name)
        return None if version is None or _is_early(version) else version


def _step(
    version: str, nearer: str | None, low: int, middle: int, *, place: int
) -> tuple[str, int, int]:
    """Halve: where there is a nearer version it is the new upper end, else the lower end moves."""
    if nearer is None:
        return version, middle, _numbers(version)[place]
    return nearer, low, _numbers(nearer)[place]


def _is_early(version: str) -> bool:
    try:
        return Version(version).is_prerelease
    except InvalidVersion:
        return True


def _numbers(version: str) -> tuple[int, int]:
    """Give major and minor version, 0 for what is not there."""
    found = [*_key(version), 0, 0]
    return found[0], found[1]


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
