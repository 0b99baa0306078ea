"""Brings the packages of a plan into the cache: downloaded, checked, vetted, unpacked, stamped."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from envbench.engine.backends.base import FetchReport, ProgressSink
from envbench.engine.backends.rattler.download import Fetcher, build_package_client
from envbench.engine.backends.rattler.errors import (
    BrokenPackageError,
    DamagedPackageError,
    HostilePackageError,
    RefusedPackageError,
    make_disk_error,
)
from envbench.engine.backends.rattler.inspection import inspect_package
from envbench.engine.backends.rattler.stamps import Stamp, has_vetted_lists, is_unchanged, rehash
from envbench.engine.backends.rattler.store import PackageStore
from envbench.engine.backends.rattler.tally import Tally
from envbench.engine.backends.rattler.unpacking import unpack_archive
from envbench.engine.engine_settings import EngineSettings
from envbench.engine.package_vetting import find_escaping_links, place_noarch_path
from envbench.model.event import Message
from envbench.model.plan import PackageRecord

_DOWNLOADS = 6
"""At once; more bring little and anger servers."""
_UNPACKERS = 2
_UNDER_WAY = 64
"""Packages whose lock is held at once; each takes a file descriptor."""


@dataclass(slots=True)
class _Work:
    store: PackageStore
    fetcher: Fetcher
    folder: Path
    tally: Tally
    stop: threading.Event = field(default_factory=threading.Event)
    downloads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_DOWNLOADS))
    under_way: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_UNDER_WAY))
    unpackers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_UNPACKERS))


async def fetch_packages(
    packages: Sequence[PackageRecord],
    settings: EngineSettings,
    progress: ProgressSink,
    *,
    distrust: bool = False,
) -> FetchReport:
    """Make sure that every package is in the cache, vetted and validated.

    Args:
        packages: Of one plan.
        settings: Say where the cache lies, and how the network is used.
        progress: Takes the events.
        distrust: Look at every file of the packages that are there already, not only at the
            lists that decide where links are made.

    Raises:
        RefusedPackageError: A package would do harm.
        DamagedPackageError: An archive is not what its channel announced.
        PackageFaultError: An archive cannot be had.
        EngineError: The disk is full, read-only, ...
    """
    store = PackageStore(Path(settings.pkgs_dir))
    store.prepare()
    store.sweep()
    missing = [package for package in packages if not is_ready(store, package, distrust=distrust)]
    fetched: list[PackageRecord] = []
    if missing:
        fetched = await _fetch_missing(store, missing, settings, progress)
    stamps = read_stamps(store, packages)
    vet_together(packages, stamps)
    report = _make_report(packages, stamps, fetched)
    for text in report.warnings:
        progress(Message(text=text, level="warning"))
    return report


def is_ready(store: PackageStore, package: PackageRecord, *, distrust: bool = False) -> bool:
    """Tell whether a package is in the cache as it was vetted."""
    stamp = store.read_stamp(package)
    if stamp is None or not stamp.is_of_this_boot():
        return False
    directory = store.find_directory(package)
    return is_unchanged(directory, stamp) if distrust else has_vetted_lists(directory, stamp)


def read_stamps(store: PackageStore, packages: Sequence[PackageRecord]) -> dict[str, Stamp]:
    """Read the stamps of packages that were fetched, by distribution.

    Raises:
        DamagedPackageError: The cache was cleared meanwhile.
    """
    stamps = {}
    for package in packages:
        stamp = store.read_stamp(package)
        if stamp is None:
            raise DamagedPackageError(
                f"package {package.dist_name} vanished from the package cache",
                package=package.dist_name,
                where=str(store.root),
                hint="Something else cleans the cache; build again.",
            )
        stamps[package.dist_name] = stamp
    return stamps


def find_site_packages(packages: Sequence[PackageRecord]) -> str:
    """Say where the Python of a plan looks for packages, relative to the prefix."""
    for package in packages:
        if package.name == "python":
            short = ".".join(package.version.split(".")[:2])
            return package.python_site_packages_path or f"lib/python{short}/site-packages"
    return "site-packages"


def vet_together(packages: Sequence[PackageRecord], stamps: dict[str, Stamp]) -> None:
    """Refuse packages whose soft links lead out of the prefix by way of each other.

    Raises:
        RefusedPackageError: Names the package of the first such link.
    """
    site_packages = find_site_packages(packages)
    links: dict[str, str] = {}
    owners: dict[str, str] = {}
    for package in packages:
        stamp = stamps[package.dist_name]
        for path, target in stamp.links.items():
            place = place_noarch_path(path, site_packages) if stamp.noarch_python else path
            links[place] = target
            owners[place] = package.dist_name
    for path, reason in find_escaping_links(links):
        raise _refuse(owners[path], HostilePackageError(reason, path=path))


async def _fetch_missing(
    store: PackageStore,
    missing: Sequence[PackageRecord],
    settings: EngineSettings,
    progress: ProgressSink,
) -> list[PackageRecord]:
    sizes = [package.size_bytes for package in missing]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    tally = Tally(progress, "fetch", {"packages": len(missing), "bytes": total})
    fetcher = Fetcher(build_package_client(settings), settings, tally)
    with _folder(store) as folder:
        work = _Work(store, fetcher, folder, tally)
        async with tally.telling(), _one_error_for_all(work) as group:
            tasks = [
                group.create_task(_fetch_one(work, package, number))
                for number, package in enumerate(missing)
            ]
    return [package for package, task in zip(missing, tasks, strict=True) if task.result()]


@contextlib.contextmanager
def _folder(store: PackageStore) -> Iterator[Path]:
    try:
        with store.make_work_folder() as folder:
            yield folder
    except OSError as error:
        raise make_disk_error(error, "packages could not be stored", str(store.root)) from error


@contextlib.asynccontextmanager
async def _one_error_for_all(work: _Work) -> AsyncIterator[asyncio.TaskGroup]:
    """Run tasks together; when one fails the others are ended, and its error is raised alone."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    finally:
        work.stop.set()


async def _fetch_one(work: _Work, package: PackageRecord, number: int) -> bool:
    async with work.under_way, work.store.fetching(package):
        # Another build may have been faster, and a package of another boot needs hashing only.
        kept = is_ready(work.store, package, distrust=True) or await _revalidate(work, package)
        if kept:
            work.tally.add("bytes", package.size_bytes or 0)
        else:
            await _fetch_anew(work, package, number)
    work.tally.add("packages", 1, package.dist_name)
    return not kept


async def _revalidate(work: _Work, package: PackageRecord) -> bool:
    stamp = work.store.read_stamp(package)
    if stamp is None:
        return False
    async with work.unpackers:
        renewed = await asyncio.to_thread(rehash, work.store.find_directory(package), stamp)
    if renewed:
        work.store.write_stamp(package, renewed)
    return renewed is not None


async def _fetch_anew(work: _Work, package: PackageRecord, number: int) -> None:
    archive = (
        work.folder / f"{number}{'.tar.bz2' if package.file_name.endswith('.bz2') else '.conda'}"
    )
    tree = work.folder / f"{number}"
    async with work.downloads:
        facts = await work.fetcher.fetch_archive(package, archive)
    async with work.unpackers:
        try:
            stamp = await _unpack_in_thread(work, package, archive, tree)
        except HostilePackageError as error:
            raise _refuse(package.dist_name, error) from error
        except BrokenPackageError as error:
            raise _call_broken(package, error) from error
        except OSError as error:
            raise make_disk_error(
                error, f"package {package.dist_name} could not be unpacked", str(work.store.root)
            ) from error
    archive.unlink()
    stamp = msgspec.structs.replace(
        stamp, archive_digests=facts.digests, archive_bytes=facts.size_bytes
    )
    async with work.store.changing():
        work.store.place(package, tree, stamp, work.folder / f"{number}.old")


async def _unpack_in_thread(
    work: _Work, package: PackageRecord, archive: Path, tree: Path
) -> Stamp:
    """Unpack beside the loop; a cancelled wait still waits for the thread, told to stop.

    A thread cannot be cancelled: left alone it would go on writing into a folder that is being
    removed, and what it wrote last would stay.
    """
    thread = asyncio.ensure_future(asyncio.to_thread(_unpack, work, package, archive, tree))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        work.stop.set()
        await asyncio.wait([thread])
        thread.exception()
        raise


def _unpack(work: _Work, package: PackageRecord, archive: Path, tree: Path) -> Stamp:
    tree.mkdir()
    unpacked = unpack_archive(archive, tree, is_stopped=work.stop.is_set)
    return inspect_package(tree, unpacked, package)


def _refuse(dist_name: str, error: HostilePackageError) -> RefusedPackageError:
    return RefusedPackageError(
        f"package {dist_name} is refused: {error}",
        package=dist_name,
        why="It would reach out of the environment or act with foreign rights; nothing of it was"
        " linked.",
        hint="Do not use this package; tell whoever runs the channel.",
    )


def _call_broken(package: PackageRecord, error: BrokenPackageError) -> DamagedPackageError:
    return DamagedPackageError(
        f"package {package.dist_name} is damaged: {error}",
        package=package.dist_name,
        where=package.url,
        why="Its digest is the one announced, so the channel itself holds a damaged package.",
        hint="Pin another version or build, and tell whoever runs the channel.",
    )


def _make_report(
    packages: Sequence[PackageRecord],
    stamps: dict[str, Stamp],
    fetched: Sequence[PackageRecord],
) -> FetchReport:
    new = [package.dist_name for package in fetched]
    warnings = [
        f"package {package.dist_name}: its channel gives no digest, so nothing vouches for it"
        for package in packages
        if not (package.sha256 or package.md5)
    ]
    warnings += [
        f"package {name}: {len(stamps[name].deviating)} files differ from its own list of files"
        for name in new
        if stamps[name].deviating
    ]
    return FetchReport(
        fetched=tuple(new),
        downloaded_bytes=sum(package.size_bytes or 0 for package in fetched),
        link_scripts=tuple(sorted(name for name, stamp in stamps.items() if stamp.scripts)),
        warnings=tuple(warnings),
    )
