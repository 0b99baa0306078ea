"""The specs of a folder."""

from dataclasses import dataclass
from enum import StrEnum

from envbench.machine.git_states import GitState
from envbench.workbench.sample_specs import SampleSpec
from envbench.workbench.values.recent import RecentSpec


class SpecState(StrEnum):
    """How a spec is doing, in one word."""

    OK = "ok"
    """No errors; there may be warnings."""
    PROBLEMS = "problems"
    """Errors keep it from being solved."""
    BROKEN = "broken"
    """It is no YAML; it still opens as text."""
    DRAFT = "draft"
    """No errors, and unsaved work on it is kept."""
    UNREADABLE = "unreadable"
    UNCHECKED = "unchecked"
    """There were too many to check all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecEntry:
    """One file of the folder."""

    path: str
    shown: str
    """Its path relative to the folder, cleaned for showing."""
    title: str = ""
    """The name of the environment in it; empty when it has none."""
    state: SpecState
    reason: str = ""
    """Why it is not ok, in a few words: `not YAML: line 7, a tab indents this line`."""
    errors: int = 0
    warnings: int = 0
    sha256: str = ""
    """Of its bytes; empty when it cannot be read."""
    environment: str = ""
    """The environment of envbench that was built from it, or that has its name."""
    built: int | None = None
    """Number of the generation in use of that environment."""
    built_matches: bool = False
    """Whether that generation was built from just this text."""
    modified: float = 0.0
    """Seconds since 1970."""
    size_bytes: int = 0
    git: GitState = GitState.UNKNOWN
    read_only: str = ""
    """Why it cannot be saved; empty when it can."""
    has_draft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecFolder:
    """What the list of specs shows."""

    path: str
    shown: str
    """The folder, cleaned for showing."""
    fault: str = ""
    """Why the folder cannot be listed; empty when it can."""
    specs: tuple[SpecEntry, ...] = ()
    left_off: int = 0
    """Files that may be specs and are not listed, because there are too many."""
    samples: tuple[SampleSpec, ...] = ()
    recent: tuple[RecentSpec, ...] = ()
