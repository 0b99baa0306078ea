"""`environment.lock.yml`: what `conda env export --no-builds` writes, without its prefix.

Source: conda 26.7 (`name=version` sorted by name, the pip mapping last), micromamba 2.8 (whose
export is read as well).
"""

import re
from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from envbench.formats.conda_yaml import write_conda_yaml
from envbench.formats.guarded_yaml import read_guarded
from envbench.formats.yaml_tree import Mapping, Node, Scalar, Sequence
from envbench.model.lock import Lock
from envbench.model.locked_set import (
    LockAspect,
    LockedPackage,
    LockedPip,
    LockedSet,
    LockProblem,
    LockReading,
)
from envbench.model.problem import Severity
from envbench.model.redaction import split_url_secrets

KEPT = frozenset(
    {
        LockAspect.NAME,
        LockAspect.CHANNEL_ORDER,
        LockAspect.CHANNEL_NAME,
        LockAspect.CONDA,
        LockAspect.PIP,
        LockAspect.VARIABLES,
    }
)
KEPT_WITH_BUILDS = KEPT | {LockAspect.BUILD}

_CONDA_ITEM = re.compile(
    r"(?:(?P<channel>.+)::)?(?P<name>[A-Za-z0-9_][A-Za-z0-9._-]*)={1,2}(?P<version>[^=\s*<>,|]+)"
    r"(?:=(?P<build>[^=\s*]+))?"
)
_PIP_ITEM = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)={2,3}(?P<version>[^=\s*<>,;]+)")


def write_environment_lock(lock: Lock, *, builds: bool = False) -> str:
    """Write a lock as conda exports an environment.

    Args:
        lock: Its channels are written in their order, which is their priority; conda's own export
            would put the channels of its configuration first.
        builds: Add the build to each conda package (`name=version=build`).
    """
    document: dict[str, Any] = {"name": lock.name}
    if lock.channels:
        document["channels"] = list(lock.channels)
    dependencies: list[Any] = [
        "=".join((p.name, p.version, p.build) if builds else (p.name, p.version))
        for p in sorted(lock.packages, key=lambda package: package.name)
    ]
    if lock.pip:
        pip = sorted(lock.pip, key=lambda package: package.name)
        dependencies.append({"pip": [f"{p.name}=={p.version}" for p in pip]})
    if dependencies:
        document["dependencies"] = dependencies
    if lock.variables:
        document["variables"] = dict(sorted(lock.variables))
    return write_conda_yaml(document)


def read_environment_lock(text: str) -> LockReading:
    """Read what conda or micromamba exported.

    Items that are no exact pin are problems with their line; a `prefix` is passed over.
    """
    guarded = read_guarded(text)
    problems = [
        LockProblem(p.severity, p.message, p.span.line if p.span else None)
        for p in guarded.problems
    ]
    reader = _Reader(problems)
    entries = reader.read_top(guarded.root)
    conda, pip = reader.read_dependencies(entries.get("dependencies"))
    kept = KEPT_WITH_BUILDS if conda and all(p.build for p in conda) else KEPT
    locked = LockedSet(
        kept=kept,
        name=reader.read_name(entries.get("name")),
        channels=tuple(
            split_url_secrets(scalar.value)[0] for scalar in reader.scalars(entries.get("channels"))
        ),
        packages=tuple(sorted(conda, key=lambda package: package.name)),
        pip=tuple(sorted(pip, key=lambda package: package.name)),
        variables=reader.read_variables(entries.get("variables")),
    )
    reader.note_doubles(locked)
    return LockReading(locked, tuple(problems))


class _Reader:
    """Walks the tree and notes what is wrong with it."""

    def __init__(self, problems: list[LockProblem]) -> None:
        self._problems = problems

    def read_top(self, root: Node | None) -> dict[str, Node]:
        if not isinstance(root, Mapping):
            if not self._problems:
                self._note("this is no environment file", root)
            return {}
        found = {e.key.value: e.value for e in root.entries if isinstance(e.key, Scalar)}
        if "dependencies" not in found:
            self._note("there are no dependencies", root, Severity.WARNING)
        return found

    def read_name(self, node: Node | None) -> str | None:
        # micromamba leaves the name empty for an environment that has only a path.
        return node.value if isinstance(node, Scalar) and node.value not in {"", "~"} else None

    def read_dependencies(self, node: Node | None) -> tuple[list[LockedPackage], list[LockedPip]]:
        conda: list[LockedPackage] = []
        pip: list[LockedPip] = []
        for item in self._items(node):
            if isinstance(item, Scalar):
                conda += self._read_conda(item)
            elif isinstance(item, Mapping):
                for entry in item.entries:
                    if isinstance(entry.key, Scalar) and entry.key.value == "pip":
                        for scalar in self.scalars(entry.value):
                            pip += self._read_pip(scalar)
                    else:
                        self._note("only `pip:` may stand here", entry.key)
            else:
                self._note("a list in a list has no meaning here", item)
        return conda, pip

    def read_variables(self, node: Node | None) -> tuple[tuple[str, str], ...]:
        if not isinstance(node, Mapping):
            return ()
        pairs = [
            (entry.key.value, entry.value.value)
            for entry in node.entries
            if isinstance(entry.key, Scalar) and isinstance(entry.value, Scalar)
        ]
        return tuple(sorted(pairs))

    def scalars(self, node: Node | None) -> Iterator[Scalar]:
        for item in self._items(node):
            if isinstance(item, Scalar):
                yield item
            else:
                self._note("a text is expected here", item)

    def note_doubles(self, locked: LockedSet) -> None:
        for packages in (locked.packages, locked.pip):
            seen: set[str] = set()
            for package in packages:
                if package.name in seen:
                    message = f"{package.name} is locked twice"
                    self._problems.append(LockProblem(Severity.ERROR, message, package.line))
                seen.add(package.name)

    def _read_conda(self, item: Scalar) -> Iterator[LockedPackage]:
        match = _CONDA_ITEM.fullmatch(item.value)
        if match is None:
            self._note(f"`{item.value[:80]}` is no exact conda package", item)
            return
        yield LockedPackage(
            name=match["name"].lower(),
            version=match["version"],
            build=match["build"],
            line=item.span.line,
        )

    def _read_pip(self, item: Scalar) -> Iterator[LockedPip]:
        match = _PIP_ITEM.fullmatch(item.value)
        if match is None:
            self._note(f"`{item.value[:80]}` is no exact pip package", item)
            return
        name = canonicalize_name(match["name"])
        yield LockedPip(name=name, version=match["version"], line=item.span.line)

    def _items(self, node: Node | None) -> tuple[Node, ...]:
        if isinstance(node, Sequence):
            return node.items
        if node is not None and not (isinstance(node, Scalar) and node.value in {"", "~"}):
            self._note("a list is expected here", node)
        return ()

    def _note(self, message: str, node: Node | None, severity: Severity = Severity.ERROR) -> None:
        line = node.span.line if node is not None else None
        self._problems.append(LockProblem(severity, message, line))
