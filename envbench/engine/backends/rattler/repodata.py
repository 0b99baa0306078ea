"""The indexes of channels: loaded one by one so that a fault has a name, kept in memory.

A `Gateway` never looks again at what it holds, so this file decides what is old; and it has no
limit for silence, so this file watches the files that downloads grow in.
"""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from envbench.engine.backends.rattler.network import build_gateway
from envbench.engine.channel_faults import classify_fault, describe_fault
from envbench.engine.channels import normalise_url
from envbench.engine.engine_settings import EngineSettings
from envbench.engine.errors import FaultKind
from envbench.engine.virtual_packages import list_subdirs
from envbench.model.channel import ChannelGroup
from envbench.model.errors import EnvbenchError

if TYPE_CHECKING:
    from rattler import Gateway

MAX_AGE_S = 600.0
"""A remote index older than this is asked for again (usually answered by "not modified")."""
LEAST_GROWTH_BYTES = 1024
"""A download that grows by less within `read_timeout_s` counts as silent."""

ReportPending = Callable[[tuple[str, ...]], None]
"""Told the names of the channels that are still being loaded, whenever that changes."""

_SHARD_FAULTS = frozenset(
    {
        FaultKind.FORBIDDEN,
        FaultKind.UNAUTHORIZED,
        FaultKind.SERVER_ERROR,
        FaultKind.NOT_REPODATA,
        FaultKind.NOT_FOUND,
        FaultKind.OTHER,
    }
)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """When an index was read, and what its file looked like then."""

    at: float
    signature: tuple[object, ...]


class RepodataStore:
    """All indexes that this process has read, online and offline apart."""

    def __init__(self, settings: EngineSettings) -> None:
        """Start empty; nothing is read yet."""
        self.settings = settings
        self._gateways: dict[tuple[bool, frozenset[str]], Gateway] = {}
        self._loaded: dict[tuple[bool, str, str], _Loaded] = {}
        self._unsharded: set[str] = set()

    async def load(
        self,
        groups: Sequence[ChannelGroup],
        platform: str,
        *,
        offline: bool,
        ends: float = math.inf,
        report: ReportPending = lambda _: None,
        silent_s: float | None = None,
    ) -> "Gateway":
        """Make sure that the indexes of all channels are in memory and fresh enough.

        Args:
            groups: The channels.
            platform: Their subdir beside `noarch`.
            offline: Use the cache only.
            ends: `time.monotonic()` at which what is not there is late.
            report: Told which channels are pending.
            silent_s: For so long nothing may come in; the settings' own time when None.

        Returns:
            The gateway that holds them.

        Raises:
            ChannelFaultError: For the first channel, in order, that cannot be used.
        """
        offline = offline or self.settings.offline
        while True:
            # A mirror may refuse the sharded index, which few servers have, and still serve the
            # plain one. Each round adds to `_unsharded`, so there are few of them.
            try:
                return await self._load_once(groups, platform, offline, (report, ends, silent_s))
            except _ShardsRefusedError as refusal:
                self._unsharded |= refusal.urls
                # Nobody asks the older gateways again, and each holds whole indexes.
                self._gateways.clear()
                self._loaded.clear()

    def stamp(self, groups: Sequence[ChannelGroup], platform: str, *, offline: bool) -> Hashable:
        """Return what changes whenever an index of these channels was read anew."""
        offline = offline or self.settings.offline
        urls = (normalise_url(url) for group in groups for url in group.urls)
        return tuple(self._loaded.get((offline, url, platform)) for url in urls)

    async def _load_once(
        self,
        groups: Sequence[ChannelGroup],
        platform: str,
        offline: bool,
        terms: tuple[ReportPending, float, float | None],
    ) -> "Gateway":
        report, ends, silent_s = terms
        gateway = self._find_gateway(offline)
        places = {normalise_url(url): group.name for group in groups for url in group.urls}
        due = {url: name for url, name in places.items() if self._is_due(url, platform, offline)}
        for url, name in due.items():
            _check_local_size(url, name, platform, self.settings.max_repodata_bytes)
        pending = dict(due)

        async def load_channel(url: str) -> None:
            self._forget(gateway, url, platform, offline)
            signature = _sign(url, platform)
            await _ask_names(gateway, url, platform)
            self._loaded[offline, url, platform] = _Loaded(time.monotonic(), signature)
            pending.pop(url)
            report(tuple(dict.fromkeys(pending.values())))

        report(tuple(dict.fromkeys(pending.values())))
        failures = await _run_watched(
            {url: load_channel(url) for url in due},
            self._be_patient(silent_s),
            pending=pending,
            ends=ends,
        )
        _raise_first(failures, due, self._unsharded)
        return gateway

    def _be_patient(self, silent_s: float | None) -> EngineSettings:
        if silent_s is None:
            return self.settings
        return replace(self.settings, read_timeout_s=min(silent_s, self.settings.read_timeout_s))

    def _find_gateway(self, offline: bool) -> "Gateway":
        key = (offline, frozenset(self._unsharded))
        if key not in self._gateways:
            self._gateways[key] = build_gateway(self.settings, offline=offline, unsharded=key[1])
        return self._gateways[key]

    def _is_due(self, url: str, platform: str, offline: bool) -> bool:
        loaded = self._loaded.get((offline, url, platform))
        if loaded is None:
            return True
        if url.startswith("file:"):
            return loaded.signature != _sign(url, platform)
        return not offline and time.monotonic() - loaded.at > MAX_AGE_S

    def _forget(self, gateway: "Gateway", url: str, platform: str, offline: bool) -> None:
        from rattler import Channel

        if self._loaded.pop((offline, url, platform), None) is not None:
            gateway.clear_repodata_cache(Channel(url))


class _ShardsRefusedError(Exception):
    def __init__(self, urls: set[str]) -> None:
        super().__init__(", ".join(sorted(urls)))
        self.urls = urls


async def _ask_names(gateway: "Gateway", url: str, platform: str) -> None:
    from rattler import Channel

    await gateway.names([Channel(url)], list_subdirs(platform), channel_relations="disabled")


async def _run_watched(
    jobs: dict[str, Coroutine[Any, Any, None]],
    settings: EngineSettings,
    *,
    pending: dict[str, str],
    ends: float,
) -> dict[str, Exception]:
    """Run all, until done or until nothing comes in any more; return what failed, by address."""
    tasks = {asyncio.ensure_future(job): url for url, job in jobs.items()}
    watch = _GrowthWatch(Path(settings.repodata_dir), settings.read_timeout_s)
    waiting: set[asyncio.Future[None]] = set(tasks)
    while waiting and not watch.is_silent(len(pending)) and time.monotonic() < ends:
        _, waiting = await asyncio.wait(waiting, timeout=min(0.25, settings.read_timeout_s / 4))
    for task in waiting:
        # The native side goes on regardless; whoever sees this fault replaces the process.
        task.cancel()
    failures: dict[str, Exception] = {}
    for task, url in tasks.items():
        if task in waiting:
            failures[url] = TimeoutError(watch.explain(time.monotonic() >= ends))
        elif error := task.exception():
            failures[url] = _expect_exception(error)
    return failures


def _expect_exception(error: BaseException) -> Exception:
    # A panic of the native side is no Exception; the process is not to be trusted after it.
    if not isinstance(error, Exception):
        raise error
    return error


def _raise_first(
    failures: dict[str, Exception], names: dict[str, str], unsharded: set[str]
) -> None:
    for error in failures.values():
        if isinstance(error, EnvbenchError):
            raise error
    faults = {
        url: describe_fault(str(error), channel=names[url], url=url)
        for url, error in failures.items()
    }
    refused = {
        url
        for url, error in failures.items()
        if "shard" in str(error) and url not in unsharded and _may_be_shards_only(str(error))
    }
    if refused:
        raise _ShardsRefusedError(refused)
    for url in names:
        if url in faults:
            raise faults[url]


def _may_be_shards_only(text: str) -> bool:
    sign = classify_fault(text)
    return sign is None or sign.kind in _SHARD_FAULTS


class _GrowthWatch:
    """Tells when downloads have been silent for too long, by the temporary files they grow."""

    def __init__(self, directory: Path, window_s: float) -> None:
        self._directory = directory
        self._window_s = window_s
        self._sizes: dict[str, int] = {}
        self._grown_bytes = 0
        self._mark = (time.monotonic(), 0, -1)

    def is_silent(self, pending: int) -> bool:
        """Look once; `pending` is how many downloads are not done."""
        self._grown_bytes += self._measure_growth()
        since, grown, left = self._mark
        now = time.monotonic()
        if pending != left or self._grown_bytes - grown >= LEAST_GROWTH_BYTES:
            self._mark = (now, self._grown_bytes, pending)
            return False
        return now - since > self._window_s

    def explain(self, late: bool) -> str:
        """Say why it is over, in words that are recognised as a timeout."""
        if late:
            return "timed out: the index was not complete in time"
        return f"timed out: less than {LEAST_GROWTH_BYTES} bytes in {self._window_s:g} s"

    def _measure_growth(self) -> int:
        sizes = {}
        for path in self._directory.glob(".tmp*"):
            try:
                sizes[path.name] = path.stat().st_size
            except OSError:  # renamed or removed since
                continue
        growth = sum(max(0, size - self._sizes.get(name, 0)) for name, size in sizes.items())
        self._sizes = sizes
        return growth


def _local_indexes(url: str, subdirs: Sequence[str]) -> list[Path]:
    root = Path(unquote(urlsplit(url).path))
    return [root / subdir / "repodata.json" for subdir in subdirs]


def _sign(url: str, platform: str) -> tuple[object, ...]:
    """Take the mark of a local index by which a change is noticed; empty for remote ones."""
    if not url.startswith("file:"):
        return ()
    marks: list[object] = []
    for path in _local_indexes(url, (platform, "noarch")):
        try:
            status = path.stat()
            marks.append((status.st_ino, status.st_mtime_ns, status.st_size))
        except OSError:
            marks.append(None)
    return tuple(marks)


def _check_local_size(url: str, name: str, platform: str, limit_bytes: int) -> None:
    if not url.startswith("file:"):
        return
    for path in _local_indexes(url, (platform, "noarch")):
        if path.is_file() and path.stat().st_size > limit_bytes:
            raise describe_fault(
                f"{path} is larger than {limit_bytes} bytes: file too large", channel=name, url=url
            )
