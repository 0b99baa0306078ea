"""Which processes run out of a prefix, so that nothing is pulled from under them.

Reads only what the kernel shows in /proc: the executable, the working directory, the mapped files
and the environment of each process of this user.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from envbench.model.cleaning import clean

_PROC = Path("/proc")
_NAME_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Occupant:
    """One process that uses a prefix."""

    pid: int
    name: str
    """The kernel's short name of it, cleaned."""
    prefix: Path
    """Which of the prefixes that were asked about."""
    how: str
    """`runs it`, `works in it`, `has files of it mapped`, `has it activated`."""

    def __str__(self) -> str:
        return f"process {self.pid} ({self.name}) {self.how}"


@dataclass(frozen=True, slots=True)
class Occupancy:
    """What was found out about who uses some prefixes."""

    occupants: tuple[Occupant, ...]
    unseen: int
    """Processes whose doings could not be read, because they belong to other users."""


def find_occupants(prefixes: Sequence[Path], *, stable_path: Path | None = None) -> Occupancy:
    """Find the processes that use one of several prefixes.

    Processes in other containers and on other machines cannot be seen from here.

    Args:
        prefixes: Real directories (generations), not links.
        stable_path: The link that users activate; a process with it as `CONDA_PREFIX` counts as
            using the prefix that the link points to now.
    """
    roots = {os.path.realpath(prefix): prefix for prefix in prefixes}
    activated = {os.fsencode(root): prefix for root, prefix in roots.items()}
    activated |= {os.fsencode(prefix): prefix for prefix in prefixes}
    if stable_path is not None and os.path.realpath(stable_path) in roots:
        activated[os.fsencode(stable_path)] = roots[os.path.realpath(stable_path)]
    occupants: list[Occupant] = []
    unseen = 0
    for process in _list_processes():
        try:
            occupants.extend(_inspect(process, roots, activated))
        except PermissionError:
            unseen += 1
        except OSError:
            # It ended while we looked.
            continue
    return Occupancy(tuple(occupants), unseen)


def _list_processes() -> Iterator[Path]:
    try:
        found = list(_PROC.iterdir())
    except OSError:
        return
    yield from (process for process in found if process.name.isdigit())


def _inspect(
    process: Path, roots: dict[str, Path], activated: dict[bytes, Path]
) -> Iterator[Occupant]:
    """Yield at most one reason for each prefix, the strongest."""
    seen: set[Path] = set()
    for prefix, how in _reasons(process, roots, activated):
        if prefix not in seen:
            seen.add(prefix)
            name = clean((process / "comm").read_text(errors="replace"), limit=_NAME_LIMIT)
            yield Occupant(int(process.name), name.strip(), prefix, how)


def _reasons(
    process: Path, roots: dict[str, Path], activated: dict[bytes, Path]
) -> Iterator[tuple[Path, str]]:
    for entry, how in (("exe", "runs it"), ("cwd", "works in it")):
        yield from ((roots[r], how) for r in roots if _lies_in(_read_link(process / entry), r))
    maps = (process / "maps").read_bytes()
    for root, prefix in roots.items():
        if b" " + os.fsencode(root) + b"/" in maps:
            yield prefix, "has files of it mapped"
    for item in (process / "environ").read_bytes().split(b"\0"):
        if item.startswith(b"CONDA_PREFIX=") and item[13:] in activated:
            yield activated[item[13:]], "has it activated"


def _read_link(path: Path) -> str:
    try:
        return os.fspath(path.readlink())
    except FileNotFoundError:
        # Threads of the kernel have no executable.
        return ""


def _lies_in(path: str, root: str) -> bool:
    return path == root or path.startswith(root + "/")
