"""Why a package is in an environment, and why it is not newer."""

from dataclasses import dataclass

from envbench.model.conflict import Chain, Conflict, SpecLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirer:
    """One package that requires another, and who requires it in turn."""

    package: str
    """Name and version, `tensorflow-base 2.13.1`."""
    needs: str
    """The dependency by which it asks: `typing-extensions >=3.6.6,<4.6.0`."""
    line: SpecLine | None = None
    """The user's line that asks for this package; None when only packages do."""
    is_pip: bool = False
    """It is a distribution of the pip part."""
    requirers: tuple["Requirer", ...] = ()
    """Those that require this package; empty where a line is reached, or where it is told above."""
    is_told_above: bool = False
    """Its requirers stand at an earlier place of the tree."""
    more: int = 0
    """How many further ones require it that are not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Culprit:
    """A line that holds a package back, or a conda package that holds a pip item back."""

    line: SpecLine
    chain: Chain | None = None
    """How it does: from the line to what it demands of the package in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Lines without which a package is free to be newer, proved by a solve."""

    lines: tuple[SpecLine, ...]
    jumps_to: str
    """The version that was chosen without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A package that is older than the newest there is, and what keeps it so."""

    name: str
    chosen: str
    newest: str
    """Newest version that the channels, or the index, have for this platform and box."""
    is_pip: bool = False
    line: SpecLine | None = None
    """The user's line that names it."""
    culprits: tuple[Culprit, ...] = ()
    """A smallest set of lines without which a newer version fits, while every single one of them
    keeps it out; empty when nothing in the file holds it (see `reason`)."""
    alternatives: tuple["Release", ...] = ()
    """Other sets of as few lines that would do as well."""
    jumps_to: str = ""
    """The version that a solve without the culprits chose; empty when it was not proved."""
    reason: str = ""
    """One sentence: what holds it, or why that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyReport:
    """The answer to `why PACKAGE`."""

    subject: str
    """The spec's path or the environment's name."""
    package: str
    version: str = ""
    """Empty when it is not part of the plan or the environment."""
    is_pip: bool = False
    requirers: tuple[Requirer, ...] = ()
    more: int = 0
    """How many further ones require it that are not listed."""
    line: SpecLine | None = None
    """The user's line that asks for it directly."""
    newest: str = ""
    """The newest version that the channels have, when it was looked for and found."""
    held_back: HeldBack | None = None
    """None when it is the newest there is, or that was not looked for."""
    close_names: tuple[str, ...] = ()
    """Names of packages that are part of it, or exist, when this one is not."""
    conflict: Conflict | None = None
    """Set when the spec has no solution: then nothing is required by anything."""
    note: str = ""
    """One or two sentences: what is not known, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBackReport:
    """The answer to `why --not-newer`: every direct dependency that is not the newest."""

    path: str
    newest: tuple[str, ...] = ()
    """Direct dependencies that are the newest there is, `numpy 1.26.4`."""
    held_back: tuple[HeldBack, ...] = ()
    conflict: Conflict | None = None
    """Set when the spec has no solution."""
    not_tried: tuple[str, ...] = ()
    """Direct dependencies that the budget, or this box, did not allow to look into, in words: those
    of one reason together, `numpy, scipy: time was up`."""
    trying: str = ""
    """What is being looked into now; empty at the end."""
    is_over: bool = False
    solves: int = 0
    seconds: float = 0.0
