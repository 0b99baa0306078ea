"""Which compiled modules come in when a package is imported, told from its sources alone.

Followed are imports that nothing guards: at the top of a module, in no `try`, no function and no
condition. Imports that compiled modules make, and those made by name at run time, are not seen.
"""

import ast
import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from envbench.files import read_bytes
from envbench.model.errors import UsageError

_LIMIT_BYTES = 2 * 1024 * 1024
_MOST_MODULES = 3000
_STATEMENT = re.compile(rb"^(?:from|import)\b(?:[^\n(\\]|\\\r?\n|\([^)]*\))*", re.MULTILINE)
"""An import at the beginning of a line, with what its parentheses and backslashes continue."""
_WORD = re.compile(rb"\w+")
_DEEPEST_START = 2
"""`scipy/__init__.py` and `scipy/linalg/__init__.py` are what people import."""


def find_reached(site: Path, paths: Iterable[str], wanted: Collection[str]) -> frozenset[str]:
    """Find which compiled modules an import of the package, or of a part of it, brings in.

    Args:
        site: The site-packages directory.
        paths: The files of a distribution, relative to it.
        wanted: The compiled modules that are asked about, relative to it.

    Returns:
        Those of `wanted` that are reached.
    """
    modules = {name: path for path in paths if (name := name_module(path))}
    named = _find_named(site, modules.values())
    asked = {
        name: path
        for path in wanted
        if (name := name_module(path)) and _last(name).encode() in named
    }
    # `cv2/cv2.abi3.so` is the package itself.
    itself = frozenset(p for p in wanted if _last(name_module(p)) == name_module(p).split(".")[0])
    if not asked:
        return itself
    starts = [
        name for name, path in modules.items()
        if path.endswith("__init__.py") and name.count(".") < _DEEPEST_START
    ]  # fmt: skip
    starts += [name for name in modules if "." not in name and name not in starts]
    reached: set[str] = set()
    waiting, seen = deque(starts), set(starts)
    while waiting and len(seen) < _MOST_MODULES:
        name = waiting.popleft()
        if name in asked:
            reached.add(asked[name])
        path = modules.get(name, "")
        for found in _list_imports(site / path, name) if path.endswith(".py") else ():
            for each in _with_parents(found):
                if each not in seen and (each in modules or each in asked):
                    seen.add(each)
                    waiting.append(each)
    return frozenset(reached) | itself


def _find_named(site: Path, paths: Iterable[str]) -> frozenset[bytes]:
    """Find all words in import statements at the beginning of lines.

    What is not among them is imported by nobody at once, so that nothing needs to be parsed.
    """
    words: set[bytes] = set()
    for path in paths:
        if not path.endswith(".py"):
            continue
        try:
            data = read_bytes(site / path, limit_bytes=_LIMIT_BYTES)
        except UsageError:
            continue
        for statement in _STATEMENT.findall(data):
            words.update(_WORD.findall(statement))
    return frozenset(words)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def name_module(path: str) -> str:
    """Name the module that a file is: `scipy.linalg._fblas`; empty for no module."""
    folder, _, file = path.rpartition("/")
    stem, _, ending = file.partition(".")
    if not ending or not (ending == "py" or ending == "so" or ending.endswith(".so")):
        return ""
    parts = [*folder.split("/"), stem] if folder else [stem]
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts) if all(part.isidentifier() for part in parts) else ""


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])


def _list_imports(path: Path, module: str) -> Iterator[str]:
    """Yield the names that a module imports at its top; `from a import b` gives `a` and `a.b`."""
    try:
        tree = ast.parse(read_bytes(path, limit_bytes=_LIMIT_BYTES))
    except (UsageError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _resolve(node, package)
            if base:
                yield base
                yield from (f"{base}.{each.name}" for each in node.names if each.name != "*")


def _resolve(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    kept = parts[: len(parts) - node.level + 1]
    return ".".join([*kept, node.module] if node.module else kept)
