"""Brings the archives of a pack into a folder, whole and with the right digests."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from envbench.engine.backends.base import ProgressSink
from envbench.engine.backends.rattler.download import Fetcher, build_package_client
from envbench.engine.backends.rattler.errors import (
    DamagedPackageError,
    PackageFaultError,
    make_disk_error,
)
from envbench.engine.backends.rattler.network import list_variables
from envbench.engine.backends.rattler.tally import Tally
from envbench.engine.engine_settings import EngineSettings
from envbench.engine.local_channel.archive import ArchiveFacts
from envbench.engine.packing.items import PackItem
from envbench.model.cleaning import clean
from envbench.model.errors import NotFineError, PreventedError
from envbench.model.pack import PackKind

_DOWNLOADS = 6
"""At once; more bring little and anger servers."""
_SPARE_BYTES = 64 << 20


def fetch_items(
    items: Sequence[PackItem],
    folder: Path,
    settings: EngineSettings,
    pip_settings: EngineSettings,
    progress: ProgressSink,
) -> dict[str, ArchiveFacts]:
    """Write every archive to its path below a folder.

    Args:
        items: What to fetch.
        folder: An empty folder of this process alone.
        settings: How channels are reached.
        pip_settings: How package indexes are reached.
        progress: Takes the events, counted in packages and in bytes.

    Returns:
        Digests and size of each archive, measured on the way, by path.

    Raises:
        NotFineError: What came is not what the lock names.
        EngineError: An archive cannot be had, or the disk is full.
    """
    _require_room(items, folder)
    for item in items:
        (folder / item.path).parent.mkdir(parents=True, exist_ok=True)
    # The library looks for credentials and certificates in the environment, when it is loaded.
    os.environ.update(list_variables(settings))
    return asyncio.run(_fetch_all(items, folder, settings, pip_settings, progress))


def require_room(folder: Path, needed_bytes: int, what: str) -> None:
    """Make sure that a file system has room.

    Raises:
        PreventedError: It has not.
    """
    free = shutil.disk_usage(folder).free
    if free < needed_bytes + _SPARE_BYTES:
        raise PreventedError(
            f"there is no room for {what}",
            where=str(folder),
            why=f"It takes {needed_bytes >> 20} MiB; {free >> 20} MiB are free.",
            hint="Make room, or put it on another disk.",
        )


def _require_room(items: Sequence[PackItem], folder: Path) -> None:
    known = sum(item.record.size_bytes or 0 for item in items)
    require_room(folder, known, "the archives of the pack")


async def _fetch_all(
    items: Sequence[PackItem],
    folder: Path,
    settings: EngineSettings,
    pip_settings: EngineSettings,
    progress: ProgressSink,
) -> dict[str, ArchiveFacts]:
    sizes = [item.record.size_bytes for item in items]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    tally = Tally(progress, "fetch", {"packages": len(items), "bytes": total})
    fetchers = {
        kind: Fetcher(build_package_client(used), used, tally)
        for kind, used in ((PackKind.CONDA, settings), (PackKind.PIP, pip_settings))
        if any(item.kind is kind for item in items)
    }
    downloads = asyncio.Semaphore(_DOWNLOADS)
    async with tally.telling(), _one_error_for_all() as group:
        tasks = {
            item.path: group.create_task(
                _fetch_one(item, folder / item.path, fetchers[item.kind], downloads, tally)
            )
            for item in items
        }
    return {path: task.result() for path, task in tasks.items()}


@asynccontextmanager
async def _one_error_for_all() -> AsyncIterator[asyncio.TaskGroup]:
    """Run tasks together; when one fails the others are ended, and its error is raised alone."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def _fetch_one(
    item: PackItem, target: Path, fetcher: Fetcher, downloads: asyncio.Semaphore, tally: Tally
) -> ArchiveFacts:
    async with downloads:
        try:
            facts = await fetcher.fetch_archive(item.record, target)
        except DamagedPackageError as error:
            raise NotFineError(
                f"{item.label} is no longer what the lock names",
                where=clean(item.url, limit=300),
                why=error.why.replace("the channel announces", "the lock names"),
                hint="It was changed where it is published, or someone tampers with it: make the"
                " lock or the environment again; if it stays, tell whoever publishes it.",
            ) from error
        except PackageFaultError as error:
            raise PreventedError(
                error.what.replace(f"package {error.package}", item.label, 1),
                where=error.where, why=error.why, hint=error.hint,
            ) from error  # fmt: skip
        except OSError as error:
            raise make_disk_error(error, "an archive could not be stored", item.label) from error
    tally.add("packages", 1, item.label)
    return ArchiveFacts(md5=facts.md5, sha256=facts.sha256, size_bytes=facts.size_bytes)
