"""No solution: which of the user's lines cannot go together, and how that comes about.

A *core* is a set of lines that has no solution by itself, while every smaller part of it has one.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class CoreKind(StrEnum):
    """What kind of thing keeps some lines from being satisfied."""

    MISSING_PACKAGE = "missing_package"
    """No channel in use, or for pip items no package index, has a package of that name."""
    MISSING_VERSION = "missing_version"
    """The package exists, no version of it is asked for."""
    MISSING_BUILD = "missing_build"
    """The version exists, no build of it is asked for."""
    WRONG_CHANNEL = "wrong_channel"
    """Another channel has it than the one that the line asks for."""
    MISSING_VIRTUAL = "missing_virtual"
    """The box lacks what every fitting build needs (`__cuda`, `__glibc`, `__archspec`)."""
    PLATFORM = "platform"
    """It exists for other platforms only."""
    CHANNEL_PRIORITY = "channel_priority"
    """Strict channel priority hides the builds that would fit."""
    INCOMPATIBLE = "incompatible"
    """What conda's lines need of some package does not meet."""
    PIP_AGAINST_CONDA = "pip_against_conda"
    """A pip item needs another version of what conda installs."""
    PIP = "pip"
    """The pip items exclude each other, or one has no candidate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecLine:
    """One item of the user's file that asks for a package."""

    text: str
    """As written, cleaned and without secrets."""
    name: str
    """Of the package, lower case, without channel; of the distribution for pip items."""
    line: int | None = None
    """Line of the user's file, 1-based; None for what did not come from a file."""
    is_pip: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain: a package, and what it needs of the next one."""

    package: str
    """Name and versions that are left of it: `tensorflow-base 2.13.1`, `openai 2.0 ... 2.48`."""
    needs: str
    """A dependency of it: `typing-extensions >=3.6.6,<4.6.0`; alternatives joined by ` or `."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The way from one of the user's lines to where the lines meet."""

    line: SpecLine
    links: tuple[Link, ...] = ()
    """In order; empty when the line itself asks for the package in which the lines meet."""
    demand: str
    """What it asks of that package: `typing-extensions >=3.6.6,<4.6.0`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """A smallest set of lines without a solution, told in words."""

    kind: CoreKind
    lines: tuple[SpecLine, ...]
    """In the order of the file."""
    explanation: tuple[str, ...]
    """One to four sentences, without markup, that say which lines, why, and what exists instead."""
    chains: tuple[Chain, ...] = ()
    """One for each line; empty for kinds that concern a line alone."""
    meeting: str = ""
    """Name of the package (`__cuda` for the box) of which the chains demand what does not meet."""
    available: tuple[str, ...] = ()
    """What exists instead (versions, names, channels), nearest first; a handful at most."""
    is_minimal: bool = True
    """False when time was up before the set was known to be smallest."""
    is_independent: bool = True
    """Whether it shares no line with the cores before it."""
    solver_text: str = field(default="", repr=False)
    """What the solver says about these lines alone, cleaned; empty when not asked."""


@dataclass(frozen=True, slots=True)
class ConflictCause:
    """One of the user's lines that takes part in a conflict."""

    kind: CoreKind
    spec: str
    """The user's text."""
    line: int | None
    explanation: str
    """One line in plain words."""
    available: tuple[str, ...] = ()
    """What exists instead (versions, names), nearest first; a handful at most."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """No solution exists."""

    summary: str
    causes: tuple[ConflictCause, ...]
    solver_text: str = field(default="", repr=False)
    """The solver's own words, cleaned and redacted."""
    is_proven: bool = True
    """Whether the causes are known to be it; otherwise they are only candidates."""
    cores: tuple[Core, ...] = ()
    """All that were found: those that concern one line alone first, then by their lines."""
    note: str = ""
    """What was not looked into, and why; empty when everything was."""
    solves: int = 0
    """How often the solver was asked."""
    seconds: float = 0.0
    """From the request to this answer."""
