"""A Python distribution on its way into a package, wherever it came from."""

import re
from collections.abc import Iterable
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass, field
from email.message import Message
from enum import StrEnum
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from envbench.model.cleaning import clean
from envbench.model.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_COMMAND = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_NATIVE = re.compile(r"\.(so(\.[\d.]+)?|a|o|pyd)$")
_RESERVED = re.compile(r"python[\d.]*")
_SECTIONS = ("console_scripts", "gui_scripts")


class Area(StrEnum):
    """Which part of a prefix a file belongs to."""

    SITE = "site-packages"
    SCRIPTS = "bin"
    HEADERS = "include"
    """Below `include/python3.11/NAME/`."""
    DATA = "prefix"
    """Below the prefix itself."""


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """One file of a distribution."""

    area: Area
    path: str
    """Path inside the area, forward slashes, no `..`."""
    source: Path
    is_executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One distribution: its files and what its metadata says."""

    name: str
    """Normalised."""
    version: str
    origin: str
    """The wheel or folder it came from, for messages."""
    dist_info: str
    """Name of the `.dist-info` (or `.egg-info`) folder, in the `SITE` area."""
    files: tuple[PlacedFile, ...] = field(repr=False)
    """Without byte code and without what an installer wrote about itself."""
    requires: tuple[str, ...] = ()
    """`Requires-Dist` lines."""
    requires_python: str = ""
    entry_points: tuple[str, ...] = ()
    """`command = module:function`."""
    is_pure: bool
    """No native code, nothing bound to a version of Python."""
    built_prefix: str = ""
    """Prefix that its scripts and files name; empty for a wheel."""
    license: str = ""
    summary: str = ""
    home: str = ""
    glibc: tuple[int, int] = (0, 0)
    """The newest glibc that its wheel tags ask for; (0, 0) where they ask for none."""


def read_identity(metadata: Message, where: str) -> tuple[str, str]:
    """Read the normalised name and version.

    Raises:
        UsageError: One of them is missing or no valid one.
    """
    name, version = str(metadata.get("Name") or ""), str(metadata.get("Version") or "")
    try:
        parsed = Version(version) if _NAME.fullmatch(name) else None
    except InvalidVersion:
        parsed = None
    if parsed is None:
        raise UsageError(
            "this distribution cannot be packaged",
            where=where,
            why=f"its metadata says name {name!r}, version {version!r}",
        )
    return str(canonicalize_name(name)), str(parsed)


def is_for_any_python(tags: Iterable[Tag], files: Iterable[PlacedFile]) -> bool:
    """Whether tags and files of a distribution allow one package for every Python 3.

    A distribution without tags, as older installers leave it, is judged by its files.
    """
    return all(
        tag.interpreter in {"py2", "py3"} and tag.abi == "none" and tag.platform == "any"
        for tag in tags
    ) and not any(_binds(file) for file in files)


def _binds(file: PlacedFile) -> bool:
    """Native code, and headers, whose folder names the version of Python."""
    is_header = file.area is Area.HEADERS or file.path.startswith("include/python")
    return is_header or _NATIVE.search(file.path) is not None


def read_license(metadata: Message) -> str:
    """Read the licence where it is short enough to be a name."""
    text = str(metadata.get("License-Expression") or metadata.get("License") or "").strip()
    return clean(text) if "\n" not in text and len(text) <= 100 else ""


def read_entry_points(text: str, where: str) -> tuple[str, ...]:
    """Read the commands of an `entry_points.txt`, as `command = module:function`.

    Raises:
        UsageError: It cannot be parsed, or a command is no plain file name.

    Source:
        https://packaging.python.org/en/latest/specifications/entry-points/
    """
    parser = ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
    except ConfigError as error:
        raise _bad_entry_points(where, str(error).splitlines()[0]) from None
    commands: dict[str, str] = {}
    for section in _SECTIONS:
        for command, value in parser.items(section) if parser.has_section(section) else ():
            target = re.sub(r"\[.*\]\s*$", "", value or "").replace(" ", "").strip()
            is_plain = _COMMAND.fullmatch(command) and _TARGET.fullmatch(target)
            if not is_plain or is_reserved_command(command):
                raise _bad_entry_points(where, f"{command!r} runs {value!r}")
            commands[command] = target
    return tuple(f"{command} = {target}" for command, target in sorted(commands.items()))


def is_reserved_command(name: str) -> bool:
    """Whether a file of this name in `bin` would stand in for the interpreter."""
    return _RESERVED.fullmatch(name) is not None


def read_summary(metadata: Message) -> tuple[str, str]:
    """Read the one-line summary and the home page, cleaned."""
    summary, home = str(metadata.get("Summary") or ""), str(metadata.get("Home-page") or "")
    return clean(summary, limit=500), clean(home, limit=500)


def list_commands(entry_points: Iterable[str]) -> frozenset[str]:
    """The file names that entry points take in `bin`."""
    return frozenset(entry.partition(" = ")[0] for entry in entry_points)


def _bad_entry_points(where: str, why: str) -> UsageError:
    return UsageError(
        "the commands of this distribution cannot be made",
        where=where,
        why=f"entry_points.txt: {why}",
    )
