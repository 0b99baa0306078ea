"""Packs that are being built from: unpacked into the cache, and removed when the job is over."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from envbench.engine.packing.folder_reading import check_folder
from envbench.engine.packing.tar_reading import unpack_tar
from envbench.files import make_private_directory
from envbench.jobs.job import Job
from envbench.jobs.store import JobStore
from envbench.model.errors import EnvbenchError, PreventedError
from envbench.model.job import FINAL_STATES
from envbench.model.pack import MANIFEST_NAME, PackKind, PackManifest
from envbench.settings.load import Settings
from envbench.workbench.locks.lock_file import is_pack as is_pack

OnBytes = Callable[[int, int], None]


@dataclass(slots=True)
class OpenedPack:
    """A pack whose files lie on this box, each of them checked."""

    manifest: PackManifest
    folder: Path
    """Holds what lies at the top of the pack."""
    _held: int | None = field(default=None, repr=False)
    """Descriptor of the lock that keeps others from removing it; None for a folder of the user."""

    @property
    def places(self) -> dict[str, Path]:
        """Where each archive lies, by its original address."""
        return {
            file.url: self.folder / file.path
            for file in self.manifest.files
            if file.kind is not PackKind.TEXT
        }

    def hand_over(self, job: Job) -> None:
        """Leave it to a job: it is kept until that has ended."""
        if self._held is not None:
            os.truncate(self._held, 0)
            os.pwrite(self._held, job.id.encode(), 0)
            os.close(self._held)
            self._held = None

    def close(self) -> None:
        """Remove what was unpacked, unless a job has it now; a folder of the user stays."""
        if self._held is not None:
            _remove(self.folder, self._held)
            self._held = None


def open_pack(path: Path, settings: Settings, on_bytes: OnBytes | None = None) -> OpenedPack:
    """Open a pack: a tar is unpacked into the cache, a folder is used as it lies there.

    Args:
        path: A tar, a folder that one was unpacked to, or the `envbench-pack.json` in it.
        settings: Say where the cache lies.
        on_bytes: Told how many bytes are done, and of how many.

    Raises:
        UsageError: It is no pack, or none that this version can use.
        NotFineError: It is damaged, or holds something that it must not hold.
        PreventedError: The disk is full, ...
    """
    tell = on_bytes or (lambda _done, _total: None)
    if path.name == MANIFEST_NAME:
        path = path.parent
    if path.is_dir():
        folder = path.absolute()
        return OpenedPack(check_folder(folder, tell), folder)
    sweep_packs(settings)
    folder, held = _claim(settings)
    try:
        return OpenedPack(unpack_tar(path, folder, tell), folder, held)
    except BaseException:
        _remove(folder, held)
        raise


def sweep_packs(settings: Settings) -> int:
    """Remove unpacked packs that no process and no job needs any more; tells how many."""
    count = 0
    for lock in _root(settings).glob("*.lock"):
        with suppress(OSError):
            descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            if _is_needed(os.pread(descriptor, 200, 0).decode("ascii", "replace"), settings):
                os.close(descriptor)
                continue
            _remove(lock.with_suffix(""), descriptor)
            count += 1
    return count


def _is_needed(job_id: str, settings: Settings) -> bool:
    if not job_id:
        return False
    with suppress(EnvbenchError):
        return JobStore(settings.paths.jobs_dir).find(job_id).state() not in FINAL_STATES
    return False


def _root(settings: Settings) -> Path:
    return settings.paths.cache_dir / "packs"


def _claim(settings: Settings) -> tuple[Path, int]:
    root = _root(settings)
    try:
        make_private_directory(root)
        while (claimed := _try_claim(root / secrets.token_hex(8))) is None:
            pass
    except OSError as error:
        raise PreventedError(
            "the pack cannot be unpacked", where=str(root), why=error.strerror or ""
        ) from error
    return claimed


def _try_claim(folder: Path) -> tuple[Path, int] | None:
    lock = folder.with_suffix(".lock")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(lock, flags, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    if not os.fstat(descriptor).st_nlink:
        # A sweeper was faster and has removed it.
        os.close(descriptor)
        return None
    folder.mkdir(mode=0o700)
    return folder, descriptor


def _remove(folder: Path, held: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.with_suffix(".lock").unlink()
    os.close(held)
