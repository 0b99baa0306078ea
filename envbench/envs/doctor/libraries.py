"""The shared libraries of an environment, each read for what it asks of the loader."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from envbench.formats.elf_needs import ElfError, ElfNeeds, read_needs

_LIBRARY = re.compile(r".+\.so(?:\.[0-9][0-9A-Za-z.]*)?")
_EXTENSION = re.compile(
    r"(?P<module>[^.]+)\.(?:(?P<tag>cpython-\d+[a-z]*|abi3)(?:[-.][\w-]+)?\.)?so"
)
_SKIPPED = frozenset({"__pycache__", "conda-meta", "pkgs", "node_modules", "sysroot"})
_MOST_LIBRARIES = 100_000
_MOST_SEARCHED_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Library:
    """One shared library, links to it left aside."""

    path: str
    """Relative to the prefix."""
    size_bytes: int
    changed_ns: int
    """When it was last changed."""
    needs: ElfNeeds | None = field(repr=False)
    """None when it cannot be read."""
    fault: str = ""
    """Why it cannot be read; empty for a sound one."""
    begins_module: bool = True
    """Whether it has the function by which Python begins a module; not looked for in files whose
    names bear the tag of a Python, which have it."""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """Where it lies, relative to the prefix."""
        return self.path.rpartition("/")[0]

    @property
    def is_extension(self) -> bool:
        """Whether Python imports it as a module."""
        if "site-packages/" not in f"{self.path}/" and "lib-dynload/" not in self.path:
            return False
        found = _EXTENSION.fullmatch(self.name)
        if found is None or found["tag"] is not None:
            return found is not None
        return self.begins_module and not self.name.startswith("lib")

    @property
    def python_tag(self) -> str:
        """`cpython-311` of an extension for one Python; empty for any other library."""
        found = _EXTENSION.fullmatch(self.name)
        tag = (found["tag"] if found else None) or ""
        return tag if tag.startswith("cpython-") else ""


@dataclass(frozen=True)
class LibrarySet:
    """All libraries of an environment."""

    libraries: tuple[Library, ...]
    """By path."""
    names: dict[str, tuple[str, ...]] = field(repr=False)
    """File name, of links too, to the paths of what is behind it, relative to the prefix."""

    @cached_property
    def by_path(self) -> dict[str, Library]:
        """Each library by its path."""
        return {library.path: library for library in self.libraries}


def read_libraries(prefix: Path) -> LibrarySet:
    """Read every library below `lib` of a prefix; a file that cannot be read is kept with why."""
    libraries: list[Library] = []
    names: dict[str, list[str]] = {}
    root = os.fspath(prefix)
    for path in _list_candidates(prefix):
        is_link = Path(path).is_symlink()
        real = os.path.realpath(path) if is_link else path
        if not real.startswith(f"{root}/"):
            continue
        inner = real[len(root) + 1 :]
        names.setdefault(path.rpartition("/")[2], []).append(inner)
        if not is_link and (library := _read_library(path, inner)) is not None:
            libraries.append(library)
    libraries.sort(key=lambda library: library.path)
    return LibrarySet(tuple(libraries), {name: tuple(paths) for name, paths in names.items()})


def _list_candidates(prefix: Path) -> Iterator[str]:
    count = 0
    for folder, folders, files in os.walk(prefix / "lib"):
        folders[:] = sorted(
            name for name in folders if name not in _SKIPPED and not Path(folder, name).is_symlink()
        )
        for name in files:
            if ".so" in name and _LIBRARY.fullmatch(name):
                count += 1
                if count > _MOST_LIBRARIES:
                    return
                yield f"{folder}/{name}"


def _read_library(path: str, inner: str) -> Library | None:
    """Read one file; None for what is no library for all its name (linker scripts are texts)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as fault:
        return Library(inner, 0, 0, None, f"it cannot be opened: {fault.strerror}")
    size = changed = 0
    try:
        status = os.fstat(descriptor)
        size, changed = status.st_size, status.st_mtime_ns
        if size and os.pread(descriptor, 4, 0) != b"\x7fELF":
            return None
        needs = read_needs(lambda offset, count: os.pread(descriptor, count, offset), size)
        begins = _begins_module(descriptor, inner.rpartition("/")[2], size)
        return Library(inner, size, changed, needs, begins_module=begins)
    except ElfError as fault:
        return Library(inner, size, changed, None, str(fault))
    except OSError as fault:
        return Library(inner, 0, 0, None, f"it cannot be read: {fault.strerror}")
    finally:
        os.close(descriptor)


def _begins_module(descriptor: int, name: str, size: int) -> bool:
    """Whether a library without the tag of a Python in its name has the function `PyInit_...`."""
    found = _EXTENSION.fullmatch(name)
    if found is None or found["tag"] is not None or name.startswith("lib"):
        return True
    wanted = b"PyInit_" + found["module"].encode()
    step = 4 * 1024 * 1024
    return any(
        wanted in os.pread(descriptor, step + len(wanted), offset)
        for offset in range(0, min(size, _MOST_SEARCHED_BYTES), step)
    )
