"""What is found when a lock is held against something: differences, and what was left open."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class FindingMark(StrEnum):
    """How what was found relates to what was expected."""

    ADDED = "+"
    """It is there and was not expected."""
    GONE = "-"
    """It was expected and is not there."""
    CHANGED = "~"
    """It is there, and is not what was expected."""


class FindingGroup(StrEnum):
    """The part of an environment that a finding is about, in the order in which they are told."""

    PLATFORM = "platform"
    CHANNELS = "channels"
    CONDA = "conda packages"
    PIP = "pip packages"
    VARIABLES = "variables"
    DEPENDENCIES = "dependencies of locked packages"
    COMPANION = "lock of the conda part"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file."""

    file: str
    line: int | None = None
    """1-based; None for the file as a whole."""

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference."""

    mark: FindingMark
    group: FindingGroup
    name: str
    """Of the package, variable, channel or file."""
    message: str
    """What differs, in one line without the name."""
    platform: str = ""
    """Empty where there is only one, or it concerns all."""
    places: tuple[Place, ...] = ()
    """The lines it is about: of the spec or first lock, then of the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What came of holding a lock against something."""

    findings: tuple[Finding, ...] = ()
    not_compared: tuple[str, ...] = ()
    """What could not be judged, and why, in words."""
    notes: tuple[str, ...] = ()
    """Worth knowing, and no fault."""
    needs: tuple[str, ...] = ()
    """What the locked packages want of the box, `__glibc >=2.28`."""

    @property
    def is_same(self) -> bool:
        """Whether no difference was found by what could be judged."""
        return not self.findings

    def on(self, platform: str) -> "Judgement":
        """Name the platform it is about on everything in it."""
        return Judgement(
            findings=tuple(replace(each, platform=platform) for each in self.findings),
            not_compared=tuple(f"{platform}: {what}" for what in self.not_compared),
            notes=tuple(f"{platform}: {note}" for note in self.notes),
            needs=tuple(f"{platform}: {need}" for need in self.needs),
        )


NOTHING_FOUND = Judgement()


def join_judgements(judgements: Iterable[Judgement]) -> Judgement:
    """Put several together; what is said twice in the same words is said once."""
    listed = tuple(judgements)
    order = {group: number for number, group in enumerate(FindingGroup)}
    findings = dict.fromkeys(finding for each in listed for finding in each.findings)
    return Judgement(
        findings=tuple(sorted(findings, key=lambda each: (order[each.group], each.platform))),
        not_compared=tuple(dict.fromkeys(what for each in listed for what in each.not_compared)),
        notes=tuple(dict.fromkeys(note for each in listed for note in each.notes)),
        needs=tuple(dict.fromkeys(need for each in listed for need in each.needs)),
    )


def name_some(names: Iterable[str], most: int = 5) -> str:
    """List names, and count those that are too many to list."""
    listed = list(names)
    rest = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {rest} more" if rest > 0 else "")
