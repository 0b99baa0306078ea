"""Reads environment files in which everything is pinned.

Source: what conda 26.7 and micromamba 2.8 export, and what `environment_pins` writes.
"""

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from envbench.formats.guarded_yaml import read_guarded
from envbench.formats.locks.addressing import is_repository, split_hash
from envbench.formats.locks.environment_lock import KEPT, KEPT_WITH_BUILDS
from envbench.formats.yaml_tree import Mapping, Node, Scalar, Sequence
from envbench.model.channel_names import ChannelForm, read_channel
from envbench.model.lock import PipPackage
from envbench.model.locked_set import (
    PYPI,
    LockAspect,
    LockedPackage,
    LockedPip,
    LockedSet,
    LockProblem,
    LockReading,
)
from envbench.model.problem import Severity
from envbench.model.redaction import redact, split_url_secrets

_CONDA_ITEM = re.compile(
    r"(?:(?P<channel>.+)::)?(?P<name>[A-Za-z0-9_][A-Za-z0-9._-]*)={1,2}(?P<version>[^=\s*<>,|]+)"
    r"(?:=(?P<build>[^=\s*]+))?"
)
_PIP_ITEM = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)={2,3}(?P<version>[^=\s*<>,;]+)")
_PIP_INDEX = re.compile(r"(?P<option>-i|--index-url|--extra-index-url)(?:\s+|=)(?P<url>\S+)")
_PIP_DIRECT = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*) *@ *(?P<url>\S+://\S+)")
_PIP_EDITABLE = re.compile(r"(?:-e|--editable)(?:\s+|=)(?P<url>\S+)")
_CHANNEL_NOTE = re.compile(r"from (?P<channel>\S.*)")
_COMMIT = re.compile(r"@[0-9a-f]{7,64}(?:#.*)?\Z")
_PINS = frozenset(
    {LockAspect.CHANNEL, LockAspect.PIP_DIRECT, LockAspect.PIP_EDITABLE, LockAspect.INDEXES}
)
"""What files say that conda itself does not export."""


def read_environment_lock(text: str) -> LockReading:
    """Read what conda or micromamba exported.

    Items that are no exact pin are problems with their line; a `prefix` is passed over.
    """
    guarded = read_guarded(text)
    problems = [
        LockProblem(p.severity, p.message, p.span.line if p.span else None)
        for p in guarded.problems
    ]
    reader = _Reader(problems, {c.span.line: c.text for c in guarded.comments if not c.alone})
    entries = reader.read_top(guarded.root)
    conda, pip = reader.read_dependencies(entries.get("dependencies"))
    kept = KEPT_WITH_BUILDS if conda and all(p.build for p in conda) else KEPT
    if reader.has_pins:
        kept |= _PINS
    locked = LockedSet(
        kept=kept,
        name=reader.read_name(entries.get("name")),
        channels=tuple(
            split_url_secrets(scalar.value)[0] for scalar in reader.scalars(entries.get("channels"))
        ),
        packages=tuple(sorted(conda, key=lambda package: package.name)),
        pip=tuple(sorted(pip, key=lambda package: package.name)),
        variables=reader.read_variables(entries.get("variables")),
        indexes=reader.indexes,
    )
    reader.note_doubles(locked)
    return LockReading(locked, tuple(problems))


class _Reader:
    """Walks the tree and notes what is wrong with it."""

    def __init__(self, problems: list[LockProblem], comments: dict[int, str]) -> None:
        self._problems = problems
        self._comments = comments
        """Line to the comment behind what stands in it."""
        self._indexes: list[str] = []
        self.has_pins = False
        """Whether anything was found that conda does not export."""

    @property
    def indexes(self) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(self._indexes))
        return () if found == (PYPI,) else found

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
        channel = match["channel"] or self._noted_channel(item.span.line)
        self.has_pins |= channel is not None or "==" in item.value
        yield LockedPackage(
            name=match["name"].lower(),
            version=match["version"],
            build=match["build"],
            channel=split_url_secrets(channel)[0] if channel else None,
            line=item.span.line,
        )

    def _noted_channel(self, line: int) -> str | None:
        """Read the channel that has no name from the comment behind a package."""
        note = _CHANNEL_NOTE.fullmatch(self._comments.get(line, ""))
        placed = {ChannelForm.ADDRESS, ChannelForm.FOLDER}
        is_channel = note is not None and read_channel(note["channel"]).form in placed
        return note["channel"] if note and is_channel else None

    def _read_pip(self, item: Scalar) -> Iterator[LockedPip]:
        line = item.span.line
        if index := _PIP_INDEX.fullmatch(item.value):
            self._add_index(index["option"], self._bare(index["url"], line))
            return
        note = _PIP_ITEM.fullmatch(self._comments.get(line, ""))
        if match := _PIP_ITEM.fullmatch(item.value):
            name, version, url = match["name"], match["version"], None
        elif match := _PIP_DIRECT.fullmatch(item.value):
            name, url = match["name"], match["url"]
            version = note["version"] if note else ""
        elif note and (match := _PIP_EDITABLE.fullmatch(item.value)):
            name, version, url = note["name"], note["version"], match["url"]
        else:
            self._note(f"`{redact(item.value)[:80]}` is no exact pip package", item)
            return
        if url and is_repository(url) and not _COMMIT.search(url):
            self._note(f"{name} names no commit of its repository", item)
            return
        self.has_pins |= url is not None
        direct, sha256 = split_hash(self._bare(url, line)) if url else (None, None)
        record = PipPackage(
            name=canonicalize_name(name), version=version, direct_url=direct, sha256=sha256,
            editable=item.value.startswith("-"),
        )  # fmt: skip
        # The format has room for the hashes of direct references only: they are not compared.
        yield LockedPip(
            name=record.name, version=version, direct_url=direct, editable=record.editable,
            line=line, record=record,
        )  # fmt: skip

    def _add_index(self, option: str, url: str) -> None:
        self.has_pins = True
        if option == "--extra-index-url":
            self._indexes = [*(self._indexes or [PYPI]), url.rstrip("/")]
        else:
            self._indexes = [url.rstrip("/"), *self._indexes[1:]]

    def _bare(self, url: str, line: int) -> str:
        bare, secret = split_url_secrets(url)
        if secret is not None:
            message = "the address holds a secret; take it out"
            self._problems.append(LockProblem(Severity.WARNING, message, line))
        return bare

    def _items(self, node: Node | None) -> tuple[Node, ...]:
        if isinstance(node, Sequence):
            return node.items
        if node is not None and not (isinstance(node, Scalar) and node.value in {"", "~"}):
            self._note("a list is expected here", node)
        return ()

    def _note(self, message: str, node: Node | None, severity: Severity = Severity.ERROR) -> None:
        line = node.span.line if node is not None else None
        self._problems.append(LockProblem(severity, message, line))
