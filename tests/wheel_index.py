"""A package index on this box: parts of files, digests and passwords can be switched."""

import base64
import hashlib
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path

PASSWORD = "planted-Pa55word-9c1e"


class Index(http.server.ThreadingHTTPServer):
    """A simple index whose abilities can be switched off."""

    daemon_threads = True

    def __init__(self, wheels: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.wheels = wheels
        self.ranges = True
        self.digests = True
        self.needs_password = False
        self.redirect_to = ""
        """Where `/files/` is, when it is elsewhere."""
        self.sent: dict[str, int] = {}
        """Bytes of each wheel that were sent to whom is no uv."""
        self.authorised: list[bool] = []

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.root}/simple"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        index = self.server
        wanted = "Basic " + base64.b64encode(f"user:{PASSWORD}".encode()).decode()
        given = self.headers.get("Authorization")
        kind, _, name = self.path.strip("/").partition("/")
        if "uv/" not in self.headers.get("User-Agent", ""):
            index.authorised.append(given == wanted)
        if index.needs_password and given != wanted:
            self.answer(401, b"", ("WWW-Authenticate", 'Basic realm="index"'))
        elif kind == "simple":
            self.answer(*self.page(name.strip("/")), ("Content-Type", "text/html"))
        elif index.redirect_to:
            self.answer(302, b"", ("Location", f"{index.redirect_to}/files/{name}"))
        else:
            self.send_file((index.wheels / name.replace("%2B", "+")).read_bytes(), name)

    do_HEAD = do_GET  # noqa: N815  the name that http.server asks for

    def page(self, name: str) -> tuple[int, bytes]:
        wheels = sorted(self.server.wheels.glob(f"{name.replace('-', '_')}-*.whl"))
        links = ""
        for wheel in wheels:
            digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
            mark = f"#sha256={digest}" if self.server.digests else ""
            links += f'<a href="/files/{wheel.name.replace("+", "%2B")}{mark}">{wheel.name}</a>'
        body = f"<!DOCTYPE html><html><body>{links}</body></html>".encode()
        return (200 if wheels else 404), body

    def send_file(self, data: bytes, name: str) -> None:
        match = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range") or "")
        status, body, headers = 200, data, []
        if match and self.server.ranges:
            first = int(match[1]) if match[1] else max(0, len(data) - int(match[2]))
            last = int(match[2]) if match[1] and match[2] else len(data) - 1
            status, body = 206, data[first : last + 1]
            headers = [("Content-Range", f"bytes {first}-{first + len(body) - 1}/{len(data)}")]
        if "uv/" not in self.headers.get("User-Agent", ""):
            self.server.sent[name] = self.server.sent.get(name, 0) + len(body)
        self.answer(status, body, *headers)

    def answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        if self.server.ranges:
            self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def serve(wheels: Path) -> Iterator[Index]:
    server = Index(wheels)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
