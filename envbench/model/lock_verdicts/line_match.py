"""Whether a locked conda package is what a match spec asks for, as far as the lock says it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from envbench.model.lock_verdicts.channel_match import (
    ChannelAddresses,
    channel_texts,
    comes_from,
    subdir_of,
)
from envbench.model.locked_set import LockedPackage
from envbench.model.matchspec import MatchSpec, MatchSpecError, parse_match_spec
from envbench.model.redaction import split_url_secrets
from envbench.model.version_match import satisfies_match

_BUILD_NUMBER = re.compile(r"(?:.*_)?(\d+)")
_Fits = bool | None
"""None: the lock does not say it, or it is asked in a way that is not understood."""


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """How a package fares with a match spec."""

    faults: tuple[str, ...]
    """What does not fit, in words: `the version 2.0 is not >=1,<2`."""
    unknown: tuple[str, ...]
    """What could not be judged: `build`, `channel`, ..."""

    @property
    def fits(self) -> bool:
        """Whether nothing was found that does not fit."""
        return not self.faults


@lru_cache(maxsize=8192)
def read_dependency(text: str) -> MatchSpec | None:
    """Read a match spec; None when it is none. The same ones stand in many records."""
    try:
        return parse_match_spec(text)
    except MatchSpecError:
        return None


def judge_match(
    match: MatchSpec, package: LockedPackage, channels: ChannelAddresses
) -> LineVerdict:
    """Hold a package against a match spec of its name."""
    faults: list[str] = []
    unknown: list[str] = []
    for what, fits, fault in _judge_parts(match, package, channels):
        if fits is None:
            unknown.append(what)
        elif not fits:
            faults.append(fault)
    return LineVerdict(tuple(faults), tuple(dict.fromkeys(unknown)))


def _judge_parts(
    match: MatchSpec, package: LockedPackage, channels: ChannelAddresses
) -> Iterator[tuple[str, _Fits, str]]:
    if match.version is not None:
        wanted = MatchSpec(match.name, match.version)
        fits = satisfies_match(package.version, "", wanted)
        yield "version", fits, f"the version {package.version} is not {match.version}"
    if match.build is not None:
        wanted = MatchSpec(match.name, None, match.build)
        fits = None if package.build is None else satisfies_match("0", package.build, wanted)
        yield "build", fits, f"the build {package.build} is not {match.build}"
    if match.channel is not None:
        found = next(iter(channel_texts(package)), "")
        fits = comes_from(package, match.channel, channels)
        yield "channel", fits, f"it comes from {found}, not from {match.channel}"
    if match.subdir is not None:
        subdir = subdir_of(package)
        fits = None if subdir is None else subdir == match.subdir
        yield "subdir", fits, f"it is of {subdir}, not of {match.subdir}"
    for key, value in match.brackets:
        if key != "namespace":
            judge = _BRACKETS.get(key)
            fits = judge(value, package) if judge else None
            yield key, fits, f"its {key} is not {value}"


def _fits_number(value: str, package: LockedPackage) -> _Fits:
    number = _build_number(package)
    found = re.fullmatch(r"(==|=|>=|<=|!=|>|<)?\s*(\d+)", value)
    if number is None or found is None:
        return None
    fits = satisfies_match(
        str(number), "", MatchSpec(package.name, f"{found[1] or '=='}{found[2]}")
    )
    return number == int(found[2]) if found[1] == "=" else fits


def _build_number(package: LockedPackage) -> int | None:
    """Take the number from the record, or from the end of the build, where recipes put it."""
    if package.record is not None and package.record.build_number:
        return package.record.build_number
    found = _BUILD_NUMBER.fullmatch(package.build or "")
    return int(found[1]) if found and len(found[1]) < 10 else None


def _fits_url(value: str, package: LockedPackage) -> _Fits:
    if package.url is None:
        return None
    address, _, fragment = value.partition("#")
    if split_url_secrets(address)[0] != package.url:
        return False
    return _fits_digest(fragment.removeprefix("sha256:"), package) if fragment else True


def _fits_digest(value: str, package: LockedPackage) -> _Fits:
    found = package.md5 if len(value) == 32 else package.sha256
    return None if found is None else found.lower() == value.lower()


def _fits_file_name(value: str, package: LockedPackage) -> _Fits:
    return None if package.url is None else package.url.rpartition("/")[2] == value


_BRACKETS: dict[str, Callable[[str, LockedPackage], _Fits]] = {
    "build_number": _fits_number,
    "url": _fits_url,
    "md5": _fits_digest,
    "sha256": _fits_digest,
    "fn": _fits_file_name,
}
