"""Packages, versions and dependencies in words, as the metadata has them."""

from collections.abc import Iterable

from envbench.engine.backends.rattler.narrowing.universe import Universe
from envbench.model.cleaning import clean

MAX_TEXTS = 3
"""More alternatives than these are told by the versions that they come to."""


def list_versions(universe: Universe, name: str, mask: int) -> list[str]:
    """List the distinct versions of a set of records, oldest first."""
    versions = {str(v): v for v in (r.version for r in universe.list_records(name, mask))}
    ordered = sorted(versions, key=lambda text: (versions[text], text))
    return [clean(text, limit=80) for text in ordered]


def list_told(universe: Universe, name: str, mask: int) -> list[str]:
    """List the versions as they are told, oldest first: those of python by the first two numbers."""
    versions = list_versions(universe, name, mask)
    if name != "python":
        return versions
    return list(dict.fromkeys(".".join(version.split(".")[:2]) for version in versions))


def spell_versions(versions: Iterable[str]) -> str:
    """Spell versions, oldest first: all of a few, the ends of many."""
    listed = list(versions)
    return ", ".join(listed) if len(listed) <= 3 else f"{listed[0]} ... {listed[-1]}"


def spell_package(universe: Universe, name: str, mask: int) -> str:
    """Name a package and the versions in a set: `openai 2.0 ... 2.48`."""
    versions = list_versions(universe, name, mask)
    shown = clean(name, limit=120)
    return f"{shown} {spell_versions(versions)}" if versions else shown


def spell_need(
    universe: Universe, name: str, mask: int, other: str, *, limits: bool = False
) -> str:
    """Say what some records need of another package, in the words of the metadata.

    Args:
        universe: Has them.
        name: Of the package.
        mask: Its records.
        other: What they need.
        limits: Say instead what they allow of it.
    """
    accepted: dict[int, str] = {}
    for record in universe.list_records(name, mask):
        found = _read_texts(universe, record.constrains, other) if limits else None
        found = found or _read_texts(universe, record.depends, other)
        if found:
            union, text = found
            accepted[union] = min(accepted.get(union, text), text, key=_plainness)
    widest = [
        (which, text)
        for which, text in accepted.items()
        if not any(which & more == which != more for more in accepted)
    ]
    if not widest:
        return other
    if len(widest) == 1:
        return clean(widest[0][1], limit=200)
    together = 0
    for which, _ in widest:
        together |= which
    if other == "python" or len(widest) > MAX_TEXTS:
        return spell_accepted(universe, other, together & universe.full(other))
    ordered = sorted(widest, key=lambda item: (item[0] & -item[0], item[1]))
    return " or ".join(clean(text, limit=200) for _, text in ordered)


def spell_accepted(universe: Universe, name: str, mask: int) -> str:
    """Tell what is accepted by its versions."""
    versions = list_told(universe, name, mask)
    if len(versions) <= MAX_TEXTS:
        return f"{name} {' or '.join(versions)}" if versions else name
    return f"{name} {spell_versions(versions)}"


def _read_texts(universe: Universe, texts: Iterable[str], other: str) -> tuple[int, str] | None:
    """Bring all that one record says about a package into one mask and one text."""
    found: dict[int, str] = {}
    for text in texts:
        match = universe.match(text)
        if match is not None and match[0] == other:
            found[match[1]] = min(found.get(match[1], text), text, key=_plainness)
    if not found:
        return None
    union = -1
    for mask in found:
        union &= mask
    return union, found.get(union) or " and ".join(sorted(found.values()))


def _plainness(text: str) -> tuple[int, str]:
    return len(text), text


def name_channels(universe: Universe, name: str, mask: int) -> tuple[str, ...]:
    """Name the channels, in order, that some records come from."""
    tiers = zip(universe.places.get(name, ()), universe.tiers.get(name, ()), strict=True)
    return tuple(place for place, tier in tiers if tier & mask)
