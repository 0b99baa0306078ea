"""Facts of the package index in few words."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from envbench.engine.package_index.build_values import Build
from envbench.engine.package_index.index import OLD_S, ChannelState, PackageIndex
from envbench.model.cleaning import clean
from envbench.model.counting import count_of
from envbench.model.version import compare_versions

_MOST_NAMED = 3
"""Channels named in one sentence."""


def say_size(size_bytes: int) -> str:
    """Write `812 kB`, `12 MB`, `1.9 GB`."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= size:
            number = size_bytes / size
            return f"{number:.1f} {unit}" if number < 10 else f"{number:.0f} {unit}"
    return f"{size_bytes} B"


def say_date(timestamp_ms: int) -> str:
    """Write a day, `2023-05-11`; empty for a time that is none."""
    try:
        moment = datetime.datetime.fromtimestamp(timestamp_ms / 1000, datetime.UTC)
    except (OverflowError, ValueError, OSError):
        return ""
    return f"{moment:%Y-%m-%d}"


def say_age(age_s: float) -> str:
    """Write `5 minutes old`, `2 hours old`, `3 days old`."""
    for noun, size in (("day", 86400.0), ("hour", 3600.0), ("minute", 60.0)):
        if age_s >= size:
            return f"{count_of(int(age_s // size), noun)} old"
    return "fresh"


def list_pythons(builds: Iterable[Build]) -> tuple[str, ...]:
    """List the Pythons that builds are for, the oldest first, open constraints last."""
    found = {build.python for build in builds if build.python}
    minors = [python for python in found if python[0].isdigit()]
    minors.sort(key=lambda python: [int(part) for part in python.split(".") if part.isdigit()])
    return (*minors, *sorted(found.difference(minors)))


def say_pythons(pythons: Sequence[str]) -> str:
    """Write `py39 py310`, or `py39 … py313` where there are many."""
    short = [f"py{p.replace('.', '')}" if p[0].isdigit() else f"python {p}" for p in pythons]
    return f"{short[0]} … {short[-1]}" if len(short) > 3 else " ".join(short)


def say_builds(builds: Sequence[Build]) -> str:
    """Tell builds of one version in a line: `py39 … py313  14 builds  2023-05-11  12 MB`."""
    times = [build.timestamp_ms for build in builds if build.timestamp_ms]
    sizes = [build.size_bytes for build in builds if build.size_bytes]
    parts = [
        say_pythons(pythons) if (pythons := list_pythons(builds)) else "",
        count_of(len(builds), "build"),
        say_date(max(times)) if times else "",
        say_size(max(sizes)) if sizes else "",
    ]
    return "  ".join(part for part in parts if part)


def say_range(versions: Sequence[str]) -> str:
    """Write the newest and the oldest of versions, which come newest first."""
    return versions[0] if len(versions) == 1 else f"{versions[0]} … {versions[-1]}"


def list_versions(builds: Iterable[Build]) -> tuple[str, ...]:
    """List the distinct versions of builds, newest first."""
    ranks: dict[str, Any] = {}
    for build in builds:
        ranks.setdefault(build.version, build.rank[1])
    return tuple(sorted(ranks, key=lambda version: ranks[version], reverse=True))


def is_newer(version: str, than: str) -> bool:
    """Tell whether a version is newer than another; texts that are none are compared as texts."""
    return compare_versions(than, version) > 0


def say_state(index: PackageIndex) -> str:
    """Say what keeps answers from being whole or fresh; empty when nothing does."""
    missing = [c for c in index.channels if c.is_missing]
    local = [c for c in missing if c.group.urls[0].startswith("file:")]
    remote = [c for c in missing if c not in local]
    parts = []
    if remote:
        parts.append(f"no index of {_name(remote)} is cached: solve once (s)")
    if local:
        parts.append(f"there is no index in the folder of {_name(local)}")
    pending = [c for c in index.channels if c.pending]
    if pending:
        parts.append(f"reading the index of {_name(pending)}")
    parts += [f"{c.group.name}: {c.fault}" for c in index.channels if c.fault]
    parts += index.faults
    old = [(c.age_s or 0, c) for c in index.channels if (c.age_s or 0) > OLD_S]
    if old:
        age = say_age(max(age for age, _ in old))
        parts.append(f"the index of {_name([c for _, c in old])} is {age}: a solve (s) renews it")
    return clean("; ".join(parts), limit=600)


def _name(channels: Sequence[ChannelState]) -> str:
    names = [channel.group.name for channel in channels]
    if len(names) > _MOST_NAMED:
        names = [*names[:_MOST_NAMED], f"{len(names) - _MOST_NAMED} more"]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
