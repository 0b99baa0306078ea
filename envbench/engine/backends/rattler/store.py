"""The package cache on disk: where things lie, who may change them, what is swept.

The unpacked packages lie where the library looks for them. All else is below `.envbench`:
stamps, locks, and one work folder for each process that fetches, held by a lock that dies with
its holder. Packages enter the cache only by a rename, complete and stamped.

Changes (a package placed or thrown away) exclude linking by other processes, and the other way
round; downloads and unpacking exclude nobody, and one package is fetched by one process at a time.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from envbench.engine.backends.rattler.errors import make_disk_error
from envbench.engine.backends.rattler.inspection import describe_digest
from envbench.engine.backends.rattler.stamps import Stamp, read_stamp, write_stamp
from envbench.engine.errors import EngineError
from envbench.model.plan import PackageRecord

_OWN = ".envbench"
_POLL_S = 0.02
_LOCK_PATIENCE_S = 3600.0
_LITTER_AGE_S = 3600.0


class PackageStore:
    """The package cache below one directory."""

    def __init__(self, root: Path) -> None:
        """Name the cache; nothing is made yet."""
        self.root = root
        self._own = root / _OWN

    def prepare(self) -> None:
        """Make what is missing of the folders.

        Raises:
            EngineError: The place cannot be written.
        """
        try:
            for name in ("stamps", "locks", "work"):
                (self._own / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise make_disk_error(
                error, "the package cache cannot be made", str(self.root)
            ) from error

    def find_directory(self, record: PackageRecord) -> Path:
        """Say where a package lies, unpacked, whether it is there or not."""
        return self.root / make_key(record)

    def read_stamp(self, record: PackageRecord) -> Stamp | None:
        """Read the stamp of a package; None when it is missing or of another archive."""
        stamp = read_stamp(self._find_stamp(record))
        return stamp if stamp and stamp.is_of_archive(describe_digest(record)) else None

    def write_stamp(self, record: PackageRecord, stamp: Stamp) -> None:
        """Keep the stamp of a package."""
        write_stamp(self._find_stamp(record), stamp)

    def place(self, record: PackageRecord, tree: Path, stamp: Stamp, trash: Path) -> None:
        """Put a stamped package into the cache; only while `changing`.

        Args:
            record: Whose it is.
            tree: The unpacked package, on the same file system.
            stamp: What was seen of it.
            trash: A name that is free, for what lies in its place now.
        """
        target = self.find_directory(record)
        # Whatever the order, a process that dies here leaves a stamp and a package that do not
        # fit each other, and both are replaced next time.
        write_stamp(self._find_stamp(record), stamp)
        _replace_bytes(target.with_name(target.name + ".lock"), _describe_entry(record, stamp))
        with contextlib.suppress(FileNotFoundError):
            target.rename(trash)
        tree.rename(target)

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """Keep others from linking while a package is placed."""
        async with _hold(self._own / "use.lock", fcntl.LOCK_EX):
            yield

    @asynccontextmanager
    async def linking(self) -> AsyncIterator[None]:
        """Keep others from changing packages while they are linked."""
        async with _hold(self._own / "use.lock", fcntl.LOCK_SH):
            yield

    @asynccontextmanager
    async def fetching(self, record: PackageRecord) -> AsyncIterator[None]:
        """Keep others from fetching the same package."""
        async with _hold(self._own / "locks" / make_key(record), fcntl.LOCK_EX):
            yield

    @contextmanager
    def make_work_folder(self) -> Iterator[Path]:
        """Make a folder of our own; it is removed at the end, or swept when we die before."""
        descriptor, lock = self._claim_work_folder()
        folder = lock.with_suffix("")
        try:
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with contextlib.suppress(OSError):
                lock.unlink()
            os.close(descriptor)

    def _claim_work_folder(self) -> tuple[int, Path]:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        while True:
            lock = self._own / "work" / f"{os.getpid()}-{secrets.token_hex(4)}.lock"
            descriptor = os.open(lock, flags, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return descriptor, lock
            except BlockingIOError:
                # A sweeper was faster and is about to remove it.
                os.close(descriptor)

    def sweep(self) -> int:
        """Remove what processes left behind that died while fetching; returns how many things."""
        count = 0
        for lock in (self._own / "work").glob("*.lock"):
            count += _sweep_work_folder(lock)
        return count + self._sweep_library_litter()

    def _sweep_library_litter(self) -> int:
        # The library unpacks into `.name-version-xxxx`; it holds `.cache.lock` meanwhile.
        litter = [
            path
            for path in self.root.glob(".*")
            if path.name != _OWN and path.is_dir() and not path.is_symlink() and _is_old(path)
        ]
        if not litter or not (lock := _try_lock(self.root / ".cache.lock")):
            return 0
        with os.fdopen(lock):
            for path in litter:
                shutil.rmtree(path, ignore_errors=True)
        return len(litter)

    def _find_stamp(self, record: PackageRecord) -> Path:
        return self._own / "stamps" / make_key(record)


def make_key(record: PackageRecord) -> str:
    """Name a package's folder as the library does when the origin is part of the name.

    Without the origin two archives of one name, version and build (`.conda` and `.tar.bz2`, two
    channels) would push each other out.
    """
    parts = urlsplit(record.url)
    origin = unquote(parts.path) if parts.scheme == "file" else record.url
    return f"{record.name}-{record.version}-{record.build}-{hashlib.sha256(origin.encode()).hexdigest()}"


def _describe_entry(record: PackageRecord, stamp: Stamp) -> bytes:
    # The library's own note on an entry: a revision, and the digest of the archive if known.
    computed = (d.removeprefix("sha256:") for d in stamp.archive_digests if d.startswith("sha256:"))
    return (1).to_bytes(8, "big") + bytes.fromhex(record.sha256 or next(computed, ""))


def _replace_bytes(path: Path, data: bytes) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(path)


@asynccontextmanager
async def _hold(path: Path, kind: int) -> AsyncIterator[None]:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise make_disk_error(error, "the package cache cannot be locked", str(path)) from error
    try:
        deadline = time.monotonic() + _LOCK_PATIENCE_S
        while not _lock(descriptor, kind):
            if time.monotonic() > deadline:
                raise EngineError(
                    "another build holds the package cache for more than an hour",
                    where=str(path),
                    hint="See `envbench jobs`; cancel the build that hangs.",
                )
            await asyncio.sleep(_POLL_S)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _try_lock(path: Path) -> int | None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None
    if _lock(descriptor, fcntl.LOCK_EX):
        return descriptor
    os.close(descriptor)
    return None


def _sweep_work_folder(lock: Path) -> bool:
    descriptor = _try_lock(lock)
    if descriptor is None:
        return False
    with os.fdopen(descriptor):
        shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
        with contextlib.suppress(OSError):
            lock.unlink()
    return True


def _is_old(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return time.time() - path.stat().st_mtime > _LITTER_AGE_S
    return False
