"""Package servers that fail in every way: bounded time, the package and the host named, no litter."""

import http.server
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.link.conftest import read_records
from tests.engine.link.order import Order, run

MakeOrder = Callable[..., Order]


class FaultyServer(http.server.ThreadingHTTPServer):
    """Serves a channel folder; `fault` acts on archives of `tool`, so many times."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.fault = "fine"
        self.times = 1_000_000
        self.asked: list[str] = []
        self.stopping = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are expected here."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: FaultyServer

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path.startswith("/loop"):
            return self._redirect("/loop")
        body = (self.server.folder / self.path.lstrip("/")).read_bytes()
        fault = self.server.fault
        if "/tool-" not in self.path or fault == "fine" or self.server.times <= 0:
            return self._send(body)
        self.server.times -= 1
        if fault.isdigit():
            return self.send_error(int(fault))
        return getattr(self, f"_{fault}")(body)

    def _send(self, body: bytes, announced: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) if announced is None else announced))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _corrupt(self, body: bytes) -> None:
        self._send(bytes([body[0] ^ 1]) + body[1:])

    def _portal(self, body: bytes) -> None:
        self._send(b"<html>please log in</html>")

    def _endless(self, body: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.stopping.is_set():
            self.wfile.write(b"x" * 65536)

    def _cut(self, body: bytes) -> None:
        self._send(body[: len(body) // 2], len(body))
        self.close_connection = True

    def _reset(self, body: bytes) -> None:
        self._send(body[: len(body) // 2], len(body))
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _hang(self, body: bytes) -> None:
        self._send(body[: len(body) // 2], len(body))
        self.server.stopping.wait(30)

    def _silent(self, body: bytes) -> None:
        self.server.stopping.wait(30)

    def _drip(self, body: bytes) -> None:
        self._send(body[:10], len(body))
        for byte in body[10:]:
            if self.server.stopping.wait(0.05):
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def _circle(self, body: bytes) -> None:
        self._redirect("/loop")

    def _redirect(self, place: str) -> None:
        self.send_response(302)
        self.send_header("Location", place)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def server(channel: Path) -> Iterator[FaultyServer]:
    with FaultyServer(channel) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.stopping.set()
        server.shutdown()
        thread.join(10)


FAULTS = {
    "404": "not_found",
    "401": "unauthorized",
    "403": "forbidden",
    "500": "server_error",
    "429": "rate_limited",
    "cut": "truncated",
    "reset": "truncated",
    "hang": "timeout",
    "silent": "timeout",
    "drip": "timeout",
    "endless": "too_large",
    "circle": "redirect_loop",
    "portal": "truncated",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_ends_in_time_and_is_named(
    fault: str, channel: Path, server: FaultyServer, make_order: MakeOrder
) -> None:
    server.fault = fault
    order = make_order(read_records(channel, server.url), steps=("fetch",))
    start = time.monotonic()
    outcome = run(order)
    assert time.monotonic() - start < 20
    assert (outcome.error, outcome.fault) == ("PackageFaultError", FAULTS[fault]), outcome.message
    assert outcome.package == "tool-1.0-0"
    assert "tool-1.0-0" in outcome.what and "127.0.0.1" in outcome.where
    pkgs = Path(order.settings.pkgs_dir)
    assert not list(pkgs.glob("tool-*"))
    assert not list((pkgs / ".envbench/work").iterdir())


def test_corrupt_archive_is_named_and_poisons_nothing(
    channel: Path, server: FaultyServer, make_order: MakeOrder
) -> None:
    server.fault = "corrupt"
    records = read_records(channel, server.url)
    outcome = run(make_order(records, steps=("fetch",)))
    assert outcome.error == "DamagedPackageError"
    assert outcome.package == "tool-1.0-0"
    server.fault = "fine"
    assert not run(make_order(records)).error


@pytest.mark.parametrize("fault", ["500", "cut", "hang"])
def test_fault_that_passes_is_survived(
    fault: str, channel: Path, server: FaultyServer, make_order: MakeOrder
) -> None:
    server.fault, server.times = fault, 1
    records = read_records(channel, server.url)
    outcome = run(make_order(records))
    assert not outcome.error, outcome.message
    size = sum(record.size_bytes or 0 for record in records)
    last = [event for event in outcome.events if event.get("unit") == "bytes"][-1]
    assert last["done"] == size


def test_what_will_not_pass_is_asked_for_once(
    channel: Path, server: FaultyServer, make_order: MakeOrder
) -> None:
    server.fault = "404"
    run(make_order(read_records(channel, server.url), steps=("fetch",)))
    assert len([path for path in server.asked if "/tool-" in path]) == 1


def test_server_that_is_gone(channel: Path, make_order: MakeOrder) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    outcome = run(make_order(read_records(channel, url), steps=("fetch",)))
    assert (outcome.error, outcome.fault) == ("PackageFaultError", "unreachable"), outcome.message


def test_linking_asks_no_server(channel: Path, server: FaultyServer, make_order: MakeOrder) -> None:
    records = read_records(channel, server.url)
    assert not run(make_order(records, steps=("fetch",))).error
    server.asked.clear()
    assert not (outcome := run(make_order(records))).error, outcome.message
    assert server.asked == []
    # Whatever happens to the cache at the wrong moment, the library may not fetch by itself.
    pkgs = make_order(records).settings.pkgs_dir
    code = (
        "python:import envbench.engine.backends.rattler.link as l, pathlib, shutil\n"
        "real = l._run_library\n"
        "def robbed(*a):\n"
        f"    [shutil.rmtree(p) for p in pathlib.Path({pkgs!r}).glob('tool-1.0-0*') if p.is_dir()]\n"
        "    l._run_library = real\n"
        "    return real(*a)\n"
        "l._run_library = robbed"
    )
    outcome = run(make_order(records, "a-2", steps=(code, "link")))
    assert not outcome.error, outcome.message
    assert outcome.linked is not None and outcome.linked.mended == ("tool-1.0-0",)
    assert server.asked == ["/linux-64/tool-1.0-0.conda"]


def test_offline_says_so(channel: Path, server: FaultyServer, make_order: MakeOrder) -> None:
    records = read_records(channel, server.url)
    order = make_order(records, steps=("fetch",))
    offline = type(order.settings)(
        **{name: getattr(order.settings, name) for name in order.settings.__dataclass_fields__}
        | {"offline": True}
    )
    outcome = run(make_order(records, steps=("fetch",), settings=offline))
    assert (outcome.error, outcome.fault) == ("PackageFaultError", "not_cached")
    assert server.asked == []
    assert not run(order).error
    assert not run(make_order(records, settings=offline)).error


def test_secrets_reach_the_server_and_nothing_else(
    channel: Path, server: FaultyServer, make_order: MakeOrder, tmp_path: Path
) -> None:
    token = "s3cret-token-value"
    auth = tmp_path / "credentials.json"
    entry = {"BasicHTTP": {"username": "me", "password": token}}
    auth.write_text(json.dumps({"127.0.0.1": entry}))
    records = read_records(channel, server.url)
    order = make_order(records)
    settings = type(order.settings)(
        **{name: getattr(order.settings, name) for name in order.settings.__dataclass_fields__}
        | {"auth_file": str(auth)}
    )
    order = make_order(records, settings=settings)
    assert not run(order).error
    places = [order.prefix, Path(settings.pkgs_dir)]
    for path in (path for place in places for path in place.rglob("*")):
        if path.is_file() and not path.is_symlink():
            assert token.encode() not in path.read_bytes(), path
