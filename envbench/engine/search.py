"""Close names and near versions, for "did you mean" and "there is instead"."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cmp_to_key

from envbench.model.known_names import meant_names
from envbench.model.version import compare_versions

_CUTOFF = 0.78
"""How much two names must have in common, from 0 to 1."""
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


def find_close_names(wanted: str, names: Iterable[str], *, limit: int = 5) -> tuple[str, ...]:
    """List names that may have been meant, best first.

    Args:
        wanted: The name that does not exist.
        names: All names that exist.
        limit: At most so many.
    """
    existing = set(names)
    wanted = wanted.lower()
    letters = frozenset(wanted)
    found = [name for name in _guess_spellings(wanted) if name in existing]
    near = [name for name in existing if _may_be_close(name, wanted, letters)]
    found += get_close_matches(wanted, sorted(near), n=limit, cutoff=_CUTOFF)
    found += sorted(
        (
            name
            for name in existing
            if wanted in name and len(wanted) > 2 and wanted in re.split(r"[-_.]", name)
        ),
        key=lambda name: (len(name), name),
    )[:limit]
    return tuple(dict.fromkeys(name for name in found if name.lower() != wanted))[:limit]


def _may_be_close(name: str, wanted: str, letters: frozenset[str]) -> bool:
    """Tell quickly whether a name is worth the comparison, which is slow on big channels.

    What is refused here could not pass it: a letter that only one of the two has matches nothing.
    """
    most = len(name) + len(wanted)
    if abs(len(name) - len(wanted)) > 3:
        return False
    own = frozenset(name)
    matching = min(len(wanted) - len(letters - own), len(name) - len(own - letters))
    return 2 * matching >= _CUTOFF * most


def sort_versions(versions: Iterable[str]) -> list[str]:
    """Sort distinct versions in conda's order, newest first."""
    return sorted(set(versions), key=cmp_to_key(_compare), reverse=True)


def _compare(left: str, right: str) -> int:
    return compare_versions(right, left)


def find_near_versions(
    wanted: str | None, versions: Iterable[str], *, limit: int = 6
) -> tuple[str, ...]:
    """List existing versions, the nearest to the wanted one first.

    Args:
        wanted: A version constraint such as `2.13.0.*` or `>=3,<4`; its first number counts.
        versions: What exists.
        limit: At most so many.
    """
    ordered = sort_versions(versions)
    number = _NUMBER.search(wanted or "")
    if number is None:
        return tuple(ordered[:limit])
    # Nearness is counted in releases, so that the neighbours on both sides come first; of two
    # equally many releases away, the one with the closer number.
    newer = sum(compare_versions(number[0], version) > 0 for version in ordered)
    target = _leading_numbers(number[0])

    def measure(item: tuple[int, str]) -> tuple[int, tuple[int, ...]]:
        rank, version = item
        steps = newer - rank if rank < newer else rank - newer + 1
        return steps, _distance(target, _leading_numbers(version))

    return tuple(version for _, version in sorted(enumerate(ordered), key=measure)[:limit])


def _guess_spellings(wanted: str) -> list[str]:
    swapped = [wanted.replace("_", "-"), wanted.replace("-", "_"), wanted.replace(".", "-")]
    affixed = [
        f"py{wanted}",
        f"python-{wanted}",
        f"{wanted}-python",
        wanted.removeprefix("python-"),
    ]
    affixed += [wanted.removesuffix("-python"), wanted.removesuffix("-gpu"), f"lib{wanted}"]
    return [*meant_names(wanted), *swapped, *affixed]


def _leading_numbers(version: str) -> tuple[int, ...]:
    found = _NUMBER.search(version)
    return tuple(int(part[:9]) for part in found[0].split(".")) if found else ()


def _distance(one: tuple[int, ...], two: tuple[int, ...]) -> tuple[int, ...]:
    width = max(len(one), len(two))
    padded = zip(one + (0,) * (width - len(one)), two + (0,) * (width - len(two)), strict=True)
    return tuple(abs(a - b) for a, b in padded)
