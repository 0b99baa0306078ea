"""The RECORD inside a wheel, read without fetching the wheel.

Source: the wheel format (PEP 427); APPNOTE.TXT of the zip format, as `zipfile` reads it: its
directory stands at the end of the file.
"""

import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, cast
from urllib.parse import unquote, urlsplit

from envbench.engine.pip_section.provenance.artefact_client import (
    Answer,
    ArtefactClient,
    ArtefactError,
)

MOST_BYTES = 64 * 1024 * 1024
"""A file of a server that knows no ranges is fetched up to this size."""
_TAIL_BYTES = 128 * 1024
"""Holds the directory of all but the largest wheels."""
_STEP_BYTES = 64 * 1024
_RECORD_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class WheelLook:
    """What was seen of a wheel."""

    record: str
    """Its RECORD."""
    size_bytes: int
    sha256: str | None
    """Of the whole file; None when only parts of it were read."""


def look_into_wheel(url: str, client: ArtefactClient | None, *, whole: bool = False) -> WheelLook:
    """Read the RECORD of a wheel.

    Args:
        url: `http(s)://` or `file://`.
        client: How servers are asked; None when the network is switched off.
        whole: Read all of it, to know its digest.

    Raises:
        ArtefactError: It cannot be read, is no wheel, or is too large for what the server can do.
    """
    scheme = urlsplit(url).scheme
    if scheme == "file":
        return _look_into_file(unquote(urlsplit(url).path))
    if scheme not in {"http", "https"}:
        raise ArtefactError(
            f"its address is of a kind that is not looked into ({scheme or 'none'})"
        )
    if client is None:
        raise ArtefactError("the network is switched off")
    remote = _RemoteFile(url, client, whole=whole)
    record = _read_record(remote)
    return WheelLook(record, remote.size, remote.sha256())


def _look_into_file(path: str) -> WheelLook:
    try:
        with _open_regular(path) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
            return WheelLook(_read_record(file), size, digest)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no path"
        raise ArtefactError(f"the file cannot be read: {why}") from error


@contextmanager
def _open_regular(path: str) -> Iterator[io.BufferedReader]:
    # Without O_NONBLOCK, opening a FIFO waits for a writer that may never come.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        yield file


def _read_record(file: "io.BufferedReader | _RemoteFile") -> str:
    try:
        with zipfile.ZipFile(cast("IO[bytes]", file)) as archive:
            found = [
                entry
                for entry in archive.infolist()
                if entry.filename.endswith(".dist-info/RECORD") and entry.filename.count("/") == 1
            ]
            if len(found) != 1:
                raise ArtefactError("it is no wheel: it has no RECORD, or several")
            if found[0].file_size > _RECORD_BYTES:
                raise ArtefactError("its RECORD is too large")
            with archive.open(found[0]) as member:
                data = member.read(_RECORD_BYTES + 1)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
        UnicodeDecodeError, ValueError, OverflowError,
    ) as error:  # fmt: skip
        raise ArtefactError("it is no sound zip archive") from error
    if len(data) > _RECORD_BYTES:
        raise ArtefactError("its RECORD is too large")
    return data.decode("utf-8", "replace")


class _RemoteFile(io.RawIOBase):
    """A file on a server that can be read like one here; remembers what it has fetched."""

    def __init__(self, url: str, client: ArtefactClient, *, whole: bool) -> None:
        super().__init__()
        self._url = url
        self._client = client
        self._position = 0
        self._left = MOST_BYTES
        self._spans: dict[int, bytes] = {}
        answer = self._ask("0-" if whole else f"-{_TAIL_BYTES}")
        self.size = answer.total

    def sha256(self) -> str | None:
        """Digest the file, if all of it was fetched in one piece."""
        data = self._spans.get(0)
        return hashlib.sha256(data).hexdigest() if data and len(data) == self.size else None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("a position before the beginning")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self.size if size < 0 else min(self.size, self._position + size)
        if end <= self._position:
            return b""
        data = self._span(self._position, end)
        self._position = end
        return data

    def _span(self, start: int, end: int) -> bytes:
        for first, data in self._spans.items():
            if first <= start and end <= first + len(data):
                return data[start - first : end - first]
        # Members are read in small steps; more than asked for saves a request for each.
        last = min(self.size, max(end, start + _STEP_BYTES))
        answer = self._ask(f"{start}-{last - 1}")
        if answer.start > start or answer.start + len(answer.data) < end:
            raise ArtefactError("the server sent another part than it was asked for")
        return answer.data[start - answer.start : end - answer.start]

    def _ask(self, ranges: str) -> Answer:
        answer = self._client.fetch(self._url, ranges, limit_bytes=self._left)
        self._left -= len(answer.data)
        self._spans[answer.start] = answer.data
        return answer
