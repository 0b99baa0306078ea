"""Where the loader would find a library that another one needs.

Source: ld.so(8): RPATH (where there is no RUNPATH), LD_LIBRARY_PATH, RUNPATH, the cache and the
default folders. An interpreter of conda carries an RPATH to its `lib`, which counts for all that
it loads; wheels load libraries of each other before they are needed, which no file tells.
"""

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from envbench.envs.doctor.libraries import Library, LibrarySet
from envbench.envs.doctor.system_libraries import SystemLibraries
from envbench.formats.elf_needs import ElfNeeds

_TOOLKITS = ("/usr/local/cuda/lib64", "/usr/local/cuda/targets/x86_64-linux/lib", "/opt/cuda/lib64")
"""Where NVIDIA's toolkit is installed by hand."""


class FoundWhere(StrEnum):
    """By what a library is found."""

    PATH = "search path"
    """RPATH, RUNPATH or LD_LIBRARY_PATH."""
    PREFIX = "lib of the prefix"
    SYSTEM = "system"
    PRELOADED = "elsewhere in the prefix"
    """Whoever brings it must load it first, as wheels do."""


@dataclass(frozen=True, slots=True)
class FoundLibrary:
    """The library that answers to a name."""

    where: FoundWhere
    path: str
    """Absolute."""
    needs: ElfNeeds | None


class LibrarySearch:
    """Looks libraries up for one environment."""

    def __init__(
        self,
        prefix: str,
        libraries: LibrarySet,
        *,
        has_own_python: bool,
        extra_folders: tuple[str, ...] = (),
        machine: str = "",
    ) -> None:
        """Remember where to look.

        Args:
            prefix: The environment.
            libraries: What lies in it.
            has_own_python: Its interpreter lies in it, so that its `lib` is searched.
            extra_folders: Those of LD_LIBRARY_PATH, and of the Python that a venv was made from.
            machine: Libraries for another one are passed over, as the loader does.
        """
        self._prefix = prefix
        self._libraries = libraries
        self._folders = ((f"{prefix}/lib",) if has_own_python else ()) + extra_folders
        self._machine = machine
        self._system = SystemLibraries()

    def find(self, library: Library, name: str) -> FoundLibrary | None:
        """Find what answers to a name that a library needs; None when nothing does."""
        if "/" in name:
            folder, _, file = name.rpartition("/")
            return self._look(folder, file, FoundWhere.PATH)
        for folder in self._list_paths(library):
            found = self._look(folder, name, FoundWhere.PATH)
            if found is not None:
                return found
        for folder in self._folders:
            found = self._look(folder, name, FoundWhere.PREFIX)
            if found is not None:
                return found
        system = self._system.find(name)
        if system is not None:
            return FoundLibrary(FoundWhere.SYSTEM, system, self._system.read(system))
        for path in self._libraries.names.get(name, ()):
            other = self._libraries.by_path.get(path)
            if other is not None and other.needs is not None:
                return FoundLibrary(
                    FoundWhere.PRELOADED, posixpath.join(self._prefix, path), other.needs
                )
        return None

    def has_any(self, start: str) -> bool:
        """Whether a library whose name begins so is anywhere: in the prefix, or on the box."""
        names = (*self._libraries.names, *self._system.names)
        if any(name.startswith(start) for name in names):
            return True
        folders = (Path(folder) for folder in (*self._folders, *_TOOLKITS))
        return any(next(folder.glob(f"{start}*"), None) is not None for folder in folders)

    def is_for_machine(self, needs: ElfNeeds) -> bool:
        """Whether a library is made for this machine."""
        return not self._machine or needs.machine == self._machine

    def _list_paths(self, library: Library) -> Iterator[str]:
        if library.needs is None:
            return
        origin = posixpath.join(self._prefix, library.folder)
        for folder in library.needs.runpath or library.needs.rpath:
            text = folder.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)
            if text.startswith("/"):
                yield posixpath.normpath(text)

    def _look(self, folder: str, name: str, where: FoundWhere) -> FoundLibrary | None:
        path = posixpath.join(folder, name)
        if not Path(path).exists():
            return None
        real = os.path.realpath(path)
        inner = real.removeprefix(f"{self._prefix}/")
        own = self._libraries.by_path.get(inner)
        needs = own.needs if own is not None else self._system.read(real)
        if needs is None or not self.is_for_machine(needs):
            return None
        return FoundLibrary(where, path, needs)
