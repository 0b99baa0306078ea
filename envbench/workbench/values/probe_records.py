"""What probes found."""

from dataclasses import dataclass

from envbench.model.probe import ProbeResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeChoice:
    """One probe that can be asked for."""

    name: str
    title: str
    """What it looks at, in one line."""
    timeout_s: float
    """Its own limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRecord:
    """One run of probes over an environment."""

    environment: str
    job_id: str
    job_kind: str
    """`probe`, or `build` when the build was to prove itself."""
    state: str
    """How the job ended: `done`, `failed`, `cancelled`, ..."""
    started: str
    """ISO 8601, UTC."""
    ended: str
    """When the job ended; ISO 8601, UTC."""
    duration_s: float
    """All probes together."""
    generation: int | None
    """The generation that was probed; None for environments of other tools."""
    live_generation: int | None
    """The generation in use now."""
    staleness: str
    """Why the results say nothing of what is there now, such as `env is g5 now, this is g4`; empty
    while they do."""
    asked: tuple[str, ...]
    """Names of the probes that were asked for; empty for all whose framework is installed."""
    host_gpus: int | None
    """GPUs of this box at the time; None when unknown."""
    results: tuple[ProbeResult, ...]
    """Empty when the run ended before the first; `reason` says why."""
    reason: str
    """Why the job ended badly; empty when it did not."""
    notes: tuple[str, ...]
    """Later runs without results, and damaged records that were passed over; newest first."""
