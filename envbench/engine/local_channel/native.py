"""Relocating the native files of an interpreter: search paths and the libraries beside it."""

import posixpath
from pathlib import Path

from envbench.engine.local_channel.interpreter import InterpreterFacts
from envbench.engine.local_channel.prefix import is_distinctive, restore_placeholder
from envbench.formats.elf import SearchPath, is_elf, read_dynamic, set_search_path
from envbench.formats.elf_sections import strip_debug_sections
from envbench.model.errors import UsageError

_SYSTEM_LIBRARY_FOLDERS = ("/lib", "/usr/lib", "/lib64", "/usr/lib64")


def relocate_library(content: bytes, path: str, facts: InterpreterFacts) -> bytes:
    """Let a native file find its libraries wherever its prefix is, and drop its debug data.

    Search paths inside the interpreter's prefix become relative to the file; others stay. A
    prefix that conda wrote into the file becomes the placeholder again where there is room.

    Args:
        content: The file as installed.
        path: Where the package puts it, `bin/python3.11`.
        facts: The interpreter that the file belongs to.

    Raises:
        UsageError: The file needs a library of its prefix, and has no room to say where.
    """
    if not is_elf(content):
        return content
    for search_path in read_dynamic(content).search_paths:
        content = _relocate_search_path(content, search_path, path, facts)
    _require_library_path(content, path, facts)
    prefix = str(facts.base_prefix)
    if is_distinctive(prefix):
        content = restore_placeholder(content, prefix) or content
    return strip_debug_sections(content)


def collect_libraries(content: bytes, facts: InterpreterFacts) -> dict[str, Path]:
    """Find the shared libraries of the interpreter's own `lib` that a file needs, and theirs.

    Returns:
        Source by path in the package; empty for interpreters of the system, whose libraries are
        the system's.
    """
    folder = facts.base_prefix / "lib"
    found: dict[str, Path] = {}
    waiting = [] if str(folder) in _SYSTEM_LIBRARY_FOLDERS else list(read_dynamic(content).needed)
    while waiting:
        name = waiting.pop()
        source, path = folder / name, f"lib/{name}"
        if "/" not in name and path not in found and source.is_file():
            found[path] = source
            waiting += read_dynamic(source.read_bytes()).needed
    return found


def _relocate_search_path(
    content: bytes, search_path: SearchPath, path: str, facts: InterpreterFacts
) -> bytes:
    folders = search_path.text.split(":")
    moved = [_relocate_folder(folder, path, facts.base_prefix) for folder in folders]
    text = ":".join(dict.fromkeys(moved))
    if text == search_path.text:
        return content
    try:
        return set_search_path(content, search_path, text)
    except ValueError:
        own = [new for old, new in zip(folders, moved, strict=True) if old != new]
        return _set_or_keep(content, search_path, ":".join(own))


def _set_or_keep(content: bytes, search_path: SearchPath, text: str) -> bytes:
    try:
        return set_search_path(content, search_path, text)
    except ValueError:
        return content  # `_require_library_path` refuses the file where this matters


def _relocate_folder(folder: str, path: str, base_prefix: Path) -> str:
    try:
        inside = Path(folder).relative_to(base_prefix)
    except ValueError:
        return folder
    below = posixpath.relpath(inside.as_posix(), posixpath.dirname(path))
    return "$ORIGIN" if below == "." else f"$ORIGIN/{below}"


def _require_library_path(content: bytes, path: str, facts: InterpreterFacts) -> None:
    dynamic = read_dynamic(content)
    libpython = next((name for name in dynamic.needed if name.startswith("libpython3")), None)
    folders = [folder for found in dynamic.search_paths for folder in found.text.split(":")]
    if libpython and path.startswith("bin/") and not any("$ORIGIN" in f for f in folders):
        raise UsageError(
            "this Python cannot be packaged",
            where=str(facts.base_executable),
            why=f"it needs {libpython} and leaves no room to say where that is in another prefix",
            hint="name another interpreter: one that is linked statically, or has an RPATH",
        )
