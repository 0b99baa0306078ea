"""How uv reaches indexes: credentials, networks that fail, and what must never be visible."""

import base64
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from envbench.engine.pip_section import IndexCredential, install_pip_section
from envbench.engine.pip_section.errors import PipItemError, PipNetworkError
from envbench.engine.pip_section.uv_environment import compose_reach
from envbench.model.build import PipSettings

PASSWORD = "planted-Pa55word-7f3a"


class Index(http.server.ThreadingHTTPServer):
    """A simple index with Basic authorization; at each request it reads all command lines."""

    daemon_threads = True

    def __init__(self, wheels: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.wheels = wheels
        self.command_lines: set[bytes] = set()
        self.status = 0
        """When set, every authorised request gets this status."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/simple"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        self.read_command_lines()
        wanted = "Basic " + base64.b64encode(f"user:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != wanted:
            self.answer(401, b"", ("WWW-Authenticate", 'Basic realm="index"'))
        elif self.server.status:
            self.answer(self.server.status, b"")
        else:
            self.serve(self.path.strip("/").split("/"))

    do_HEAD = do_GET  # noqa: N815  the name that http.server asks for

    def serve(self, parts: list[str]) -> None:
        if parts[0] == "simple":
            names = [w.name for w in self.server.wheels.glob(f"{parts[1].replace('-', '_')}-*.whl")]
            links = "".join(f'<a href="/files/{name}">{name}</a>' for name in names)
            page = f"<!DOCTYPE html><html><body>{links}</body></html>".encode()
            self.answer(200 if names else 404, page, ("Content-Type", "text/html"))
        else:
            self.answer(200, (self.server.wheels / parts[1]).read_bytes())

    def answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def read_command_lines(self) -> None:
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                self.server.command_lines.add(process.read_bytes())
            except OSError:
                continue

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def index(bench) -> Iterator[Index]:
    server = Index(bench.wheels)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def settings(index: Index) -> PipSettings:
    return PipSettings(index_url=index.url)


def assert_secret_nowhere(directory: Path, texts: list[str]) -> None:
    needles = (PASSWORD.encode(), base64.b64encode(f"user:{PASSWORD}".encode()))
    for path in directory.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(needle in content for needle in needles), path
    assert not any(needle.decode() in text for needle in needles for text in texts)


@pytest.mark.parametrize("inside_url", [True, False])
def test_the_password_of_an_index_appears_nowhere(bench, index, inside_url):
    bench.wheel("app", "1.0", requires=["lib"])
    bench.wheel("lib", "0.5")
    url = index.url.replace("http://", f"http://user:{PASSWORD}@") if inside_url else index.url
    credentials = () if inside_url else (IndexCredential(index.url, "user", PASSWORD),)
    task = bench.task("app", settings=PipSettings(index_url=url), credentials=credentials)
    said: list[str] = []

    result = install_pip_section(bench.request(task, bench.prefix()), said.append)

    assert [p.name for p in result.packages] == ["app", "lib"]
    assert all(p.url and p.url.startswith("http://127.0.0.1") for p in result.packages)
    assert any(b"uv\0pip\0install" in line for line in index.command_lines)
    assert not any(PASSWORD.encode() in line for line in index.command_lines)
    assert_secret_nowhere(
        bench.directory, [*said, result.pylock_text, repr(result), *result.warnings]
    )


def test_a_wrong_password_is_said_so_and_not_shown(bench, index):
    bench.wheel("lib", "0.5")
    task = bench.task(
        "lib", settings=settings(index),
        credentials=(IndexCredential(index.url, "user", PASSWORD + "wrong"),),
    )  # fmt: skip
    with pytest.raises(PipNetworkError) as caught:
        install_pip_section(bench.request(task, bench.prefix()))
    assert "401" in caught.value.what
    assert PASSWORD not in str(caught.value)


def test_a_failing_index_ends_in_a_bounded_time(bench, index):
    bench.wheel("lib", "0.5")
    index.status = 500
    task = bench.task(
        "lib", settings=settings(index),
        credentials=(IndexCredential(index.url, "user", PASSWORD),),
        environ={"PATH": "/usr/bin", "UV_HTTP_RETRIES": "0"},
    )  # fmt: skip
    with pytest.raises(PipNetworkError) as caught:
        install_pip_section(bench.request(task, bench.prefix()))
    assert caught.value.exit_code == 3


def test_an_index_that_is_not_there(bench):
    task = bench.task(
        "lib", settings=PipSettings(index_url="http://127.0.0.1:9/simple"),
        environ={"PATH": "/usr/bin", "UV_HTTP_RETRIES": "0"},
    )  # fmt: skip
    with pytest.raises(PipNetworkError) as caught:
        install_pip_section(bench.request(task, bench.prefix()))
    assert "cannot be reached" in caught.value.what


def test_extra_indexes_are_warned_of(bench, index):
    bench.wheel("lib", "0.5")
    url = index.url.replace("http://", f"http://user:{PASSWORD}@")
    task = bench.task("lib", settings=PipSettings(index_url=url, extra_index_urls=(url + "/",)))
    result = install_pip_section(bench.request(task, bench.prefix()))
    assert any("first index that has it" in warning for warning in result.warnings)


def test_only_what_is_named_is_inherited(bench):
    environ = {
        "PATH": "/usr/bin", "HTTPS_PROXY": "http://proxy:3128", "UV_INDEX_URL": "http://evil",
        "PIP_EXTRA_INDEX_URL": "http://evil", "PYTHONPATH": "/evil", "AWS_SECRET": "x",
        "VIRTUAL_ENV": "/evil", "CONDA_PREFIX": "/evil",
    }  # fmt: skip
    variables = compose_reach(bench.task("lib", environ=environ)).variables
    assert variables["HTTPS_PROXY"] == "http://proxy:3128"
    assert not {k for k, v in variables.items() if "evil" in v or k == "AWS_SECRET"}
    assert variables["UV_NO_CONFIG"] == "1"


def test_a_find_links_address_with_a_secret_is_refused(bench):
    place = f"https://user:{PASSWORD}@example.com/wheels"
    task = bench.task("lib", settings=PipSettings(no_index=True, find_links=(place,)))
    with pytest.raises(PipItemError) as caught:
        compose_reach(task)
    assert PASSWORD not in str(caught.value)
