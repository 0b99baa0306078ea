"""A channel on 127.0.0.1 whose packages come slowly, or not at all until they are let through."""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.channels import Executable, index_channel, make_package
from tests.workbench.failing import GatedServer, _Handler

PARTS = 8


class SlowServer(GatedServer):
    """Serves a folder; every package takes a while."""

    pause_s = 0.0
    """How long the answer to a request for a package waits."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.RequestHandlerClass = _SlowHandler

    def hold(self, text: str) -> None:
        """Begin to hold packages whose name has this text in the middle of their bytes."""
        self.gate.clear()
        self.reached.clear()
        self.held = text

    def let_go(self) -> None:
        """Let everything through again."""
        self.held = ""
        self.gate.set()


class _SlowHandler(_Handler):
    def _send(self, path: str, body: bytes) -> None:
        if path.endswith(".conda"):
            time.sleep(self.server.pause_s)
        super()._send(path, body)


def publish_parts(channel: Path) -> None:
    """Publish `app`, which works when all of its parts are there."""
    names = [f"part-{number}" for number in range(PARTS)]
    for name in names:
        files = {f"share/{name}/{index}.txt": f"{name} {index}\n" * 20 for index in range(60)}
        make_package(channel, name, "1.0", files=files)
    counts = " + ".join(f"$(ls $(dirname $0)/../share/{name} | wc -l)" for name in names)
    script = f"#!/bin/sh\necho app $(({counts}))\n"
    make_package(channel, "app", "1.0", depends=names, files={"bin/app": Executable(script)})
    index_channel(channel)


WORKS = f"app {PARTS * 60}\n"
"""What `app` prints when it is whole."""


@contextlib.contextmanager
def serving_slowly(channel: Path) -> Iterator[SlowServer]:
    """Serve a channel for as long as the block lasts."""
    publish_parts(channel)
    with SlowServer(channel) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.let_go()
            server.shutdown()
            thread.join(10)
