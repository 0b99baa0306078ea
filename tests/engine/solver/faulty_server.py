"""A channel on 127.0.0.1 that misbehaves as told, and behaves again when told so."""

import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


def write_repodata(subdir: str, packages: dict[str, dict] | None = None) -> bytes:
    """A small index: `foo 1.0` in noarch unless told otherwise."""
    if packages is None:
        packages = {}
        if subdir == "noarch":
            packages["foo-1.0-0.conda"] = {
                "name": "foo",
                "version": "1.0",
                "build": "0",
                "build_number": 0,
                "depends": [],
                "subdir": "noarch",
                "sha256": "0" * 64,
                "size": 10,
            }
    document = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages}
    return json.dumps(document | {"repodata_version": 1}).encode()


class FaultyServer(ThreadingHTTPServer):
    """`mode` may be changed at any time; each request is noted in `seen`."""

    daemon_threads = True

    def __init__(self, mode: str = "fine") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mode = mode
        self.seen: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.stopped = threading.Event()
        self.failures_left = 0
        self.path = "/chan"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{self.path}"

    def __enter__(self) -> "FaultyServer":
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """Clients hang up on us all the time here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyServer

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        mode = self.server.mode
        self.server.seen.append((mode, self.path))
        self.server.headers.append(dict(self.headers))
        if mode.isdigit():
            self._send(int(mode))
        elif mode == "fine" or (mode == "flaky" and self.server.failures_left == 0):
            self._serve()
        elif mode == "flaky":
            self.server.failures_left -= 1
            self._send(503)
        else:
            getattr(self, f"_{mode}")()

    @property
    def _is_index(self) -> bool:
        return urlsplit(self.path).path.endswith("/repodata.json")

    @property
    def _subdir(self) -> str:
        return urlsplit(self.path).path.split("/")[-2]

    def _send(self, code: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _serve(self) -> None:
        self._send(200, write_repodata(self._subdir)) if self._is_index else self._send(404)

    def _noshards(self) -> None:
        """A mirror that refuses every file that it does not know with 403."""
        self._send(200, write_repodata(self._subdir)) if self._is_index else self._send(403)

    def _login(self) -> None:
        expected = "Basic dXNlcjpzM2NyZXQtcGFzcw=="  # user:s3cret-pass
        self._serve() if self.headers.get("Authorization") == expected else self._send(401)

    def _truncated(self) -> None:
        if not self._is_index:
            return self._send(404)
        self.send_response(200)
        self.send_header("Content-Length", "9000")
        self.end_headers()
        self.wfile.write(write_repodata(self._subdir)[:50])
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
        return None

    def _html(self) -> None:
        self._send(200, b"<html>Please log in</html>", Content_Type="text/html")

    def _htmlindex(self) -> None:
        body = b"<html>Please log in</html>"
        self._send(200, body, Content_Type="text/html") if self._is_index else self._send(404)

    def _badzst(self) -> None:
        bad = b"\x28\xb5\x2f\xfdgarbage" * 20
        self._send(200, bad) if self.path.endswith("repodata.json.zst") else self._send(404)

    def _redirect(self) -> None:
        self._send(302, Location=self.path)

    def _reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def _hang(self) -> None:
        self.server.stopped.wait(60)
        self.close_connection = True

    def _drip(self) -> None:
        if not self._is_index:
            return self._send(404)
        self.send_response(200)
        self.send_header("Content-Length", "90000")
        self.end_headers()
        while not self.server.stopped.wait(0.05):
            self.wfile.write(b" ")
            self.wfile.flush()
        return None

    def _huge(self) -> None:
        if not self._is_index:
            return self._send(404)
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        while not self.server.stopped.is_set():
            self.wfile.write(chunk)
        return None
