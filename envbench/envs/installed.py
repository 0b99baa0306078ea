"""An installed environment read back as a lock: what is really there."""

import heapq
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from envbench.envs.distributions import read_pip_part
from envbench.envs.generation_files import read_generation
from envbench.envs.prefix_records import PrefixPackage, PrefixRecords, read_prefix_records
from envbench.envs.variables import read_state_variables
from envbench.model.generation import Generation
from envbench.model.lock import Lock
from envbench.model.plan import PackageRecord

_KNOWN_HOSTS = ("conda.anaconda.org", "conda-static.anaconda.org", "prefix.dev", "repo.prefix.dev")
_DEFAULTS_HOST = "repo.anaconda.com"


def read_environment(
    prefix: Path,
    *,
    name: str | None = None,
    channels: Sequence[str] | None = None,
    channel_names: Mapping[str, str] | None = None,
) -> Lock:
    """Read what is installed in a prefix, whoever installed it.

    Damaged records are left out: ask `read_prefix_records` for them first.

    Args:
        prefix: The environment, by its stable path or its own.
        name: How to call it; None takes the generation's record, else the directory's name.
        channels: Channel names in the order of the spec; None takes those that the generation
            recorded. Channels found on packages but not named here follow, in order of their name.
        channel_names: Channel address to the name that the user knows it by, which wins over
            guessing from the address.
    """
    records = read_prefix_records(prefix)
    return lock_records(records, name=name, channels=channels, channel_names=channel_names)


def lock_records(
    records: PrefixRecords,
    *,
    name: str | None = None,
    channels: Sequence[str] | None = None,
    channel_names: Mapping[str, str] | None = None,
) -> Lock:
    """Make a lock of records that have been read already; see `read_environment`."""
    generation = read_generation(records.prefix)
    order = list(channels if channels is not None else generation.channels if generation else ())
    names = {url.rstrip("/"): known for url, known in (channel_names or {}).items()}
    packages = [_named(package, order, names) for package in records.packages]
    found = sorted({p.channel for p in packages} - set(order) - {""})
    return Lock(
        name=name or _name_of(records.prefix, generation),
        platform=_platform_of(packages, generation),
        channels=(*order, *found),
        packages=sort_topologically(packages),
        pip=read_pip_part(records).packages,
        variables=tuple(sorted(read_state_variables(records.prefix).items())),
    )


def name_channel(base_url: str, known: Sequence[str], names: Mapping[str, str]) -> str:
    """Tell under which name the user knows a channel.

    Args:
        base_url: Address without subdir and secrets.
        known: Names or addresses of the user's spec.
        names: Address to name, from the channel settings of the time; wins.

    Returns:
        A name of `known` where one fits; else the usual name of a well-known channel, else the
        address.
    """
    url = base_url.rstrip("/")
    if url in names:
        return names[url]
    for candidate in known:
        if candidate.rstrip("/") == url:
            return candidate
    parts = urlsplit(url)
    path = unquote(parts.path).strip("/")
    if parts.hostname == _DEFAULTS_HOST and path.startswith("pkgs/"):
        return "defaults" if "defaults" in known and path not in known else path
    if path in known or parts.hostname in _KNOWN_HOSTS:
        return path or url
    # A mirror, or a channel on disk: its last part is its name, if the user used that name.
    last = path.rpartition("/")[2]
    return last if last in known else url


def sort_topologically(packages: Sequence[PackageRecord]) -> tuple[PackageRecord, ...]:
    """Sort packages so that each comes after what it depends on; by name where that is free.

    Cycles (`python` and `pip` depend on each other) are entered at their first name.
    """
    by_name = {package.name: package for package in packages}
    waits_for = {
        name: {_dependency_name(spec) for spec in package.depends} & by_name.keys() - {name}
        for name, package in by_name.items()
    }
    waiting: dict[str, list[str]] = {name: [] for name in by_name}
    for name, needed in waits_for.items():
        for dependency in needed:
            waiting[dependency].append(name)
    ready = [name for name, needed in waits_for.items() if not needed]
    heapq.heapify(ready)
    ordered: list[PackageRecord] = []
    left = dict(waits_for)
    while left:
        name = heapq.heappop(ready) if ready else _entry_of_cycle(left)
        if name not in left:
            continue
        del left[name]
        ordered.append(by_name[name])
        for other in waiting[name]:
            if other in left:
                left[other].discard(name)
                if not left[other]:
                    heapq.heappush(ready, other)
    return tuple(ordered)


def _entry_of_cycle(left: Mapping[str, set[str]]) -> str:
    """Pick where to cut a cycle: the interpreter first, else the fewest open dependencies."""
    if "python" in left:
        return "python"
    return min(left, key=lambda name: (len(left[name]), name))


def _dependency_name(spec: str) -> str:
    word = spec.split(maxsplit=1)[0] if spec.strip() else ""
    for mark in "[=<>!~":
        word = word.partition(mark)[0]
    return word.rpartition("::")[2].lower()


def _named(package: PrefixPackage, known: Sequence[str], names: Mapping[str, str]) -> PackageRecord:
    if not package.base_url:
        return package.record
    return replace(package.record, channel=name_channel(package.base_url, known, names))


def _name_of(prefix: Path, generation: Generation | None) -> str:
    return generation.environment if generation else prefix.name


def _platform_of(packages: Sequence[PackageRecord], generation: Generation | None) -> str:
    if generation and generation.platform:
        return generation.platform
    return next((p.subdir for p in packages if p.subdir not in {"noarch", ""}), _this_platform())


def _this_platform() -> str:
    """Name this box as conda does, for prefixes that say nothing themselves (venvs)."""
    system = {"linux": "linux", "darwin": "osx"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    word = {"x86_64": "64", "amd64": "64"}.get(machine, machine)
    return f"{system}-{word}"
