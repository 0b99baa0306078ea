"""One build of a package as an index says it, safe to show."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from envbench.model.cleaning import clean

if TYPE_CHECKING:
    from rattler import RepoDataRecord

_MINOR = re.compile(r"(?P<low>\d+\.\d+)(?:\.\*|\.0)?")
_RANGE = re.compile(
    r">=(?P<low>(?P<major>\d+)\.(?P<minor>\d+))(?:\.0)?,"
    r"<(?P<end>(?P<end_major>\d+)\.(?P<end_minor>\d+))(?:\.0a0|a0|\.0)?"
)
_BUILD_PYTHON = re.compile(r"(?:^|_)py(?P<major>[23])\.?(?P<minor>\d{1,2})(?=[_h.]|$)")


@dataclass(frozen=True, slots=True)
class Build:
    """One build; ordered by `rank`, the one that a solver tries first last."""

    version: str
    build: str
    build_number: int
    channel: str
    """Under the name the user wrote."""
    channel_url: str
    subdir: str
    size_bytes: int | None
    timestamp_ms: int | None
    license: str
    depends: tuple[str, ...]
    python: str
    """The Python it is for: `3.9`, `>=3.8`; empty when it needs none or any."""
    rank: tuple[bool, Any, int, int] = field(repr=False, hash=False)
    """Without track features, version, build number, time."""
    record: "RepoDataRecord" = field(repr=False, compare=False, hash=False)
    """What the library compares with specs."""


def make_build(record: "RepoDataRecord", channel: str, url: str) -> Build:
    """Take what is shown out of a record of the library.

    Args:
        record: As it was read.
        channel: The user's name of its channel.
        url: Base address of the channel.
    """
    depends = tuple(clean(text, limit=200) for text in record.depends)
    build = clean(str(record.build), limit=128)
    stamp = record.timestamp
    timestamp_ms = int(stamp.timestamp() * 1000) if stamp else None
    return Build(
        version=clean(str(record.version), limit=80),
        build=build,
        build_number=record.build_number,
        channel=channel,
        channel_url=url,
        subdir=clean(str(record.subdir), limit=40),
        size_bytes=record.size,
        timestamp_ms=timestamp_ms,
        license=clean(record.license or "", limit=120),
        depends=depends,
        python=find_python(depends, build),
        rank=(not record.track_features, record.version, record.build_number, timestamp_ms or 0),
        record=record,
    )


def find_python(depends: Iterable[str], build: str = "") -> str:
    """Say which Python a build is for: a minor version where it is one, else the constraint.

    Args:
        depends: Its dependencies.
        build: Its build string, which is believed where the dependencies leave the Python open.
    """
    asked = [words[1:2] for text in depends if (words := text.split())[:1] == ["python"]]
    constraints = [constraint for words in asked for constraint in words]
    for constraint in constraints:
        if minor := _as_minor(constraint):
            return minor
    if asked and (found := _BUILD_PYTHON.search(build)):
        return f"{found['major']}.{found['minor']}"
    return constraints[0] if constraints else ""


def _as_minor(constraint: str) -> str:
    if exact := _MINOR.fullmatch(constraint):
        return exact["low"]
    span = _RANGE.fullmatch(constraint)
    if span is None or span["major"] != span["end_major"]:
        return ""
    return span["low"] if int(span["end_minor"]) == int(span["minor"]) + 1 else ""
