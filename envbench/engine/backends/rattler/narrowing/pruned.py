"""A small index that holds only what can still be part of a solution, for many solves in a row.

The tries of one search have most lines in common. What can't go with these is left out once, and
the rest is written as channels of its own, in the same order and under the same names. What has a
solution there has it in the channels themselves, since nothing is added; what has none there has
none at all, since only records are left out that can't be part of any (see propagation.py), and
since strict priority finds in each channel what decides it.
"""

import json
import shutil
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from envbench.engine.backends.rattler.attempt import Attempt
from envbench.engine.backends.rattler.narrowing.domains import Domains
from envbench.engine.backends.rattler.narrowing.universe import Universe
from envbench.engine.channels import (
    build_sources,
    find_target,
    map_spec,
    normalise_url,
    split_channel,
    strip_channel,
)
from envbench.model.channel import ChannelGroup

if TYPE_CHECKING:
    from rattler import Gateway, MatchSpec, RepoDataRecord


@dataclass(frozen=True, slots=True)
class PrunedIndex:
    """The channels of a request, without what can't be part of a solution."""

    gateway: "Gateway"
    groups: tuple[ChannelGroup, ...]
    """Under the same names and in the same order, with addresses of their own."""
    places: Mapping[str, str]
    """From the address of each channel to its own here."""
    names: frozenset[str]
    """Packages that lines may ask for in any way."""
    records: int
    """How many records there are."""

    def adapt(self, attempt: Attempt) -> Attempt:
        """Make an attempt that looks here instead of in the channels."""
        request = attempt.request
        return replace(
            attempt,
            request=replace(request, channels=self.groups, offline=False),
            gateway=self.gateway,
            specs=tuple(self._map(spec.text, request.channels) for spec in request.specs),
        )

    def restore(self, text: str) -> str:
        """Put the addresses of the channels back into what the solver says."""
        for url, own in self.places.items():
            text = text.replace(own, url)
        return text

    def _map(self, text: str, groups: tuple[ChannelGroup, ...]) -> "MatchSpec":
        from rattler import MatchSpec

        channel, _ = split_channel(text)
        target = find_target(channel, groups) if channel else None
        if target is not None and target in self.places:
            return MatchSpec(f"{self.places[target]}::{strip_channel(text)}")
        return MatchSpec(map_spec(text, groups))


async def write_pruned(
    attempt: Attempt, universe: Universe, domains: Domains, *, kept: set[str], free: frozenset[str]
) -> PrunedIndex:
    """Write and load a small index.

    Args:
        attempt: What it is for.
        universe: All records.
        domains: What is left of them.
        kept: Names that the common lines ask for.
        free: Names that other lines ask for.

    Raises:
        OSError: It cannot be written.
    """
    from rattler import Gateway

    chosen = list(_reach(universe, domains, kept, free))
    urls = [url for group in attempt.request.channels for url in map(normalise_url, group.urls)]
    with _private_folder() as folder:
        places = {url: f"file://{folder}/{n}" for n, url in enumerate(dict.fromkeys(urls))}
        groups = tuple(
            ChannelGroup(g.name, tuple(places[normalise_url(u)] for u in g.urls))
            for g in attempt.request.channels
        )
        _write_channels(folder, list(places), [str(s) for s in attempt.subdirs], chosen)
        gateway = Gateway(cache_dir=folder / "cache", show_progress=False)
        await gateway.names(build_sources(groups), attempt.subdirs, channel_relations="disabled")
    # The folder is gone, and with it all that would have to be cleaned up: what was loaded stays
    # open.
    return PrunedIndex(gateway, groups, places, free, len(chosen))


@contextmanager
def _private_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="envbench-pruned-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _reach(
    universe: Universe, domains: Domains, kept: set[str], free: frozenset[str]
) -> Iterator["RepoDataRecord"]:
    """List what can be come to from some names through what is left."""
    waiting, seen = deque(sorted(kept | free)), {*kept, *free}
    while waiting:
        name = waiting.popleft()
        # In which channel strict priority stays depends on what a line asks for, so that nothing
        # may be missing of a package that lines may still ask for.
        whole = universe.is_strict and name in free
        left = universe.full(name) if whole else domains.left.get(name, 0)
        yield from universe.list_records(name, left & ~universe.installed.get(name, 0))
        for other, groups in universe.needs.get(name, {}).items():
            if other not in seen and any(which & left for _, which in groups):
                seen.add(other)
                waiting.append(other)


def _write_channels(
    folder: Path, urls: list[str], subdirs: list[str], records: Iterable["RepoDataRecord"]
) -> None:
    from rattler import Channel

    numbers = {Channel(url).base_url.rstrip("/"): n for n, url in enumerate(urls)}
    parts: dict[tuple[int, str], list[RepoDataRecord]] = {
        (number, subdir): [] for number in range(len(urls)) for subdir in subdirs
    }
    for record in records:
        number = numbers[(record.channel or "").rstrip("/")]
        parts[number, record.subdir].append(record)
    for (number, subdir), own in parts.items():
        place = folder / str(number) / subdir
        place.mkdir(mode=0o700, parents=True)
        (place / "repodata.json").write_text(_write_index(subdir, own), encoding="utf-8")


def _write_index(subdir: str, records: Iterable["RepoDataRecord"]) -> str:
    new: list[str] = []
    old: list[str] = []
    for record in records:
        entry = f"{json.dumps(record.file_name)}:{record.to_json()}"
        (old if record.file_name.endswith(".tar.bz2") else new).append(entry)
    info = json.dumps({"subdir": subdir})
    return (
        f'{{"info":{info},"packages":{{{",".join(old)}}},'
        f'"packages.conda":{{{",".join(new)}}},"repodata_version":1}}'
    )
