"""The list of environments that conda's clients share: `~/.conda/environments.txt`.

Source: conda's `core/envs_manager.py`: one absolute path a line.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from envbench.files import read_bytes, write_atomically
from envbench.model.errors import PreventedError, UsageError

_LIMIT_BYTES = 4 * 1024 * 1024
_PAUSE_S = 0.02
_TRIES = 100


def registry_path(environ: Mapping[str, str]) -> Path:
    """Give the path of the list for the user whose environment variables these are."""
    home = environ.get("HOME")
    return (Path(home) if home else Path.home()) / ".conda" / "environments.txt"


def read_registered(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Read the registered prefixes, in their order; none when the list cannot be read."""
    return tuple(Path(line) for line in _read_lines(registry_path(environ)))


def register_environment(prefix: Path, environ: Mapping[str, str]) -> None:
    """Add an environment's stable path to the list, once.

    Raises:
        PreventedError: The list cannot be written; the environment works all the same.
    """
    wanted = os.path.abspath(prefix)  # noqa: PTH100  # resolve() would follow the stable link
    _change(environ, lambda lines: lines if wanted in lines else [*lines, wanted])


def unregister_environment(prefix: Path, environ: Mapping[str, str]) -> None:
    """Take an environment off the list; fine when it is not on it.

    Raises:
        PreventedError: The list cannot be written.
    """
    wanted = os.path.abspath(prefix)  # noqa: PTH100  # resolve() would follow the stable link
    _change(environ, lambda lines: [line for line in lines if line != wanted])


def _change(environ: Mapping[str, str], rule: Callable[[list[str]], list[str]]) -> None:
    path = registry_path(environ)
    lines = _read_strictly(path)
    if rule(lines) == lines:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path.parent):
            _rewrite(path, rule)
    except OSError as fault:
        why = os.strerror(fault.errno or 0)
        raise PreventedError(
            "the list of environments cannot be written", where=str(path), why=why
        ) from fault


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep other builds of this user from changing the list meanwhile, or try for a moment."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for _ in range(_TRIES):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_PAUSE_S)
            except OSError:
                # Some network file systems lock no directories; conda takes no lock either.
                break
        yield
    finally:
        os.close(descriptor)


def _rewrite(path: Path, rule: Callable[[list[str]], list[str]]) -> None:
    data = "".join(f"{line}\n" for line in rule(_read_strictly(path)))
    write_atomically(path, os.fsencode(data), mode=0o644, durable=False)


def _read_strictly(path: Path) -> list[str]:
    """Read the list to change it: what cannot be read may hold the environments of other tools."""
    try:
        return _read_lines(path, strict=True)
    except UsageError as fault:
        raise PreventedError(
            "the list of environments cannot be read", where=str(path), why=fault.why
        ) from fault


def _read_lines(path: Path, *, strict: bool = False) -> list[str]:
    try:
        if not path.exists():
            return []
        data = read_bytes(path, limit_bytes=_LIMIT_BYTES, what="list of environments")
    except UsageError:
        if strict:
            raise
        return []
    except OSError as fault:
        # Not even the directory can be looked into.
        if strict:
            why = os.strerror(fault.errno or 0)
            raise UsageError("the list of environments cannot be read", why=why) from fault
        return []
    lines = (line.strip() for line in os.fsdecode(data).splitlines())
    # NUL cannot be part of a path, and would make every later use of it fail.
    return [line for line in lines if line and not line.startswith("#") and "\0" not in line]
