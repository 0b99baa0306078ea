"""The private directory of one run, and the files that uv reads from it."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from packaging.utils import is_normalized_name
from packaging.version import InvalidVersion, Version

_PREFIX = "pip-"
_HELD = "held"


@contextmanager
def open_workspace(parent: Path) -> Iterator[Path]:
    """Make an empty directory of mode 0700 below `parent`, and remove it at the end.

    What killed runs left there is removed as well: a run holds a lock in its directory, which the
    kernel releases when it dies.
    """
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sweep_workspaces(parent)
    directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    unheld = directory / "unheld"
    holder = os.open(unheld, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX)
        # Locked before it has its name: no sweeper can come in between.
        unheld.rename(directory / _HELD)
        inside = directory / "run"
        inside.mkdir(mode=0o700)
        yield inside
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        os.close(holder)


def sweep_workspaces(parent: Path) -> None:
    """Remove what killed runs left below `parent`; also for builds without a pip section."""
    for left in parent.glob(f"{_PREFIX}*"):
        _sweep(left)


def _sweep(left: Path) -> None:
    """Remove a directory whose run has ended; one without a lock file is just being made."""
    try:
        holder = os.open(left / _HELD, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        shutil.rmtree(left, ignore_errors=True)
    finally:
        os.close(holder)


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    """Write a requirements or constraints file."""
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def constrain(directory: Path, owned: Mapping[str, str]) -> tuple[str, ...]:
    """Write the constraints that pin what conda owns, and return uv's option for them."""
    pins = [f"{name}=={version}" for name, version in sorted(pinnable(owned).items())]
    if not pins:
        return ()
    return ("--constraints", str(write_lines(directory / "constraints.txt", pins)))


def pinnable(owned: Mapping[str, str]) -> dict[str, str]:
    """Return the owned distributions whose names and versions are what the standards allow.

    Names and versions come from the metadata of packages, where anything may stand: a line break
    with an option behind it, or a path. The others stay guarded by their names.
    """
    return {
        name: version
        for name, version in owned.items()
        if is_normalized_name(name) and _is_version(version)
    }


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return text.isascii() and text == text.strip()
