"""The libraries that the loader of this box finds by itself.

Source: `ldconfig -p`, which prints the loader's cache; where there is none (other C libraries,
bare containers), the folders that loaders look into.
"""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from envbench.formats.elf_needs import ElfError, ElfNeeds, read_needs

_LDCONFIG = ("/sbin/ldconfig", "/usr/sbin/ldconfig")
_LINE = re.compile(r"\s+(\S+) \(([^)]*)\) => (\S+)")
_FOLDERS = ("/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib")
_TRIPLES = {
    "x86_64": "x86_64-linux-gnu",
    "aarch64": "aarch64-linux-gnu",
    "ppc64le": "powerpc64le-linux-gnu",
}
_MARKS = {"x86_64": "x86-64", "aarch64": "AArch64"}
"""How `ldconfig` marks libraries of this machine, where it also lists those of others."""
_TIMEOUT_S = 5.0


class SystemLibraries:
    """What the loader finds at one moment; make a new one for each examination."""

    def __init__(self) -> None:
        """Ask the loader's cache, and look into its folders."""
        self._paths = dict(_read_cache())
        for folder in _list_folders():
            for name in _list(folder):
                if ".so" in name:
                    self._paths.setdefault(name, f"{folder}/{name}")
        self._read: dict[str, ElfNeeds | None] = {}

    @property
    def names(self) -> Iterable[str]:
        """All file names."""
        return self._paths.keys()

    def find(self, name: str) -> str | None:
        """Find a library by its file name."""
        return self._paths.get(name)

    def read(self, path: str) -> ElfNeeds | None:
        """Read a library that lies outside of the prefix; None when that cannot be done."""
        if path not in self._read:
            self._read[path] = _read_library(path)
        return self._read[path]


def _read_library(path: str) -> ElfNeeds | None:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - the descriptor is what is needed
            number = stream.fileno()
            size = os.fstat(number).st_size
            return read_needs(lambda offset, count: os.pread(number, count, offset), size)
    except (OSError, ElfError):
        return None


def _read_cache() -> Iterator[tuple[str, str]]:
    program = next((path for path in _LDCONFIG if os.access(path, os.X_OK)), None)
    if program is None:
        return
    try:
        done = subprocess.run(
            [program, "-p"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={"LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    mark = _MARKS.get(os.uname().machine, "")
    seen = set()
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        found = _LINE.match(line)
        if found and mark in found[2] and found[1] not in seen:
            seen.add(found[1])
            yield found[1], found[3]


def _list_folders() -> Iterator[str]:
    triple = _TRIPLES.get(os.uname().machine, "")
    for folder in _FOLDERS:
        if triple:
            yield f"{folder}/{triple}"
        yield folder


def _list(folder: str) -> tuple[str, ...]:
    try:
        return tuple(sorted(path.name for path in Path(folder).iterdir()))
    except OSError:
        return ()
