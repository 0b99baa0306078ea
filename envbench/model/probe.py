"""What a probe of a framework found inside an environment."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from envbench.model.diagnosis import Diagnosis
from envbench.model.gpu_trace import TraceSummary


class ProbeStatus(StrEnum):
    """The verdict of a probe; only `OK` means that everything asked for was shown to work."""

    OK = "ok"
    DEGRADED = "degraded"
    """All checks right, but on the CPU where a GPU was to be expected."""
    FAILED = "failed"
    """A stage ended with an exception, or a number missed its tolerance."""
    CRASHED = "crashed"
    """Ended by a signal."""
    EXITED = "exited"
    """Ended by itself before it was done."""
    TIMEOUT = "timeout"
    NOT_INSTALLED = "not_installed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeStage:
    """One stage: `static`, `import`, `facts` or `check:NAME`."""

    name: str
    ok: bool
    duration_s: float
    memory_peak_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeCheck:
    """A number that was computed, and the reference it was compared with."""

    name: str
    device: str
    """`cpu`, or the UUID of a GPU."""
    ok: bool
    error: float | None = None
    """Largest deviation, relative to the largest reference value."""
    tolerance: float | None = None
    duration_s: float = 0.0
    skipped: str = ""
    """Why it was not run; empty when it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeError:
    """One exception of a chain, outermost first."""

    type: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """One probe run."""

    probe: str
    prefix: str
    """The real path of the environment, links resolved."""
    status: ProbeStatus
    stage: str = ""
    """The stage that failed, crashed or hung; empty when none did."""
    reason: str = ""
    """One line in plain words for everything but `ok`."""
    python: str = ""
    """Version of the environment's Python."""
    mode: str = "as_is"
    """`as_is` or `isolated`."""
    started: str = ""
    """ISO 8601, UTC."""
    duration_s: float = 0.0
    exit_code: int | None = None
    signal: int | None = None
    memory_peak_bytes: int | None = None
    memory_tree_peak_bytes: int | None = None
    """Largest sum over the process and its descendants that was met; None where it was not read."""
    stages: tuple[ProbeStage, ...] = ()
    distributions: dict[str, dict[str, str]] = field(default_factory=dict)
    """Distribution name to `version`, `build`, `installer`, `origin`."""
    facts: dict[str, Any] = field(default_factory=dict)
    checks: tuple[ProbeCheck, ...] = ()
    errors: tuple[ProbeError, ...] = ()
    frames: tuple[str, ...] = ()
    log_tail: str = ""
    gpu: str = ""
    """UUID of the GPU that it was given; empty when it was given none, or all."""
    diagnoses: tuple[Diagnosis, ...] = ()
    """What the outcome means, the most certain first; empty for one that is fine."""
    unchecked: tuple[str, ...] = ()
    """What this probe could not check here, and why; one line each."""
    isolated: "ProbeResult | None" = None
    """The second run, shut off from the user's own packages and variables, where one was made."""
    trace: TraceSummary | None = None
    """What the GPUs did meanwhile; None when that was not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """A probe run as it travels into its job."""

    prefix: str
    """The real path of the environment."""
    probes: tuple[str, ...] = ()
    """Names; empty means every probe whose framework is installed."""
    timeout_s: float | None = None
    """Limit for each probe; None takes its own."""
    host_gpus: int | None = None
    """GPUs that this box is known to have; None when unknown."""
    gpu: str = ""
    """UUID of the GPU to use; empty lets each probe see all."""
    record: bool = True
    """Whether to record what the GPUs do meanwhile."""
