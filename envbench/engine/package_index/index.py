"""The channels of one spec on one platform, as far as their indexes are at hand."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from envbench.engine.channels import normalise_url
from envbench.engine.package_index.build_values import Build
from envbench.engine.package_index.index_files import IndexFile
from envbench.engine.package_index.reading import IndexFaultError
from envbench.engine.package_index.store import IndexStore, Newest
from envbench.model.channel import ChannelGroup
from envbench.model.fuzzy import NameTable

OLD_S = 24 * 3600.0
"""An index that was fetched longer ago is called old."""


@dataclass(frozen=True, slots=True)
class ChannelState:
    """What is at hand of one channel."""

    group: ChannelGroup
    files: tuple[IndexFile, ...] = ()
    """The indexes that are open."""
    pending: bool = False
    """Whether there are more, not read yet."""
    fault: str = ""
    """Why one of them cannot be read."""

    @property
    def is_missing(self) -> bool:
        """Whether there is no index of it at all."""
        return not self.files and not self.pending and not self.fault

    @property
    def age_s(self) -> float | None:
        """Seconds since the oldest of its indexes was fetched; None for local channels."""
        times = [file.fetched_at for file in self.files if file.fetched_at is not None]
        return max(0.0, time.time() - min(times)) if times else None


class PackageIndex:
    """What some channels have."""

    def __init__(
        self,
        store: IndexStore,
        channels: Sequence[ChannelState],
        faults: list[str] | None = None,
    ) -> None:
        """Use what is open; see `load_channels`."""
        self._store = store
        self.channels = tuple(channels)
        """In order of priority."""
        self.faults = [] if faults is None else faults
        """What could not be read while questions were answered, one line each."""

    def only(self, channel: ChannelState) -> "PackageIndex":
        """Give the index of one of the channels; its faults are noted here too."""
        return PackageIndex(self._store, (channel,), self.faults)

    @property
    def pending(self) -> bool:
        """Whether an index is still to be read: make another one of these."""
        return any(channel.pending for channel in self.channels)

    @property
    def names(self) -> NameTable:
        """All names that the channels have."""
        return self._store.table(tuple(file for c in self.channels for file in c.files))

    def channels_with(self, name: str) -> tuple[ChannelState, ...]:
        """List the channels that have a name, in order."""
        return tuple(
            channel
            for channel in self.channels
            if any(self._store.has(file, name) for file in channel.files)
        )

    def newest(self, name: str, *, until: float = math.inf) -> str:
        """Give the newest version of a name in the first channel that has it; empty when unknown.

        Args:
            name: Of the package.
            until: `time.monotonic()` from which on only what is known already is told.
        """
        for channel in self.channels_with(name):
            found = []
            for file in channel.files:
                is_late = time.monotonic() >= until and not self._store.knows_newest(file, name)
                if self._store.has(file, name) and not is_late:
                    found.append(self._find_newest(file, name))
            ranked = [newest for newest in found if newest is not None]
            return max(ranked, key=lambda newest: newest.rank).version if ranked else ""
        return ""

    def _find_newest(self, file: IndexFile, name: str) -> Newest | None:
        try:
            return self._store.newest(file, name)
        except IndexFaultError:
            return None

    def builds(self, name: str) -> tuple[Build, ...]:
        """List all builds of a name: channel by channel, the best first."""
        return tuple(build for channel in self.channels for build in self.builds_in(channel, name))

    def builds_in(self, channel: ChannelState, name: str) -> tuple[Build, ...]:
        """List what one channel has of a name, the best build first."""
        found: list[Build] = []
        for file in channel.files:
            if self._store.has(file, name):
                found += self._ask(file, name, channel.group.name)
        return tuple(sorted(found, key=lambda build: build.rank, reverse=True))

    def _ask(self, file: IndexFile, name: str, channel: str) -> tuple[Build, ...]:
        try:
            builds = self._store.builds(file, name, channel)
        except IndexFaultError as fault:
            self._note(f"{fault.what} in the index of {channel}")
            return ()
        if builds is None:
            self._note(
                f"the versions of {name} in {channel} are not cached: solve with it once (s)"
            )
        return builds or ()

    def _note(self, fault: str) -> None:
        if fault not in self.faults:
            self.faults.append(fault)


def load_channels(
    store: IndexStore,
    groups: Sequence[ChannelGroup],
    platform: str,
    *,
    budget_s: float = math.inf,
) -> PackageIndex:
    """Find the indexes of channels, and read those that are not open yet while there is time.

    Args:
        store: What this process has open.
        groups: The channels in order of priority.
        platform: Their subdir beside `noarch`.
        budget_s: Reading goes on until so much time is over; at least one index is read.
    """
    store.refresh()
    loader = _Loader(store, (platform, "noarch"), time.monotonic() + budget_s)
    return PackageIndex(store, [loader.load(group) for group in groups])


class _Loader:
    def __init__(self, store: IndexStore, subdirs: tuple[str, ...], ends: float) -> None:
        self._store = store
        self._subdirs = subdirs
        self._ends = ends
        self._has_read = False
        self._seen: set[str] = set()

    def load(self, group: ChannelGroup) -> ChannelState:
        files: list[IndexFile] = []
        pending, fault = False, ""
        for url in dict.fromkeys(map(normalise_url, group.urls)):
            # As for a solve: an address counts in the first channel that has it.
            known = url in self._seen
            self._seen.add(url)
            for file in () if known else self._store.find_files(url, self._subdirs):
                if not self._has_time(file):
                    pending = True
                    continue
                try:
                    self._store.open(file)
                    files.append(file)
                except IndexFaultError as error:
                    fault = f"{error.what}: {error.why}" if error.why else error.what
        return ChannelState(group, tuple(files), pending, fault)

    def _has_time(self, file: IndexFile) -> bool:
        if self._store.is_open(file):
            return True
        if self._has_read and time.monotonic() >= self._ends:
            return False
        self._has_read = True
        return True
