"""Unpacks a package archive into a directory of our own, vetting each member before it is written.

The library could unpack too, but it keeps no record of what it skipped or softened on the way.
Here one pass over the archive vets every header, writes every file, and hashes it against
`info/paths.json`: afterwards the directory is fully validated and its stamp is at hand.

Soft links are made last, when nothing more is written, so no member can be written through one.
"""

import bz2
import hashlib
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

import zstandard

from envbench.engine.backends.rattler.errors import BrokenPackageError, HostilePackageError
from envbench.engine.backends.rattler.stamps import FileMark
from envbench.engine.package_vetting import (
    ArchiveMember,
    MemberKind,
    find_files_under_links,
    refuse_member,
)
from envbench.engine.tar_headers import BoundedTarInfo, OversizedHeaderError

_WINDOW = 1 << 27
"""Most memory for one stream, 128 MiB: what conda's own tools grant, and more than they write."""
_CHUNK = 1 << 20
_MEMBER_LIMIT = 2_000_000
_GROWTH_LIMIT = 400
"""An archive may not unpack to more than so many times its size ..."""
_GROWTH_FLOOR = 2 << 30
"""... or this many bytes, whichever is more; zstd's best on real packages is about 60."""
_KINDS = {
    tarfile.REGTYPE: MemberKind.FILE,
    tarfile.AREGTYPE: MemberKind.FILE,
    tarfile.CONTTYPE: MemberKind.FILE,
    tarfile.GNUTYPE_SPARSE: MemberKind.FILE,
    tarfile.DIRTYPE: MemberKind.DIRECTORY,
    tarfile.SYMTYPE: MemberKind.SOFT_LINK,
    tarfile.LNKTYPE: MemberKind.HARD_LINK,
}
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zstandard.ZstdError,
    zlib.error,
    EOFError,
    UnicodeError,
    # Python's zip and tar readers raise these on nonsense in headers.
    NotImplementedError,
    ValueError,
    OverflowError,
    RecursionError,
)


class Unpacked:
    """What came out of an archive."""

    def __init__(self) -> None:
        self.files: dict[str, FileMark] = {}
        """Regular files by path, with their digests and what `stat` says of them."""
        self.links: dict[str, str] = {}
        """Soft links, path to target."""


def unpack_archive(
    archive: Path, destination: Path, *, is_stopped: Callable[[], bool] = lambda: False
) -> Unpacked:
    """Unpack a verified archive, vetted member by member.

    Args:
        archive: A `.conda` or `.tar.bz2` file whose digest was checked.
        destination: An empty directory that belongs to this process alone.
        is_stopped: Asked for every member and every megabyte; true ends the work.

    Raises:
        HostilePackageError: A member may not be unpacked.
        BrokenPackageError: The archive cannot be read.
        OSError: The disk is full, read-only, ...
    """
    unpacking = _Unpacking(destination, _measure_limit(archive), is_stopped)
    try:
        for tar in _open_tars(archive):
            unpacking.take_members(tar)
        unpacking.make_links()
    except OversizedHeaderError as error:
        raise HostilePackageError(str(error)) from error
    except _BROKEN as error:
        raise BrokenPackageError(f"the archive cannot be read ({error})") from error
    return unpacking.result


class _Unpacking:
    def __init__(self, root: Path, limit_bytes: int, is_stopped: Callable[[], bool]) -> None:
        self.result = Unpacked()
        self._root = os.fspath(root)
        self._left_bytes = limit_bytes
        self._left_members = _MEMBER_LIMIT
        self._made = {""}
        self._is_stopped = is_stopped

    def take_members(self, tar: tarfile.TarFile) -> None:
        for info in tar:
            # The reader keeps every header for ever otherwise.
            tar.members = []  # type: ignore[attr-defined]
            self._left_members -= 1
            self._stop_if_told()
            if self._left_members < 0:
                raise HostilePackageError(f"more than {_MEMBER_LIMIT} members")
            self._take(tar, info)

    def _take(self, tar: tarfile.TarFile, info: tarfile.TarInfo) -> None:
        member = ArchiveMember(
            info.name, _KINDS.get(info.type, MemberKind.OTHER), info.mode, info.linkname
        )
        if reason := refuse_member(member):
            raise HostilePackageError(reason, path=info.name)
        path = os.path.normpath(info.name)
        if member.kind is MemberKind.DIRECTORY:
            self._make_directory("" if path == "." else path)
            return
        self._make_directory(os.path.dirname(path))  # noqa: PTH120 - text, and by the ten thousand
        if path in self.result.links or path in self._made:
            raise HostilePackageError("two members of different kinds at one path", path=path)
        match member.kind:
            case MemberKind.SOFT_LINK:
                self._take_link(path, info.linkname)
            case MemberKind.HARD_LINK:
                self._take_hard_link(path, os.path.normpath(info.linkname))
            case _:
                self._write(path, info, cast("IO[bytes]", tar.extractfile(info)))

    def _make_directory(self, path: str) -> None:
        if path in self._made:
            return
        head = os.path.dirname(path)  # noqa: PTH120 - as above
        self._make_directory(head)
        try:
            os.mkdir(f"{self._root}/{path}", 0o755)  # noqa: PTH102 - as above
        except FileExistsError:
            raise HostilePackageError("a file that is a folder as well", path=path) from None
        self._made.add(path)

    def _take_link(self, path: str, target: str) -> None:
        if path in self.result.files:
            raise HostilePackageError("two members of different kinds at one path", path=path)
        self.result.links[path] = target

    def _take_hard_link(self, path: str, target: str) -> None:
        mark = self.result.files.get(target)
        if mark is None:
            raise BrokenPackageError(f"{path} is a hard link to {target}, which is not there yet")
        self._remove_older(path)
        os.link(f"{self._root}/{target}", f"{self._root}/{path}", follow_symlinks=False)
        self.result.files[path] = mark

    def _write(self, path: str, info: tarfile.TarInfo, source: IO[bytes]) -> None:
        self._left_bytes -= info.size
        if self._left_bytes < 0:
            raise HostilePackageError("an archive that unpacks to far more than its size")
        self._remove_older(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        # Owner and group of the archive mean nothing here, nor do bits beyond rwx.
        descriptor = os.open(f"{self._root}/{path}", flags, 0o600)
        try:
            digest = self._copy(source, descriptor, info.size)
            os.fchmod(descriptor, info.mode & 0o755 | 0o600)
            mtime_ns = int(info.mtime * 1_000_000_000) if info.mtime > 0 else 0
            os.utime(descriptor, ns=(mtime_ns, mtime_ns))
            self.result.files[path] = FileMark.read(os.fstat(descriptor), digest)
        finally:
            os.close(descriptor)

    def _copy(self, source: IO[bytes], descriptor: int, size: int) -> bytes:
        digest = hashlib.sha256()
        left = size
        while left:
            self._stop_if_told()
            chunk = source.read(min(left, _CHUNK))
            if not chunk:
                raise EOFError("a member ends early")
            digest.update(chunk)
            left -= len(chunk)
            view = memoryview(chunk)
            while view:
                view = view[os.write(descriptor, view) :]
        return digest.digest()

    def _stop_if_told(self) -> None:
        if self._is_stopped():
            raise BrokenPackageError("unpacking was stopped")

    def _remove_older(self, path: str) -> None:
        # tar's own rule: of two members of one name the later one counts.
        if self.result.files.pop(path, None):
            os.unlink(f"{self._root}/{path}")  # noqa: PTH108

    def make_links(self) -> None:
        for path in find_files_under_links(self.result.files, self.result.links):
            raise HostilePackageError("a file placed through a soft link", path=path)
        for path, target in self.result.links.items():
            try:
                os.symlink(target, f"{self._root}/{path}")  # noqa: PTH211
            except FileExistsError:
                raise HostilePackageError(
                    "a soft link that is a folder as well", path=path
                ) from None


def _measure_limit(archive: Path) -> int:
    return max(_GROWTH_FLOOR, archive.stat().st_size * _GROWTH_LIMIT)


def _open_tars(archive: Path) -> Iterator[tarfile.TarFile]:
    if archive.name.endswith(".tar.bz2"):
        with bz2.open(archive) as stream, _open_tar(cast("IO[bytes]", stream)) as tar:
            yield tar
        return
    with zipfile.ZipFile(archive) as container:
        for part in ("pkg-", "info-"):
            with container.open(_find_part(container, part)) as raw:
                # Several frames in a row are allowed in one part.
                reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(
                    raw, read_size=_CHUNK, read_across_frames=True
                )
                with _open_tar(cast("IO[bytes]", reader)) as tar:
                    yield tar


def _find_part(container: zipfile.ZipFile, part: str) -> str:
    names = [name for name in container.namelist() if name.startswith(part)]
    if len(names) != 1 or not names[0].endswith(".tar.zst"):
        raise BrokenPackageError(f"the archive holds {len(names)} parts `{part}*.tar.zst`")
    return names[0]


def _open_tar(stream: IO[bytes]) -> tarfile.TarFile:
    return tarfile.open(fileobj=stream, mode="r|", bufsize=_CHUNK, tarinfo=BoundedTarInfo)
