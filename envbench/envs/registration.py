"""The list of environments that conda's clients share: `~/.conda/environments.txt`.

Source: conda's `core/envs_manager.py`: one absolute path a line.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from envbench.files import read_bytes, write_atomically
from envbench.model.errors import EnvbenchError, PreventedError, UsageError

_LIMIT_BYTES = 4 * 1024 * 1024


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
    try:
        # What cannot be read is not replaced: it may hold the environments of other tools.
        lines = _read_lines(path, strict=True)
    except EnvbenchError as fault:
        raise PreventedError(
            "the list of environments cannot be read", where=str(path), why=fault.why
        ) from fault
    changed = rule(lines)
    if changed == lines:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise PreventedError(
            "the list of environments cannot be written", where=str(path), why=str(fault)
        ) from fault
    data = "".join(f"{line}\n" for line in changed)
    write_atomically(path, os.fsencode(data), mode=0o644, durable=False)


def _read_lines(path: Path, *, strict: bool = False) -> list[str]:
    if not path.exists():
        return []
    try:
        data = read_bytes(path, limit_bytes=_LIMIT_BYTES, what="list of environments")
    except UsageError:
        if strict:
            raise
        return []
    lines = (line.strip() for line in os.fsdecode(data).splitlines())
    # NUL cannot be part of a path, and would make every later use of it fail.
    return [line for line in lines if line and not line.startswith("#") and "\0" not in line]
