"""Finding installed distributions, and what they consist of."""

import csv
import json
from collections.abc import Iterator, Sequence
from email.message import Message
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import NoReturn, cast

from packaging.tags import Tag, parse_tag
from packaging.utils import canonicalize_name

from envbench.engine.local_channel.distribution import (
    Area,
    Distribution,
    PlacedFile,
    is_for_any_python,
    list_commands,
    read_entry_points,
    read_identity,
    read_license,
    read_summary,
)
from envbench.engine.local_channel.interpreter import InterpreterFacts
from envbench.engine.local_channel.wheel import MADE_BY_INSTALLERS
from envbench.engine.local_channel.wheel_tags import find_glibc_floor
from envbench.model.errors import UsageError


def find_installed(facts: InterpreterFacts) -> dict[str, metadata.Distribution]:
    """Find the distributions of an interpreter by normalised name, the first of each on its path."""
    found: dict[str, metadata.Distribution] = {}
    for distribution in metadata.distributions(path=[str(folder) for folder in facts.path]):
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(str(canonicalize_name(name)), distribution)
    return found


def read_installed(found: metadata.Distribution, facts: InterpreterFacts) -> Distribution:
    """Gather an installed distribution.

    Raises:
        UsageError: It is installed in editable mode, its installer left no list of its files, or
            listed files are missing.
    """
    root = Path(str(found.locate_file(""))).resolve()
    name, version = read_identity(cast("Message", found.metadata), str(root))
    where = f"{name} {version} in {root}"
    _require_portable(found, where)
    entry_points = read_entry_points(found.read_text("entry_points.txt") or "", where)
    files = tuple(_place(found, root, facts, list_commands(entry_points), where))
    dist_info = _find_dist_info(files, where)
    tags = _read_tags(found.read_text("WHEEL") or "")
    headers = cast("Message", found.metadata)
    summary, home = read_summary(headers)
    return Distribution(
        name=name,
        version=version,
        origin=where,
        dist_info=dist_info,
        files=files,
        requires=tuple(found.requires or ()),
        requires_python=str(headers.get("Requires-Python") or ""),
        entry_points=entry_points,
        is_pure=is_for_any_python(tags, files),
        built_prefix=str(facts.prefix),
        license=read_license(headers),
        summary=summary,
        home=home,
        glibc=find_glibc_floor(tags),
    )


def _require_portable(found: metadata.Distribution, where: str) -> None:
    try:
        direct_url = json.loads(found.read_text("direct_url.json") or "{}")
    except ValueError:
        direct_url = {}
    if isinstance(direct_url, dict) and (direct_url.get("dir_info") or {}).get("editable"):
        _refuse(where, "it is installed in editable mode", "build a wheel of it, and name that")
    if found.files is None:
        _refuse(where, "its installer left no list of its files", "name a wheel of it instead")


def _place(
    found: metadata.Distribution,
    root: Path,
    facts: InterpreterFacts,
    commands: frozenset[str],
    where: str,
) -> Iterator[PlacedFile]:
    for listed in _list_files(found):
        if listed.suffix in {".pyc", ".pyo"} or "__pycache__" in listed.parts:
            continue
        if listed.name in MADE_BY_INSTALLERS and listed.parent.suffix == ".dist-info":
            continue
        source = Path(str(found.locate_file(listed)))
        placed = _find_area(_normalise(source), root, facts)
        if placed is None or (placed[0] is Area.SCRIPTS and placed[1] in commands):
            continue  # outside of the environment, or a command that is made anew
        if not source.is_file():
            _refuse(where, f"{listed} is listed and missing", "install it again")
        yield PlacedFile(*placed, source, is_executable=bool(source.stat().st_mode & 0o100))


def _list_files(found: metadata.Distribution) -> Sequence[metadata.PackagePath]:
    """List what the installer wrote down; since Python 3.12 `files` leaves out what is missing."""
    record = found.read_text("RECORD")
    if not record:
        return found.files or ()
    return [metadata.PackagePath(row[0]) for row in csv.reader(record.splitlines()) if row]


def _normalise(path: Path) -> PurePosixPath:
    """Resolve the folder, where `..` stands, and keep the name, which may be a link."""
    return PurePosixPath(path.parent.resolve() / path.name)


def _find_area(path: PurePosixPath, root: Path, facts: InterpreterFacts) -> tuple[Area, str] | None:
    """Say where a file belongs; None for one outside of the environment or in its library."""
    prefix = facts.prefix.resolve()
    if path.is_relative_to(root):
        return Area.SITE, path.relative_to(root).as_posix()
    if path.is_relative_to(prefix / "bin"):
        return Area.SCRIPTS, path.relative_to(prefix / "bin").as_posix()
    for folder in ("share", "etc", "include"):
        if path.is_relative_to(prefix / folder):
            return Area.DATA, path.relative_to(prefix).as_posix()
    return None


def _find_dist_info(files: tuple[PlacedFile, ...], where: str) -> str:
    for file in files:
        top, _, rest = file.path.partition("/")
        if file.area is Area.SITE and rest in {"METADATA", "PKG-INFO"}:
            return top
    return _refuse(where, "the list of its files names no metadata", "name a wheel of it instead")


def _read_tags(text: str) -> frozenset[Tag]:
    lines = (line for line in text.splitlines() if line.startswith("Tag:"))
    return frozenset(tag for line in lines for tag in parse_tag(line.partition(":")[2].strip()))


def _refuse(where: str, why: str, hint: str) -> NoReturn:
    raise UsageError("this distribution cannot be packaged", where=where, why=why, hint=hint)
