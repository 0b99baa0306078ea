"""What is dear to make, and only read afterwards, is made once for all workers of a test run."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def make_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Make a folder, or take that of the worker which was first.

    Args:
        factory: The factory of the worker that asks.
        name: What is made; the same name means the same content.
        make: Fills the folder, which does not exist yet.

    Returns:
        The folder. It belongs to all workers: nobody may write into it.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, mark = base / name, base / f"{name}.made"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            mark.touch()
    return folder
