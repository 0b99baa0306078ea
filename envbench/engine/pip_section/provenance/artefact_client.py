"""Bytes of artefacts over HTTP: parts of them where the server can, with the credentials of indexes.

Source: RFC 9110 section 14 (range requests), RFC 7617 (Basic authorization).
"""

import base64
import http.client
import netrc
import os
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import IO
from urllib.parse import unquote, urlsplit

from envbench.engine.pip_section.request import IndexCredential
from envbench.model.cleaning import clean
from envbench.model.redaction import redact, register_secret

_CHUNK_BYTES = 256 * 1024
_PARTIAL = 206
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_PORTS = {"http": 80, "https": 443}


class ArtefactError(Exception):
    """An artefact cannot be looked into; the text says why, in plain words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent."""

    data: bytes
    start: int
    """Where in the file the data begins."""
    total: int
    """Size of the whole file in bytes."""


class ArtefactClient:
    """Fetches parts of files, within one time limit for everything it is asked."""

    def __init__(
        self,
        credentials: Sequence[IndexCredential],
        environ: Mapping[str, str],
        *,
        deadline: float,
        timeout_s: float,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        """Take what it may send, and to whom.

        Args:
            credentials: Each is sent to the scheme, host and port of its index only.
            environ: Where proxies, certificates and the netrc file are named.
            deadline: `time.monotonic()` after which nothing more is fetched.
            timeout_s: Longest silence of a server.
            should_stop: Asked between chunks; a True ends everything.
        """
        self._secrets = {_realm(each.url): _basic(each) for each in credentials}
        self._netrc = _read_netrc(environ)
        self._deadline = deadline
        self._timeout_s = timeout_s
        self._should_stop = should_stop
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(_proxies(environ)),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(context=_trust(environ)),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            _Redirects(self._authorise),
        ):
            self._opener.add_handler(handler)

    def fetch(self, url: str, ranges: str, *, limit_bytes: int) -> Answer:
        """Fetch a part of a file, or all of it where the server knows no parts.

        Args:
            url: With whatever secrets the index put into it.
            ranges: `-65536` for the last bytes, `100-199` for others.
            limit_bytes: A larger answer is refused before it is read.

        Raises:
            ArtefactError: The server, the network or a limit is in the way.
        """
        request = urllib.request.Request(url)  # noqa: S310  # the opener knows http(s) only
        request.add_header("Range", f"bytes={ranges}")
        # A range of something compressed on the way would be a range of other bytes.
        request.add_header("Accept-Encoding", "identity")
        request.add_header("User-Agent", "envbench")
        self._authorise(request)
        try:
            with self._opener.open(request, timeout=self._patience()) as response:
                return self._read(response, limit_bytes)
        except urllib.error.HTTPError as error:
            with error:
                raise ArtefactError(f"the server answered {error.code}") from error
        except urllib.error.URLError as error:
            raise ArtefactError(_say(f"the server cannot be reached: {error.reason}")) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ArtefactError(
                _say(f"the transfer broke off: {str(error) or type(error).__name__}")
            ) from error

    def _read(self, response: http.client.HTTPResponse, limit_bytes: int) -> Answer:
        length = response.headers.get("Content-Length") or ""
        size = int(length) if length.isascii() and length.isdecimal() else None
        start, total = 0, size
        if response.status == _PARTIAL:
            match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range") or "")
            if match is None:
                raise ArtefactError("the server sent a part and did not say which")
            start, total = int(match[1]), int(match[3])
        if size is not None and size > limit_bytes:
            raise ArtefactError(
                f"all of it would have to be fetched: {size // 1024**2} MiB"
                f" (the limit is {limit_bytes // 1024**2})"
            )
        data = bytearray()
        while chunk := response.read1(_CHUNK_BYTES):
            data += chunk
            if len(data) > limit_bytes:
                raise ArtefactError(f"it sends more than {limit_bytes // 1024**2} MiB")
            self._patience()
        if size is not None and len(data) != size:
            raise ArtefactError("the transfer broke off")
        return Answer(bytes(data), start, len(data) if total is None else total)

    def _patience(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise ArtefactError("the time for looking into artefacts was over")
        if self._should_stop and self._should_stop():
            raise ArtefactError("it was cancelled")
        return min(self._timeout_s, left)

    def _authorise(self, request: urllib.request.Request) -> None:
        # Not carried along by redirects: each address gets what belongs to it.
        parts = urlsplit(request.full_url)
        secret = self._secrets.get(_realm(request.full_url))
        if parts.username is not None:
            user, password = unquote(parts.username), unquote(parts.password or "")
            secret = _basic(IndexCredential("", user, password))
            host = parts.netloc.rpartition("@")[2]
            request.full_url = parts._replace(netloc=host).geturl()
        elif secret is None and self._netrc is not None:
            entry = self._netrc.authenticators(parts.hostname or "")
            if entry is not None:
                secret = _basic(IndexCredential("", entry[0], entry[2] or ""))
        if secret is not None:
            request.add_unredirected_header("Authorization", secret)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http(s), never from https to http."""

    def __init__(self, authorise: Callable[[urllib.request.Request], None]) -> None:
        self._authorise = authorise

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in ({"https"} if req.type == "https" else _PORTS):
            raise ArtefactError("the server redirects to an address that is not safe")
        new = super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
        if new is not None:
            self._authorise(new)
        return new


def _realm(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def _basic(credential: IndexCredential) -> str:
    register_secret(credential.password, username=credential.username)
    pair = f"{credential.username}:{credential.password}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def _read_netrc(environ: Mapping[str, str]) -> netrc.netrc | None:
    path = environ.get("NETRC") or os.path.join(environ.get("HOME") or "/", ".netrc")  # noqa: PTH118
    try:
        return netrc.netrc(path)
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
        return None


def _proxies(environ: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name in ("http", "https", "no"):
        value = environ.get(f"{name}_proxy") or environ.get(f"{name.upper()}_PROXY")
        if value:
            found[name] = value
    everywhere = environ.get("all_proxy") or environ.get("ALL_PROXY")
    if everywhere:
        found = {"http": everywhere, "https": everywhere} | found
    return found


def _trust(environ: Mapping[str, str]) -> ssl.SSLContext:
    bundle, folder = environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR")
    try:
        return ssl.create_default_context(cafile=bundle or None, capath=folder or None)
    except (OSError, ssl.SSLError):
        return ssl.create_default_context()


def _say(text: str) -> str:
    return redact(clean(text, limit=300))
