"""What one pip section needs, and what comes out of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from envbench.model.build import PipSettings
from envbench.model.lock import PipPackage

OnOutput = Callable[[str], None]
"""Takes one line of progress for the user, cleaned and redacted."""


@dataclass(frozen=True, slots=True)
class IndexCredential:
    """A user name and password for one index; travels in the environment of uv, never in argv."""

    url: str
    """The index as it stands in the settings, without the secret."""
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipTask:
    """The pip section of one spec, and everything its resolution depends on."""

    items: tuple[str, ...]
    """Requirement lines that passed the checks of the spec, in order."""
    lines: tuple[int, ...] = ()
    """The line of the user's file for each item; empty when there is no file."""
    spec_path: str = "<spec>"
    """How messages name the user's file."""
    owned: Mapping[str, str] = field(default_factory=dict)
    """Distributions that conda installs: normalised name to the version its METADATA states."""
    conda_packages: tuple[str, ...] = ()
    """Names of all conda packages; they only serve the warning about doubled CUDA libraries."""
    settings: PipSettings = field(default_factory=PipSettings)
    credentials: tuple[IndexCredential, ...] = ()
    cache_dir: Path
    """uv's cache; best on the file system of the prefix, so that files can be linked."""
    work_dir: Path
    """A private directory in which a directory of this run is made, and removed afterwards."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """Where proxies, certificates, `PATH` and `HOME` are taken from; all else is dropped."""
    exclude_newer: str | None = None
    """ISO 8601 instant; artefacts uploaded later do not exist."""
    timeout_s: float = 3600.0
    """Wall clock for each call of uv."""

    def place(self, index: int) -> str:
        """Name the place of an item in the user's file, `environment.yml:12`."""
        if index < len(self.lines):
            return f"{self.spec_path}:{self.lines[index]}"
        return self.spec_path


@dataclass(frozen=True, slots=True, kw_only=True)
class PipSectionRequest:
    """A pip section to be installed into a staged prefix that already holds its conda part."""

    task: PipTask
    prefix: Path
    """The staged prefix, with `bin/python`; discarded by the caller when the step fails."""
    target_prefix: Path
    """The stable path under which the environment will be used; scripts name its interpreter."""
    find_damage: Callable[[], tuple[str, ...]] | None = None
    """Called after the installation: names conda-owned files that are gone or changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipPlanRequest:
    """A pip section to be resolved before there is any prefix."""

    task: PipTask
    python_version: str
    """Of the environment to be, `3.11` or `3.11.7`."""
    platform: str
    """conda subdir, `linux-64`."""
    glibc: str | None = None
    """Version of the C library of the box; None means an old one."""
    osx: str | None = None
    """Version of macOS of the box; None means an old one."""
    kept: tuple[PipPackage, ...] = ()
    """Locked before: each stays at its version, and its artefact, where the items allow it."""
    update: frozenset[str] = frozenset()
    """Normalised names that are not kept but taken as if nothing had been locked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipSectionResult:
    """The pip packages of an environment, installed or planned."""

    packages: tuple[PipPackage, ...] = ()
    """Sorted by name; nothing that conda owns."""
    pylock_text: str = ""
    """The same as PEP 751 `pylock.toml`, without secrets; empty when there are no packages."""
    warnings: tuple[str, ...] = ()
    runs_code_of: tuple[str, ...] = ()
    """Packages that had to be built, which runs code of theirs."""
    freed: tuple[str, ...] = ()
    """Of the packages that were to be kept, those that had to give way."""
