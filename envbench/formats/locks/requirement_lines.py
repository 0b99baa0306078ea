"""Reads `requirements.txt` files in which every package is exact.

Source: pip's requirements file format; `uv pip compile` and pip-tools (what they annotate).
"""

import re
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envbench.formats.locks.addressing import say_unchecked
from envbench.formats.locks.conda_companion import check_pointer
from envbench.formats.locks.continued_lines import join_lines
from envbench.model.cleaning import clean
from envbench.model.lock import PipPackage
from envbench.model.locked_set import (
    PYPI,
    LockAspect,
    LockedPip,
    LockedSet,
    LockProblem,
    LockReading,
    is_pypi,
)
from envbench.model.problem import Severity
from envbench.model.redaction import redact, split_url_secrets

PLATFORM = "envbench-platform: "
POINTER = "envbench-conda-lock: "
SHA256 = "sha256:"
FROM_INDEX = "from "
"""What begins the comments that carry what pip has no form for."""

KEPT = frozenset(
    {
        LockAspect.PLATFORM,
        LockAspect.PIP,
        LockAspect.PIP_HASH,
        LockAspect.PIP_DIRECT,
        LockAspect.PIP_EDITABLE,
        LockAspect.PIP_INDEX,
        LockAspect.INDEXES,
    }
)
_HASH = re.compile(r"\s--hash[= ](?P<kind>\w+):(?P<digest>[0-9A-Fa-f]+)(?=\s|$)")
_INDEX = re.compile(r"(?P<option>-i|--index-url|--extra-index-url)(?:\s+|=)(?P<url>\S+)")
_EDITABLE = re.compile(r"(?:-e|--editable)(?:\s+|=)(?P<url>\S+)")
_WITHOUT_MEANING = re.compile(r"--(?:require-hashes|prefer-binary|only-binary|no-index|pre)\b")
_NOTE = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>\S+)")


def read_requirements(text: str) -> LockReading:
    """Read a file of exact requirements; every line that is none is a problem with its number."""
    reader = _Reader()
    for number, line in join_lines(text):
        reader.read_line(number, line)
    return reader.finish()


def looks_like_requirements(text: str) -> bool:
    """Tell a file of exact requirements by its first line that is no comment and no option."""
    for _, line in join_lines(text):
        if line.startswith(("-i", "--", "#")) or not line:
            continue
        pinned = r"[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]]*\])?\s*(?:===?\s*\S|@\s*\S+://)"
        return bool(_EDITABLE.match(line) or re.match(pinned, line))
    return PLATFORM in text


@dataclass(slots=True)
class _Entry:
    """One requirement while its comments are being read."""

    line: int
    name: str = ""
    version: str = ""
    hashes: list[str] = field(default_factory=list)
    """sha256."""
    other_kinds: list[str] = field(default_factory=list)
    """Of the hashes that are none."""
    direct_url: str | None = None
    editable: bool = False
    index_url: str | None = None


class _Reader:
    """Reads line by line, and knows which requirement a comment belongs to."""

    def __init__(self) -> None:
        self._problems: list[LockProblem] = []
        self._entries: list[_Entry] = []
        self._indexes: list[str] = []
        self._main_index: str | None = None
        self._platform: str | None = None
        self._pointer: tuple[str, str] | None = None

    def read_line(self, number: int, line: str) -> None:
        if not line:
            return
        if line.startswith("#"):
            self._read_comment(number, line.lstrip("# "))
            return
        line, _, comment = line.partition(" #")
        line = line.strip()
        if "${" in line:
            self._note(number, "variables are not replaced")
        elif line.startswith("-"):
            self._read_option(number, line)
        else:
            self._read_requirement(number, line)
        if comment:
            self._read_comment(number, comment.strip())

    def finish(self) -> LockReading:
        indexes = [self._main_index or PYPI, *self._indexes]
        packages: dict[str, LockedPip] = {}
        for entry in self._entries:
            package = self._finish_entry(entry)
            if package is None:
                continue
            if package.name in packages:
                first = packages[package.name].line
                self._note(entry.line, f"{package.name} is locked twice, first in line {first}")
                continue
            packages[package.name] = package
        locked = LockedSet(
            kept=KEPT,
            platform=self._platform,
            pip=tuple(sorted(packages.values(), key=lambda package: package.name)),
            indexes=() if indexes == [PYPI] else tuple(dict.fromkeys(indexes)),
            conda_lock=self._pointer,
        )
        return LockReading(locked, tuple(self._problems))

    def _read_comment(self, number: int, comment: str) -> None:
        last = self._entries[-1] if self._entries else None
        if comment.startswith("Note: This is a conda requirements file"):
            self._note(number, "this is conda's requirements format, not pip's")
        elif comment.startswith(PLATFORM):
            self._platform = clean(comment.removeprefix(PLATFORM).strip()) or None
        elif comment.startswith(POINTER):
            name, _, digest = comment.removeprefix(POINTER).partition(" sha256:")
            problems = check_pointer(name, digest.strip())
            self._problems += problems
            self._pointer = None if problems else (name, digest.strip())
        elif last is not None and comment.startswith(SHA256):
            self._add_hash(last, number, "sha256", comment.removeprefix(SHA256).strip())
        elif last is not None and comment.startswith(FROM_INDEX) and "://" in comment:
            url = self._bare(number, comment.removeprefix(FROM_INDEX).strip())
            last.index_url = None if is_pypi(url) else url.rstrip("/")
        elif last is not None and last.direct_url and not last.version:
            match = _NOTE.fullmatch(comment)
            if match:
                last.name = last.name or canonicalize_name(match["name"])
                last.version = match["version"]

    def _read_option(self, number: int, line: str) -> None:
        index, editable = _INDEX.fullmatch(line), _EDITABLE.fullmatch(line)
        if index:
            url = self._bare(number, index["url"]).rstrip("/")
            if index["option"] == "--extra-index-url":
                self._indexes.append(url)
            else:
                self._main_index = url
        elif editable:
            url = self._bare(number, editable["url"])
            self._entries.append(_Entry(number, direct_url=url, editable=True))
        elif re.match(r"-r|-c|--requirement|--constraint", line):
            self._note(number, "other files are not followed; a lock stands for itself")
        elif not _WITHOUT_MEANING.match(line):
            self._note(number, f"this option has no place in a lock: {redact(line)[:80]}")

    def _read_requirement(self, number: int, line: str) -> None:
        shown = clean(redact(line))[:80]
        text, hashes = _HASH.sub("", line), list(_HASH.finditer(line))
        try:
            requirement = Requirement(text.strip())
        except InvalidRequirement:
            self._note(number, f"this is no requirement: {shown}")
            return
        if requirement.marker is not None:
            self._note(
                number,
                f"{requirement.name} is for some environments only; a lock is of one. Compile it for"
                " one platform and Python",
            )
            return
        entry = _Entry(number, canonicalize_name(requirement.name))
        if requirement.url:
            entry.direct_url = self._bare(number, requirement.url)
        else:
            version = _exact_version(requirement)
            if version is None:
                # Installers ignore the hash of a package without an exact version.
                self._note(number, f"{requirement.name} has no exact version (`==`): {shown}")
                return
            entry.version = version
        self._entries.append(entry)
        for match in hashes:
            self._add_hash(entry, number, match["kind"], match["digest"])

    def _add_hash(self, entry: _Entry, number: int, kind: str, digest: str) -> None:
        if kind != "sha256":
            entry.other_kinds.append(kind)
            return
        if not re.fullmatch(r"[0-9a-f]{64}", digest.lower()):
            self._note(number, "the hash is no sha256")
            return
        entry.hashes.append(digest.lower())

    def _finish_entry(self, entry: _Entry) -> LockedPip | None:
        if not entry.name:
            self._note(
                entry.line,
                "which package this is, is not said: write `# name==version` into the next line",
            )
            return None
        # Several hashes are those of the wheels of several platforms: which is meant is not said.
        if entry.other_kinds and not entry.hashes:
            self._note(entry.line, say_unchecked(entry.name, entry.other_kinds))
        several = tuple(dict.fromkeys(entry.hashes))
        sha256 = several[0] if len(several) == 1 else None
        record = PipPackage(
            name=entry.name, version=entry.version, sha256=sha256, direct_url=entry.direct_url,
            editable=entry.editable, index_url=entry.index_url,
        )  # fmt: skip
        return LockedPip(
            name=entry.name, version=entry.version, sha256=sha256, direct_url=entry.direct_url,
            editable=entry.editable, index_url=entry.index_url, line=entry.line, record=record,
            accepted=several if sha256 is None else (),
        )  # fmt: skip

    def _bare(self, number: int, url: str) -> str:
        bare, secret = split_url_secrets(url)
        if secret is not None:
            self._note(number, "the address holds a secret; take it out", Severity.WARNING)
        return bare

    def _note(self, line: int, message: str, severity: Severity = Severity.ERROR) -> None:
        self._problems.append(LockProblem(severity, message, line))


def _exact_version(requirement: Requirement) -> str | None:
    specifiers = list(requirement.specifier)
    if len(specifiers) != 1 or specifiers[0].operator not in {"==", "==="}:
        return None
    version = specifiers[0].version
    return None if "*" in version else version
