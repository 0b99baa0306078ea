"""A build as it travels into its job, and what comes out of it."""

from dataclasses import dataclass, field

from envbench.model.conflict import Conflict
from envbench.model.lock import PipPackage
from envbench.model.locked_set import LockedSet
from envbench.model.pip_settings import PipSettings as PipSettings
from envbench.model.plan import PackageRecord, SolveRequest
from envbench.model.probe import ProbeResult


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedInput:
    """A lock to be built as it stands: nothing is solved, nothing else is taken."""

    path: str
    """Of the file that locks the conda part, as shown in messages."""
    sha256: str
    """Of that file."""
    format: str
    platform: str
    packages: tuple[PackageRecord, ...]
    """Each with its address; what the format does not say is completed from the archive's own
    `info/index.json`."""
    pip: tuple[PipPackage, ...] = ()
    """Exact artefacts; one without a hash is taken from its index by version."""
    indexes: tuple[str, ...] = ()
    pip_path: str = ""
    """Of the file that locks the pip part, as shown in messages; empty when there is none."""
    says: LockedSet = field(default_factory=lambda: LockedSet(kept=frozenset()))
    """What the files say, with lines: what was built is compared with it before it goes live."""
    places: tuple[tuple[str, str], ...] = ()
    """Archives and artefacts that lie on this box already: address, `file://` address."""

    @property
    def has_addresses(self) -> bool:
        """Whether every conda package has an address, so that nothing need be looked up."""
        return all(package.url for package in self.packages)

    def place_of(self, package: str) -> str:
        """Name the line of a conda package, by its `name-version-build`: `explicit.txt:12`."""
        names = {record.dist_name: record.name for record in self.packages}
        lines = {each.name: each.line for each in self.says.packages}
        line = lines.get(names.get(package, package))
        return self.path if line is None else f"{self.path}:{line}"

    def place_of_pip(self, name: str) -> str:
        """Name the line of a pip package, by its normalised name."""
        line = next((each.line for each in self.says.pip if each.name == name), None)
        return self.pip_path if line is None else f"{self.pip_path}:{line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """Everything that the build worker needs; holds no secret."""

    environment: str
    envs_dir: str
    cache_dir: str
    spec_path: str
    """As shown in messages."""
    spec_text: str
    """Redacted."""
    spec_sha256: str
    solve: SolveRequest
    pip_items: tuple[str, ...] = ()
    """Requirement lines that passed the checks, in order."""
    pip_lines: tuple[int, ...] = ()
    """The line of the user's file for each of `pip_items`."""
    pip: PipSettings = field(default_factory=PipSettings)
    spec_directory: str = ""
    """Where relative paths of the pip section start; empty when there are none."""
    variables: tuple[tuple[str, str], ...] = ()
    probes: tuple[str, ...] = ()
    """Probes that must be `ok` before the new generation goes live."""
    run_link_scripts: bool = False
    backend: str = "rattler"
    wait_for_lock_s: float = 3600.0
    umask: int = 0o077
    """Of whoever asked: who else may read the environment is not for a job to decide."""
    keep_generations: int = 3
    """Complete generations to keep, the live one included."""
    locked: LockedInput | None = None
    """Build this lock; `solve` then only says the channels and the box."""

    @property
    def has_pip_part(self) -> bool:
        """Whether anything comes by pip."""
        return bool(self.locked.pip if self.locked else self.pip_items)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """What a build worker says of itself, last of all."""

    environment: str
    prefix: str = ""
    """The stable path (the link)."""
    generation: int = 0
    """0 when no generation went live."""
    conda_packages: int = 0
    pip_packages: int = 0
    files_verified: int = 0
    linked_bytes: int = 0
    lock_sha256: str = ""
    conflict: Conflict | None = None
    link_scripts: tuple[str, ...] = ()
    """Packages whose link scripts were not run."""
    probes: tuple[ProbeResult, ...] = ()
    """What the probes found that were asked for; each is `ok`, or nothing would have gone live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BytecodeRequest:
    """What the byte code worker needs."""

    prefix: str
    """The generation's own directory."""
    stable_path: str
    """The path under which the environment is known."""
