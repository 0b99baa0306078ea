"""Links the packages of a plan, all of them in the cache, into a prefix, and proves the outcome."""

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envbench.engine.backends.base import LinkReport, ProgressSink
from envbench.engine.backends.rattler.clobbered import describe_clobbered
from envbench.engine.backends.rattler.errors import DamagedPackageError, LinkError, make_link_error
from envbench.engine.backends.rattler.fetch import (
    fetch_packages,
    find_site_packages,
    is_ready,
    read_stamps,
    vet_together,
)
from envbench.engine.backends.rattler.link_verification import (
    LinkedPackage,
    LinkVerifier,
    Verification,
)
from envbench.engine.backends.rattler.stamps import Stamp, is_unchanged
from envbench.engine.backends.rattler.store import PackageStore
from envbench.engine.backends.rattler.tally import Tally
from envbench.engine.engine_settings import EngineSettings
from envbench.engine.rattler_values import to_rattler
from envbench.model.event import Message
from envbench.model.plan import PackageRecord

if TYPE_CHECKING:
    from rattler.networking import Client

_ROUNDS = 3
"""Damage found in the cache while linking is mended, and linked again, so many times."""
_REST_S = 0.3
_REST_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOrder:
    """What to link, and where."""

    packages: Sequence[PackageRecord]
    prefix: Path
    """The directory to fill; nothing but what a staged generation starts with is in it."""
    target_prefix: Path
    """The path that the files are told they live at."""
    requested: Sequence[str] = ()
    """The user's specs, for the records of the prefix."""
    run_link_scripts: bool = False
    deep: bool = False
    """Hash every linked file, even those that are known through their inode."""


async def link_packages(
    order: LinkOrder, settings: EngineSettings, progress: ProgressSink
) -> LinkReport:
    """Link packages into a prefix and verify every file of them.

    Packages that turn out to be damaged in the cache are fetched and linked again.

    Raises:
        LinkError: The disk is full, read-only, ...; or files are not as they should be.
        PackageError: As `fetch_packages`.
    """
    store = PackageStore(Path(settings.pkgs_dir))
    store.prepare()
    mended: set[str] = set()
    redo: set[str] = set()
    for _ in range(_ROUNDS):
        async with store.linking():
            # Under the lock nobody else replaces a package between this look and the links.
            stamps = _read_ready(store, order.packages)
            vet_together(order.packages, stamps)
            verifier = _build_verifier(order, store, stamps)
            failure = await _install(order, settings, progress, verifier, redo)
            if failure:
                # Whoever removes the prefix now must not see files come back into it.
                await _wait_for_rest()
            found = Verification() if failure else verifier.finish()
            damaged = found.damaged or _find_damaged(order, store, stamps, failure, found)
        if not failure and found.is_fine:
            for text in describe_clobbered(order.prefix):
                progress(Message(text=text, level="warning"))
            return _make_report(order, found, mended)
        if not damaged:
            raise failure or _describe_wrong(order, found)
        await _mend(order, settings, progress, damaged)
        mended |= damaged
        redo = damaged
    raise LinkError(
        "the package cache keeps being damaged while its packages are linked",
        where=settings.pkgs_dir,
        why=f"last: {', '.join(sorted(redo))}",
        hint="Check the disk, and what else writes there.",
    )


def _read_ready(store: PackageStore, packages: Sequence[PackageRecord]) -> dict[str, Stamp]:
    stamps = read_stamps(store, packages)
    for package in packages:
        if not is_ready(store, package):
            raise DamagedPackageError(
                f"package {package.dist_name} is not in the cache as it was vetted",
                package=package.dist_name,
                where=str(store.root),
                hint="Fetch the packages of the plan again, then link.",
            )
    return stamps


async def _install(
    order: LinkOrder,
    settings: EngineSettings,
    progress: ProgressSink,
    verifier: LinkVerifier,
    redo: set[str],
) -> LinkError | None:
    """Let the library link while the verifier follows; returns the error that it ended with."""
    tally = Tally(progress, "link", {"packages": len(order.packages)})
    following = asyncio.create_task(asyncio.to_thread(verifier.follow))
    try:
        async with tally.telling():
            return await _run_library(order, settings, _Reporter(tally, verifier), redo)
    finally:
        verifier.note_end()
        await following


async def _run_library(
    order: LinkOrder, settings: EngineSettings, reporter: "_Reporter", redo: set[str]
) -> LinkError | None:
    import rattler
    from rattler.exceptions import InstallerError
    from rattler.package_cache import PackageCache, ValidationMode

    cache = PackageCache.new_layered(
        [settings.pkgs_dir], cache_origin=True, validation_mode=ValidationMode.skip()
    )
    names = {package.name for package in order.packages if package.dist_name in redo}
    try:
        await rattler.install(
            to_rattler(order.packages),
            order.prefix,
            package_cache=cache,
            client=_build_barred_client(),
            execute_link_scripts=order.run_link_scripts,
            show_progress=False,
            reporter=reporter,
            reinstall_packages=names or None,
            requested_specs=_parse_requested(order.requested),
            alternative_target_prefix=order.target_prefix,
        )
    except (InstallerError, OSError) as error:
        return make_link_error(str(error), str(order.prefix))
    return None


def _build_barred_client() -> "Client":
    """Make a client that reaches nothing: what is linked has been fetched and vetted by us."""
    from rattler.networking import AddHeadersMiddleware, Client

    return Client([AddHeadersMiddleware(_bar)])


def _bar(host: str, path: str) -> dict[str, str]:
    raise RuntimeError(f"{host}{path} is not to be asked for while linking")


def _parse_requested(specs: Sequence[str]) -> Any:
    from rattler import MatchSpec
    from rattler.exceptions import InvalidMatchSpecError

    parsed = []
    for spec in specs:
        with contextlib.suppress(InvalidMatchSpecError):
            parsed.append(MatchSpec(spec))
    # The library's own wrapper hands them on unopened, which its native part refuses.
    return [spec._match_spec for spec in parsed]  # noqa: SLF001


class _Reporter:
    """Counts; called by the library from threads of its own, errors in here go unseen."""

    def __init__(self, tally: Tally, verifier: LinkVerifier) -> None:
        self._tally = tally
        self._verifier = verifier
        self._tokens = itertools.count(1)
        self._names: dict[int, str] = {}

    def on_link_start(self, operation: int, package_name: str) -> int:  # noqa: ARG002 - the library's signature
        token = next(self._tokens)
        self._names[token] = package_name
        return token

    def on_link_complete(self, index: int) -> None:
        name = self._names.get(index, "")
        self._tally.add("packages", 1, name)
        self._verifier.note_linked(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("on_"):
            return self._ignore
        raise AttributeError(name)

    def _ignore(self, *arguments: object) -> int:  # noqa: ARG002 - whatever it is told
        return next(self._tokens)


def _build_verifier(
    order: LinkOrder, store: PackageStore, stamps: dict[str, Stamp]
) -> LinkVerifier:
    site_packages = find_site_packages(order.packages)
    linked = [
        LinkedPackage(
            name=package.name,
            dist_name=package.dist_name,
            directory=store.find_directory(package),
            stamp=stamps[package.dist_name],
            site_packages=site_packages,
        )
        for package in order.packages
    ]
    return LinkVerifier(order.prefix, linked, deep=order.deep)


def _find_damaged(
    order: LinkOrder,
    store: PackageStore,
    stamps: dict[str, Stamp],
    failure: LinkError | None,
    found: Verification,
) -> set[str]:
    """Look through the cache when something is wrong, for packages that explain it."""
    if not failure and found.is_fine:
        return set()
    return {
        package.dist_name
        for package in order.packages
        if not is_unchanged(store.find_directory(package), stamps[package.dist_name])
    }


async def _mend(
    order: LinkOrder, settings: EngineSettings, progress: ProgressSink, damaged: set[str]
) -> None:
    names = ", ".join(sorted(damaged))
    progress(Message(text=f"damaged in the package cache, fetched again: {names}", level="warning"))
    packages = [package for package in order.packages if package.dist_name in damaged]
    await fetch_packages(packages, settings, progress, distrust=True)


async def _wait_for_rest() -> None:
    """Wait until the library's threads rest: after an error it goes on linking other packages."""
    deadline = time.monotonic() + _REST_PATIENCE_S
    while time.monotonic() < deadline:
        before = _read_thread_times()
        await asyncio.sleep(_REST_S)
        if _read_thread_times() == before:
            return


def _read_thread_times() -> dict[str, tuple[str, ...]]:
    times = {}
    for path in Path("/proc/self/task").glob("*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            state, used = fields[0], tuple(fields[11:13])
            times[path.parent.name] = ("D",) if state == "D" else used
    times.pop(str(threading.get_native_id()), None)
    return times


def _describe_wrong(order: LinkOrder, found: Verification) -> LinkError:
    first = found.wrong[0]
    return LinkError(
        f"{len(found.wrong)} linked files are not as their packages say, first"
        f" {first.path!r} of {first.package}",
        where=str(order.prefix),
        why=first.why,
        hint="Something changed the files while they were linked, or two packages bring the same"
        " file; build again.",
    )


def _make_report(order: LinkOrder, found: Verification, mended: set[str]) -> LinkReport:
    return LinkReport(
        packages=len(order.packages),
        files=found.files,
        linked_bytes=found.bytes,
        mended=tuple(sorted(mended)),
    )
