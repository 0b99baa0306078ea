"""Locks as they are offered and written."""

from dataclasses import dataclass

from envbench.model.lock import Loss


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOnDisk:
    """A lock file that lies in the folder already."""

    path: str
    written: str
    """ISO 8601, UTC: when it was changed last."""
    format: str
    """Which of the formats it has."""
    is_stale: bool
    """The environment is not, or no longer, what it says."""
    note: str
    """In words: `as installed`, `env moved on: 2 differ`, or why it cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOffer:
    """One format that an environment can be written in."""

    format: str
    """As `--format` takes it."""
    file_name: str
    """The name under which consumers recognise the format."""
    summary: str
    """What the format is, in one line."""
    keeps: str
    """In words: `all`, or `212 conda with builds and hashes`."""
    loses: str
    """In words: `nothing`, or `builds, hashes`."""
    lost: tuple[Loss, ...]
    """Each loss with whom it concerns and what follows from it."""
    refusal: str
    """Why it cannot be written; empty when it can, and its own reader reads it back."""
    is_usual: bool
    """The first lock of its file name: who writes all locks writes these."""
    on_disk: LockOnDisk | None
    """The file of this format and name in the folder."""
    is_lock: bool = True
    """Whether it can be built from; else it is a file for another tool."""
    companions: tuple[str, ...] = ()
    """Paths of further files that are written with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOffers:
    """All that an environment can be locked as."""

    environment: str
    generation: int | None
    """None for environments of other tools."""
    conda_packages: int
    pip_packages: int
    from_git: int
    """Of the pip packages, those that came out of a repository."""
    offers: tuple[LockOffer, ...]
    folder: str
    """Where files were looked for, and would be written."""
    spec: str = ""
    """The spec whose plan it is; empty for what is installed."""
    notes: tuple[str, ...] = ()
    """What had to be assumed or stays unknown, one line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanionPreview:
    """A further file of an export."""

    path: str
    text: str
    """Safe to show."""
    lines: int
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LockPreview:
    """The beginning of what would be written."""

    format: str
    file_name: str
    text: str
    """Safe to show."""
    lines: int
    """Of the whole text."""
    is_cut: bool
    """Whether the text goes on behind what is shown."""
    companions: tuple[CompanionPreview, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLock:
    """A lock that lies on disk now."""

    path: str
    format: str
    sha256: str
    """Of the file."""
    size_bytes: int
    is_unchanged: bool
    """The file said the same before, and was not touched."""
    lost: tuple[Loss, ...]
    companions: tuple[str, ...] = ()
    """Where the further files lie."""
