"""Reading the tar of a pack without trust in anything that it claims.

The manifest comes first and says what follows: names, sizes, digests. Every other member is held
against it before a byte of it is written, and everything written is hashed on the way.
"""

import hashlib
import os
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

from envbench.engine.packing.fetching import require_room
from envbench.engine.packing.manifests import (
    MANIFEST_LIMIT_BYTES,
    is_pack_path,
    read_manifest,
)
from envbench.engine.packing.pack_source import OnBytes, PackSource
from envbench.engine.tar_headers import BoundedTarInfo
from envbench.model.cleaning import clean
from envbench.model.errors import PreventedError, UsageError
from envbench.model.pack import MANIFEST_NAME, PackedFile, PackManifest

_CHUNK = 1 << 20
_KINDS = {
    tarfile.SYMTYPE: "a soft link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a named pipe",
    tarfile.DIRTYPE: "a folder",
    tarfile.GNUTYPE_SPARSE: "a file with holes",
}
_BROKEN = (tarfile.TarError, EOFError, UnicodeError, ValueError, OverflowError, RecursionError)


def unpack_tar(path: Path, target: Path, on_bytes: OnBytes) -> PackManifest:
    """Unpack a pack, all of it checked.

    Args:
        path: The tar, as `envbench pack` wrote it.
        target: An empty folder of this process alone; gets what lies at the top of the pack.
        on_bytes: Told how far it is.

    Raises:
        UsageError: It is no pack, or none that this version can use.
        NotFineError: It is damaged, or holds something that it must not hold.
        PreventedError: It cannot be read, or the disk is full, ...
    """
    return _read(PackSource(path, on_bytes), target, _Reading.run)


def check_tar(path: Path, on_bytes: OnBytes) -> PackManifest:
    """Check a pack as `unpack_tar` does, and write nothing.

    Raises:
        As `unpack_tar`.
    """
    return _read(PackSource(path, on_bytes), None, _Reading.run)


def read_tar_manifest(path: Path) -> PackManifest:
    """Read what a pack says of itself; of its files, which come later, nothing is read.

    Raises:
        As `unpack_tar`.
    """
    return _read(PackSource(path, lambda _done, _total: None), None, _Reading.read_manifest)


def _read(
    pack: PackSource, target: Path | None, read: "Callable[[_Reading], PackManifest]"
) -> PackManifest:
    path = pack.path
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(
            "the pack cannot be read", where=clean(str(path)), why=error.strerror or ""
        ) from error
    with os.fdopen(descriptor, "rb") as raw:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UsageError("the pack cannot be read", where=clean(str(path)), why="it is no file")
        try:
            with tarfile.open(
                fileobj=raw, mode="r|", bufsize=_CHUNK, tarinfo=BoundedTarInfo
            ) as tar:
                return read(_Reading(pack, tar, target))
        except _BROKEN as error:
            why = f"The tar cannot be read to its end: {clean(str(error), limit=200)}"
            raise pack.refuse(why) from error
        except OSError as error:
            doing, where = ("unpacked", target) if target else ("read", path)
            raise PreventedError(
                f"the pack could not be {doing}", where=str(where), why=error.strerror or ""
            ) from error


class _Reading:
    """One passage through a tar; without a target what is read is hashed and dropped."""

    def __init__(self, pack: PackSource, tar: tarfile.TarFile, target: Path | None) -> None:
        self._pack = pack
        self._tar = tar
        self._target = target
        self._done = self._total = 0

    def read_manifest(self) -> PackManifest:
        first = self._tar.next()
        if first is None or first.name.partition("/")[2] != MANIFEST_NAME:
            raise UsageError(
                "this is no pack of envbench, or it was packed anew by another tool",
                where=clean(str(self._pack.path)),
                why=f"Its first file is not {MANIFEST_NAME}.",
                hint="Unpack it, and give its folder: envbench build --from FOLDER",
            )
        top = first.name.partition("/")[0]
        manifest = self._parse_manifest(first)
        if top != f"{manifest.name}-{manifest.platform}":
            raise self._pack.refuse(
                f"Its files lie in {clean(top, limit=100)!r}, not in its own name"
            )
        return manifest

    def run(self) -> PackManifest:
        manifest = self.read_manifest()
        top = f"{manifest.name}-{manifest.platform}"
        self._total = sum(file.size_bytes for file in manifest.files)
        # Whatever the sizes are that it claims, they are looked at before anything is written.
        if self._target is not None:
            require_room(self._target, self._total, "what the pack holds")
        left = {f"{top}/{file.path}": file for file in manifest.files}
        while info := self._tar.next():
            # The reader keeps every header for ever otherwise.
            self._tar.members = []  # type: ignore[attr-defined]
            self._take(info, left)
        if left:
            missing = ", ".join(file.path for file in list(left.values())[:5])
            raise self._pack.refuse(f"{len(left)} of its files are missing: {missing}")
        return manifest

    def _parse_manifest(self, info: tarfile.TarInfo) -> PackManifest:
        self._refuse_odd(info)
        if info.size > MANIFEST_LIMIT_BYTES:
            raise self._pack.refuse(f"its {MANIFEST_NAME} has {info.size} bytes")
        data = self._open(info).read(info.size)
        if len(data) != info.size:
            raise EOFError("a member ends early")
        manifest = read_manifest(data, clean(str(self._pack.path)))
        self._write(MANIFEST_NAME, data)
        return manifest

    def _take(self, info: tarfile.TarInfo, left: dict[str, PackedFile]) -> None:
        self._refuse_odd(info)
        file = left.pop(info.name, None)
        if file is None:
            why = f"It holds a file that it does not name, or holds it twice: {_show(info.name)}"
            raise self._pack.refuse(why)
        if info.size != file.size_bytes:
            why = f"{file.path} has {info.size} bytes, and should have {file.size_bytes}"
            raise self._pack.refuse(why)
        if self._copy(file, self._open(info)) != file.sha256:
            raise self._pack.refuse(f"{file.path} has another sha256 than it should have")

    def _refuse_odd(self, info: tarfile.TarInfo) -> None:
        if not info.isreg() or info.issparse():
            kind = _KINDS.get(info.type, "no plain file")
            raise self._pack.refuse(f"{_show(info.name)} is {kind}; a pack holds plain files only")
        if info.size < 0 or not is_pack_path(info.name):
            why = f"{_show(info.name)} is no path that a file of a pack may have"
            raise self._pack.refuse(why)

    def _open(self, info: tarfile.TarInfo) -> IO[bytes]:
        return cast("IO[bytes]", self._tar.extractfile(info))

    def _copy(self, file: PackedFile, source: IO[bytes]) -> str:
        digest, left = hashlib.sha256(), file.size_bytes
        with self._create(file.path) as writer:
            while left:
                chunk = source.read(min(left, _CHUNK))
                if not chunk:
                    raise EOFError("a member ends early")
                digest.update(chunk)
                writer.write(chunk)
                left -= len(chunk)
                self._done += len(chunk)
                self._pack.on_bytes(self._done, self._total)
        return digest.hexdigest()

    def _write(self, path: str, data: bytes) -> None:
        with self._create(path) as writer:
            writer.write(data)

    def _create(self, path: str) -> IO[bytes]:
        if self._target is None:
            return open(os.devnull, "wb")  # noqa: PTH123 - no path of ours
        place = self._target / path
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.fdopen(os.open(place, flags, 0o600), "wb")


def _show(name: str) -> str:
    return repr(clean(name, limit=200))
