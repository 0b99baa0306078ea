"""Brings one archive from its channel into a file of our own, its digest checked.

Archives from `file://` channels are copied and checked like all others: the library would link
them unseen. The part file is in a work folder, so an archive that is not whole poisons nothing.
"""

import asyncio
import hashlib
import os
import re
import stat
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from envbench.engine.backends.rattler.errors import (
    DamagedPackageError,
    PackageFaultError,
    make_disk_error,
)
from envbench.engine.backends.rattler.network import write_config
from envbench.engine.backends.rattler.tally import Tally
from envbench.engine.channel_faults import classify_fault, shorten_library_text
from envbench.engine.engine_settings import EngineSettings
from envbench.engine.errors import FaultKind
from envbench.model.cleaning import clean
from envbench.model.plan import PackageRecord
from envbench.model.redaction import redact

if TYPE_CHECKING:
    from rattler.networking import Client

_CHUNK = 1 << 20
_SLOWEST_BYTES_PER_S = 1024
_UNKNOWN_SIZE_LIMIT = 64 << 30
_FINAL_STATUS = re.compile(r"status client error \((?!408|425|429)4\d\d")
_BREAKS_OFF = "the download broke off"
_FAULTS = {
    FaultKind.NOT_FOUND: "the archive is not there",
    FaultKind.UNAUTHORIZED: "the channel wants credentials (401)",
    FaultKind.FORBIDDEN: "the channel refuses access (403)",
    FaultKind.RATE_LIMITED: "the channel asks to wait (429)",
    FaultKind.SERVER_ERROR: "the server has an error",
    FaultKind.REDIRECT_LOOP: "the channel redirects in a circle",
    FaultKind.TLS: "the certificate is not trusted",
    FaultKind.UNREACHABLE: "the server cannot be reached",
    FaultKind.TRUNCATED: _BREAKS_OFF,
    FaultKind.TIMEOUT: "the server is silent or far too slow",
    FaultKind.TOO_LARGE: "more bytes came than were announced",
    FaultKind.NOT_CACHED: "it is not in the package cache, and the network is not to be used",
}


class _SlowError(Exception):
    """The server is silent, or all but silent."""


class _TooLargeError(Exception):
    """More bytes came than the archive has."""


class _UnreadableError(Exception):
    """The archive of a local channel cannot be opened."""


class _MismatchError(Exception):
    """The archive is not the one that the channel announced."""


_OUR_FAULTS = (
    (_TooLargeError, FaultKind.TOO_LARGE),
    (_SlowError, FaultKind.TIMEOUT),
    (_UnreadableError, FaultKind.NOT_FOUND),
    (EOFError, FaultKind.TRUNCATED),
)


@dataclass(frozen=True, slots=True)
class ArchiveFacts:
    """What came, measured on the way."""

    size_bytes: int
    sha256: str
    md5: str

    @property
    def digests(self) -> tuple[str, ...]:
        """Both, as stamps write them."""
        return (f"sha256:{self.sha256}", f"md5:{self.md5}")


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Downloads archives; one for all packages of a plan."""

    client: "Client"
    settings: EngineSettings
    tally: Tally

    async def fetch_archive(self, record: PackageRecord, target: Path) -> ArchiveFacts:
        """Write the archive of a package to `target`, whole and with the right digest.

        An archive that lies on this box already (`EngineSettings.places`) is copied from there.

        Raises:
            PackageFaultError: It cannot be had.
            DamagedPackageError: What came is not what the channel announced.
            EngineError: The disk is full, ...
        """
        place = self.settings.places.get(record.url, record.url)
        is_local = urlsplit(place).scheme == "file"
        if self.settings.offline and not is_local:
            raise _describe_fault(record, FaultKind.NOT_CACHED, "offline")
        attempts = 1 if is_local else 1 + self.settings.max_retries
        attempt = 0
        while True:
            attempt += 1
            part = _Part(record, target, self.tally)
            try:
                if is_local:
                    await asyncio.to_thread(_copy_local, place, part)
                else:
                    await self._download(record, part)
                return part.check()
            except Exception as error:  # the library raises bare RuntimeErrors
                self.tally.add("bytes", -part.received)
                fault = _make_error(record, error)
                if attempt == attempts or not _may_pass(error, attempt):
                    raise fault from error
            finally:
                part.close()
            await asyncio.sleep(min(0.5 * 2 ** (attempt - 1), 8.0))

    async def _download(self, record: PackageRecord, part: "_Part") -> None:
        from rattler.package_streaming import download_to_writer

        task = asyncio.ensure_future(download_to_writer(self.client, record.url, part))
        try:
            while not task.done():
                before = part.received
                # The library's own limit is for the whole request, which may well take an hour.
                await asyncio.wait({task}, timeout=self.settings.read_timeout_s)
                arrived = part.received - before
                if (
                    not task.done()
                    and arrived < _SLOWEST_BYTES_PER_S * self.settings.read_timeout_s
                ):
                    raise _SlowError(f"{arrived} bytes in {self.settings.read_timeout_s:g} s")
            await task
        finally:
            # The native side may go on after a cancel; a closed part takes nothing more.
            part.close()
            task.cancel()


class _Part:
    """The file that an archive is written to, and what came so far.

    Written by a thread that nobody can cancel and closed by another one, so one lock for both: a
    write that began before the close would otherwise reach whatever file gets the descriptor next.
    """

    def __init__(self, record: PackageRecord, target: Path, tally: Tally) -> None:
        self._record = record
        self._limit = record.size_bytes or _UNKNOWN_SIZE_LIMIT
        self._tally = tally
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.new("md5", usedforsecurity=False)
        # Unbuffered: what the disk refuses is told by the write, not by a close later on.
        self._file = target.open("wb", buffering=0)
        self._lock = threading.Lock()
        self.received = 0

    def write(self, chunk: bytes) -> int:
        """Take the next bytes; called by the library, from a thread of its own.

        Raises:
            ValueError: It is closed; nothing was taken or counted.
        """
        with self._lock:
            if self._file.closed:
                raise ValueError("nothing more is taken")
            self._take(chunk)
        return len(chunk)

    def _take(self, chunk: bytes) -> None:
        self.received += len(chunk)
        self._tally.add("bytes", len(chunk), self._record.dist_name)
        if self.received > self._limit:
            raise _TooLargeError(f"more than {self._limit} bytes")
        self._sha256.update(chunk)
        self._md5.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[self._file.write(view) :]

    def check(self) -> ArchiveFacts:
        """Compare what came with what the channel announced."""
        record = self._record
        facts = ArchiveFacts(self.received, self._sha256.hexdigest(), self._md5.hexdigest())
        found = facts.md5 if record.md5 and not record.sha256 else facts.sha256
        expected = record.sha256 or record.md5
        if expected and found == expected.lower():
            return facts
        if record.size_bytes is not None and self.received < record.size_bytes:
            raise EOFError(f"{self.received} of {record.size_bytes} bytes")
        if expected:
            kind = "sha256" if record.sha256 else "md5"
            raise _MismatchError(f"its {kind} is {found}, the channel announces {expected}")
        return facts

    def close(self) -> None:
        """Take nothing more, once the write that is under way is done; may be called again."""
        with self._lock:
            self._file.close()


def build_package_client(settings: EngineSettings) -> "Client":
    """Make the HTTP client for archives: no limit on a request as a whole, and no retries."""
    from rattler import Config
    from rattler.networking import Client

    config = Config.from_toml(write_config(settings))
    return Client.from_config(config, max_retries=0, user_agent="envbench", timeout=None)


def _copy_local(place: str, part: _Part) -> None:
    path = unquote(urlsplit(place).path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _UnreadableError(str(error.strerror)) from error
    with os.fdopen(descriptor, "rb", buffering=0) as reader:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _UnreadableError("it is not a regular file")
        while chunk := reader.read(_CHUNK):
            part.write(chunk)


def _may_pass(error: Exception, attempt: int) -> bool:
    if isinstance(error, _MismatchError | _TooLargeError):
        return attempt == 1  # A cache in between may have served an old archive.
    if isinstance(error, OSError) and error.errno is not None:
        return False  # Our own disk.
    return not _FINAL_STATUS.search(str(error))


def _make_error(record: PackageRecord, error: Exception) -> Exception:
    if isinstance(error, _MismatchError):
        return DamagedPackageError(
            f"package {record.dist_name} is not what its channel announces",
            package=record.dist_name,
            where=_show_place(record),
            why=str(error),
            hint="The channel is being changed, or someone tampers with it: solve again; if it"
            " stays, tell whoever runs it.",
        )
    if isinstance(error, OSError) and error.errno is not None:
        return make_disk_error(error, "a package could not be stored", record.dist_name)
    text = _collect_chain(error)
    return _describe_fault(record, _classify(error, text), text)


def _classify(error: Exception, text: str) -> FaultKind:
    for kind, fault in _OUR_FAULTS:
        if isinstance(error, kind):
            return fault
    if "response body" in text:
        return FaultKind.TRUNCATED
    sign = classify_fault(text)
    return sign.kind if sign else FaultKind.OTHER


def _collect_chain(error: BaseException) -> str:
    texts = []
    link: BaseException | None = error
    while link:
        texts.append(str(link))
        link = link.__cause__
    return "\n".join(texts)


def _describe_fault(record: PackageRecord, fault: FaultKind, text: str) -> PackageFaultError:
    sign = classify_fault(text)
    return PackageFaultError(
        f"package {record.dist_name} could not be fetched: "
        f"{_FAULTS.get(fault, 'the download failed')}",
        fault=fault,
        package=record.dist_name,
        where=_show_place(record),
        why=shorten_library_text(text),
        hint=sign.hint
        if sign and sign.kind is fault
        else "Check the channel and the network, then try again.",
    )


def _show_place(record: PackageRecord) -> str:
    return clean(redact(record.url))
