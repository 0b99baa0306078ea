"""What the screen knows, as one frozen value; it flows down, and only `Bench.change` replaces it.

This module loads at start: the values that it holds come from the workbench later, and only their
names are needed here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from envbench.ui.gpu_face import LIST, NO_TRENDS, GpuFace, GpuTrends
from envbench.ui.plan_face import NO_OPTIONS, PLAIN, SolveOptions, TakenFix
from envbench.ui.plan_face import PlanFace as PlanFace

if TYPE_CHECKING:
    from envbench.model.compatibility_report import CompatibilityReport
    from envbench.model.gpu import Sample
    from envbench.model.inspection import LineInspection
    from envbench.model.problem import Problem
    from envbench.model.repair import FixReport
    from envbench.model.what_if import WhatIfReport
    from envbench.model.why import WhyReport
    from envbench.settings.values import SettingProblem
    from envbench.ui.terminal.link import LinkState
    from envbench.workbench.job_rows import JobDetails, JobsUpdate, WatchedJob
    from envbench.workbench.values.box_facts import BoxReport
    from envbench.workbench.values.doctor import DoctorReport
    from envbench.workbench.values.environment_details import EnvironmentDetails, GenerationSize
    from envbench.workbench.values.environment_rows import EnvironmentRow
    from envbench.workbench.values.environments import Comparison
    from envbench.workbench.values.generation_comparison import GenerationComparison
    from envbench.workbench.values.gpu_owners import KnownEnvironment
    from envbench.workbench.values.lock_offers import LockOffers, LockPreview
    from envbench.workbench.values.preferences import SettingRow
    from envbench.workbench.values.probe_records import ProbeRecord
    from envbench.workbench.values.solving import SolveReport
    from envbench.workbench.values.spec_folder import SpecFolder
    from envbench.workbench.values.verifying import VerifyReport

T = TypeVar("T")

SPEC, PLAN, PROBES, LOCK = "spec", "plan", "probes", "lock"
ENVIRONMENTS, GPUS, JOBS, LOG = "environments", "gpus", "jobs", "log"
SETTINGS, HISTORY = "settings", "history"
EDITOR, SPECS, PROBLEMS, INSPECTION, BOX = "editor", "specs", "problems", "inspection", "box"
WELCOME = "welcome"
SIDE_ENVIRONMENTS, SIDE_JOBS, SIDE_GPUS, SIDE_GPU_USERS, SIDE_LOG = (
    "side-environments",
    "side-jobs",
    "side-gpus",
    "side-gpu-users",
    "side-log",
)

PLACES: tuple[tuple[str, str, str], ...] = (
    ("1", SPEC, "Spec"),
    ("2", PLAN, "Plan"),
    ("3", PROBES, "Probes"),
    ("4", LOCK, "Lock"),
    ("5", ENVIRONMENTS, "Envs"),
    ("6", LOG, "Log"),
    ("7", GPUS, "GPUs"),
    ("8", JOBS, "Jobs"),
    ("9", SETTINGS, "Settings"),
    ("0", HISTORY, "Commands"),
)
"""Digit, id and name of each place of the centre."""

PROBE_RESULTS, EXAMINATION, COMPATIBILITY = "results", "examination", "compatibility"
"""Sides of the place of probes."""

UNSEEN = frozenset({"foreign", "damaged"})
"""States of jobs of which nobody can tell from here whether they run."""
BACKGROUND_KINDS = frozenset({"bytecode"})
"""Kinds of jobs that nobody asked for: they are listed, and else keep quiet."""


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """Something that is asked of the desk: what is known, and whether it is being asked for."""

    value: T | None = None
    """The last answer; kept while a newer one is on its way."""
    working: str = ""
    """What is being done about it, in words; empty when nothing is."""
    fault: str = ""
    """Why the last question had no answer; empty after an answer."""
    hint: str = ""
    """What to do about the fault."""
    about: str = ""
    """What was asked about, where that can change: the environment; empty where it cannot."""

    def begin(self, what: str) -> "Fact[T]":
        """Say that it is being asked for."""
        return Fact(self.value, working=what, about=self.about)

    def settle(self, value: T) -> "Fact[T]":
        """Take the answer."""
        return Fact(value, about=self.about)

    def fail(self, fault: str, hint: str = "") -> "Fact[T]":
        """Say why there is no answer; the last one stays."""
        return Fact(self.value, fault=fault, hint=hint, about=self.about)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSpec:
    """The spec in the editor."""

    path: str
    """Absolute path; empty for none."""
    name: str
    """File name, safe to show."""
    text: str = field(repr=False)
    """As it stands in the editor at `version`."""
    saved_text: str = field(repr=False)
    """As it was read from the disk or last written there."""
    version: int = 0
    """Counts the editor's changes."""
    checked: int = -1
    """The version that `problems` are of."""
    sha256: str = ""
    """Of the file's bytes when it was read or written."""
    has_bom: bool = False
    environment: str = ""
    """The name of the environment it describes; empty when it has none."""
    problems: "tuple[Problem, ...]" = ()
    read_only: str = ""
    """Why it cannot be saved; empty when it can."""
    disk: str = ""
    """`changed` or `gone` when the file is no longer what was read; else empty."""
    is_sample: bool = False
    """It came with envbench: saving means saving a copy."""
    kept: str | None = field(default=None, repr=False)
    """The unsaved text that this screen has put into the recovery file."""
    check_fault: str = ""
    """Why the text could not be checked; empty when it could."""

    @property
    def is_dirty(self) -> bool:
        """Whether it holds unsaved work."""
        return self.text != self.saved_text

    @property
    def errors(self) -> int:
        """How many problems keep it from being solved."""
        return sum(problem.is_error for problem in self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveView:
    """A solve, and what it was asked about."""

    report: "SolveReport"
    path: str = ""
    """Of the spec, as the editor names it."""
    sha256: str
    """Of the spec's bytes when it was solved."""
    elapsed_s: float
    against: str = ""
    """The environment it was compared with; empty for none."""
    generation: int | None = None
    """The generation of it that was live then."""
    offline: bool = False
    """Only indexes of the cache were used."""
    options: SolveOptions = NO_OPTIONS
    """What was asked beside the spec and the settings."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line that the screen said."""

    text: str
    severity: str = "info"
    """`info`, `ok`, `warning` or `error`."""
    at: str = ""
    """Local time, `12:04:11`."""


@dataclass(frozen=True, slots=True)
class Done:
    """One action, as the command line that does the same."""

    command: str
    at: str
    """Local time, `12:04:11`."""
    outcome: str = ""
    """In words; empty while it runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenState:
    """Everything that panels show; what one of them does not read does not repaint it."""

    directory: str
    """The folder that was opened, absolute."""
    place: str = SPEC
    """The place in the centre."""
    focus: str = ""
    """The pane that has the keys: a place, or `specs`, `problems`, ..."""
    editing: bool = False
    """Letters go into the spec."""
    zoomed: bool = False
    """The centre has the whole screen."""
    spec: OpenSpec | None = None
    specs: "Fact[SpecFolder]" = Fact()
    inspection: "Fact[LineInspection]" = Fact()
    solve: Fact[SolveView] = Fact()
    solve_tick: int = 0
    """The `tick` at which the solve, or the search of the place of the plan, began."""
    plan_face: PlanFace = PLAIN
    solve_options: SolveOptions = NO_OPTIONS
    """What the next solve is asked beside the spec and the settings."""
    fixes: "Fact[FixReport]" = Fact()
    """Ways out of the conflict that is shown, as far as they are found; `about` is its solve."""
    taken: tuple[TakenFix, ...] = ()
    """Fixes that were taken on this screen, newest last."""
    why: "Fact[WhyReport]" = Fact()
    """What holds the package back that `w` asked about."""
    what_if: "Fact[WhatIfReport]" = Fact()
    """The spec under other conditions."""
    environments: "Fact[tuple[EnvironmentRow, ...]]" = Fact()
    environment: str = ""
    """The environment that probes, locks and details are about."""
    details: "Fact[EnvironmentDetails]" = Fact()
    generation_sizes: "Fact[tuple[GenerationSize, ...]]" = Fact()
    """What the generations take on disk, as far as they are measured."""
    comparison: "Fact[Comparison | GenerationComparison]" = Fact()
    """What `d` compared."""
    marked: str = ""
    """The environment or generation that `space` marked, as `NAME` or `NAME@N`."""
    probes: "Fact[ProbeRecord]" = Fact()
    probe_face: str = PROBE_RESULTS
    """Which side of the place of probes is shown."""
    examination: "Fact[DoctorReport]" = Fact()
    """What the doctor found without running anything."""
    compatibility: "Fact[CompatibilityReport]" = Fact()
    locks: "Fact[LockOffers]" = Fact()
    preview: "Fact[LockPreview]" = Fact()
    """The lock that is looked at before it is written."""
    verification: "Fact[VerifyReport]" = Fact()
    jobs: "Fact[JobsUpdate]" = Fact()
    job: "Fact[JobDetails]" = Fact()
    """The job whose phases are looked at."""
    log_job: str = ""
    """Id of the job whose log is shown; empty follows the newest."""
    box: "Fact[BoxReport]" = Fact()
    gpus: "Fact[Sample]" = Fact()
    """What was read of the GPUs last."""
    gpu_trends: GpuTrends = NO_TRENDS
    gpu_owners: "Mapping[str, KnownEnvironment]" = field(default_factory=dict)
    """Prefix of a process on a GPU to what is known of the environment there."""
    gpu_face: GpuFace = LIST
    settings: "Fact[tuple[SettingRow, ...]]" = Fact()
    setting_problems: "tuple[SettingProblem, ...]" = ()
    link: "LinkState | None" = None
    selected: Mapping[str, str] = field(default_factory=dict)
    """Pane to the key of the row under its cursor."""
    told: tuple[Told, ...] = ()
    """Newest last."""
    done: tuple[Done, ...] = ()
    """Newest last."""
    walk: int = -1
    """Step of the guided walk; -1 when there is none."""
    theme: str = ""
    tick: int = 0
    """Counts seconds while something runs, so that what shows time is drawn again."""
    minute: int = 0
    """Counts minutes, so that ages are drawn again."""

    @property
    def running_jobs(self) -> "tuple[WatchedJob, ...]":
        """The jobs that are at work here, newest first; of others nobody knows."""
        jobs = self.jobs.value.jobs if self.jobs.value is not None else ()
        return tuple(job for job in jobs if not job.is_over and job.state.value not in UNSEEN)

    @property
    def shown_log(self) -> "WatchedJob | None":
        """The job whose log is shown: the chosen one, else the newest at work, else the newest."""
        chosen = self.find_job(self.log_job) if self.log_job else None
        if chosen is not None:
            return chosen
        everything = self.jobs.value.jobs if self.jobs.value is not None else ()
        jobs = (*self.running_jobs, *everything)
        told = (job for job in jobs if job.kind not in BACKGROUND_KINDS)
        return next(told, next(iter(jobs), None))

    def find_job(self, key: str) -> "WatchedJob | None":
        """Give the job with this id, if it is known."""
        jobs = self.jobs.value.jobs if self.jobs.value is not None else ()
        return next((job for job in jobs if job.id == key), None)
