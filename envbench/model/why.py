"""Why a package is in an environment, and why it is not newer."""

from dataclasses import dataclass

from envbench.model.conflict import Chain, SpecLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirer:
    """One package that requires another, and who requires it in turn."""

    package: str
    """Name and version, `tensorflow-base 2.13.1`."""
    needs: str
    """The dependency by which it asks: `typing-extensions >=3.6.6,<4.6.0`."""
    line: SpecLine | None = None
    """The user's line that asks for this package; None when only packages do."""
    requirers: tuple["Requirer", ...] = ()
    """Those that require this package; empty where a line is reached, or where it is told above."""
    is_told_above: bool = False
    """Its requirers stand at an earlier place of the tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Culprit:
    """A line that holds a package back."""

    line: SpecLine
    chain: Chain | None = None
    """How it does: from the line to what it demands of the package in between."""


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
    """A smallest set; empty when nothing in the file holds it (see `reason`)."""
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
    line: SpecLine | None = None
    """The user's line that asks for it directly."""
    held_back: HeldBack | None = None
    """None when it is the newest there is."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBackReport:
    """The answer to `why --not-newer`: every direct dependency that is not the newest."""

    path: str
    newest: tuple[str, ...] = ()
    """Direct dependencies that are the newest there is, `numpy 1.26.4`."""
    held_back: tuple[HeldBack, ...] = ()
    not_tried: tuple[str, ...] = ()
    solves: int = 0
    seconds: float = 0.0
