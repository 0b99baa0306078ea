"""A desk with a home of its own, and honest waiting."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from envbench.workbench.desk.client import Desk

SLOW = "tests.workbench.desk.slow_verbs:"
PATIENCE_S = 30.0


async def wait_for(condition: Callable[[], object], what: str = "it") -> None:
    """Wait for a condition, with a deadline."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has waited for yet does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def private_environ(root: Path) -> dict[str, str]:
    """Give the variables of a box that is nobody's."""
    home = root / "home"
    home.mkdir(exist_ok=True)
    own = {f"ENVBENCH_{n}_DIR": str(root / n.lower()) for n in ("STATE", "CACHE", "ENVS", "CONFIG")}
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", **own}


@contextlib.asynccontextmanager
async def open_desk(root: Path, kind: type[Desk] = Desk) -> AsyncIterator[Desk]:
    """Give a desk that is closed at the end, with nothing of it left."""
    desk = kind(str(root), private_environ(root))
    try:
        yield desk
    finally:
        pids = list(desk.pids().values())
        await desk.close()
        assert desk.pids() == {}
        assert not [pid for pid in pids if is_alive(pid)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened
