"""Channels on 127.0.0.1 and the caches that real solves fill from them."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.package_index.store import IndexStore
from envbench.engine.solver.client import SolverProcess

LIMIT_BYTES = 1 << 30

_SHARD = """
import asyncio, os, sys
from rattler.index import index_fs
asyncio.run(index_fs(sys.argv[1], write_zst=False, write_shards=True))
os._exit(0)
"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Served:
    """A folder with channels, served until `stop`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        handler = partial(_Quiet, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "served"
    folder.mkdir()
    server = Served(folder)
    yield server
    server.stop()


def write_shards(channel: Path) -> None:
    """Let the library index a folder of archives, in shards."""
    subprocess.run([sys.executable, "-c", _SHARD, str(channel)], check=True, env=dict(os.environ))


@pytest.fixture
def store(tmp_path: Path) -> IndexStore:
    return IndexStore(tmp_path / "repodata", max_bytes=LIMIT_BYTES)


@pytest.fixture
def solver(tmp_path: Path) -> Iterator[SolverProcess]:
    """A solver that fills the cache which `store` reads."""
    settings = EngineSettings(
        pkgs_dir=str(tmp_path / "pkgs"), repodata_dir=str(tmp_path / "repodata"), max_retries=1
    )
    with SolverProcess(settings) as process:
        yield process


@pytest.fixture(scope="session")
def shared_solver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SolverProcess]:
    """One process for the tests that only solve."""
    root = tmp_path_factory.mktemp("solver")
    settings = EngineSettings(pkgs_dir=str(root / "pkgs"), repodata_dir=str(root / "repodata"))
    with SolverProcess(settings) as process:
        yield process
