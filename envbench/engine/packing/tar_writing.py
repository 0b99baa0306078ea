"""Writing the tar of a pack: the same content always gives the same bytes."""

import fcntl
import hashlib
import os
import re
import secrets
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from envbench.model.errors import PreventedError

_PART_END = re.compile(r"[0-9a-f]{16}\.part")


@dataclass(frozen=True, slots=True)
class TarMember:
    """One file of the tar."""

    path: str
    source: Path
    is_executable: bool = False


@dataclass(frozen=True, slots=True)
class WrittenTar:
    """What was written."""

    sha256: str
    size_bytes: int


def write_tar(
    output: Path,
    members: Sequence[TarMember],
    *,
    mode: int,
    on_bytes: Callable[[int, str], None],
    consume: bool = False,
) -> WrittenTar:
    """Write a tar beside its place, and put it there when it is whole.

    Args:
        output: The file; replaced atomically.
        members: In the order in which they are written.
        mode: Permissions of the file.
        on_bytes: Told how many bytes of a member were written just now, and its path.
        consume: Remove each source when it has been written, so that no disk holds all twice.

    Raises:
        PreventedError: The disk is full, read-only, ...
    """
    try:
        with _part_of(output) as part:
            with part.open("wb") as raw:
                stream = _Hashing(raw)
                _write_members(stream, members, on_bytes, consume=consume)
                raw.flush()
                os.fsync(raw.fileno())
                os.fchmod(raw.fileno(), mode)
            part.replace(output)
            return WrittenTar(stream.digest.hexdigest(), stream.size)
    except OSError as error:
        raise PreventedError(
            "the pack could not be written", where=str(output), why=error.strerror or str(error)
        ) from error


@contextmanager
def _part_of(output: Path) -> Iterator[Path]:
    """Name a file beside the output; it is locked for as long as this process lives."""
    start = f".{output.name[:100]}."
    _sweep_parts(output.parent, start)
    part = output.with_name(f"{start}{secrets.token_hex(8)}.part")
    held = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield part
    finally:
        part.unlink(missing_ok=True)
        os.close(held)


def _sweep_parts(folder: Path, start: str) -> None:
    """Remove what processes left behind that died while they wrote this output."""
    for name in os.listdir(folder):  # noqa: PTH208 - names only
        if name.startswith(start) and _PART_END.fullmatch(name.removeprefix(start)):
            with suppress(OSError):
                _remove_unheld(folder / name)


def _remove_unheld(part: Path) -> None:
    descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        part.unlink()
    finally:
        os.close(descriptor)


def _write_members(
    stream: "_Hashing",
    members: Sequence[TarMember],
    on_bytes: Callable[[int, str], None],
    *,
    consume: bool,
) -> None:
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
        for member in members:
            with member.source.open("rb") as content:
                header = tarfile.TarInfo(member.path)
                header.size = os.fstat(content.fileno()).st_size
                header.mode = 0o755 if member.is_executable else 0o644
                tar.addfile(header, _Telling(content, member.path, on_bytes))
            if consume:
                member.source.unlink()


class _Hashing:
    """A file that hashes what is written to it."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._raw.write(data)

    def tell(self) -> int:
        return self.size


class _Telling:
    """A file that tells how much of it was read."""

    def __init__(self, content: IO[bytes], path: str, on_bytes: Callable[[int, str], None]) -> None:
        self._content, self._path, self._on_bytes = content, path, on_bytes

    def read(self, count: int) -> bytes:
        data = self._content.read(count)
        self._on_bytes(len(data), self._path)
        return data
