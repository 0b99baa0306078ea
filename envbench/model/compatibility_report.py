"""The compatibility of an environment: framework by version by device, with a verdict for each."""

from dataclasses import dataclass
from enum import StrEnum

from envbench.model.diagnosis import Diagnosis


class CompatibilityVerdict(StrEnum):
    """What is known of a framework on a device."""

    WORKS = "works"
    """Numbers were computed there, and they are right."""
    SHOULD_WORK = "should work"
    """Nothing known is against it; it was not computed."""
    DEGRADED = "degraded"
    """It works, and not on the device it was meant for."""
    FAILS = "fails"
    """A probe failed there."""
    WILL_FAIL = "will fail"
    """What is installed cannot work there; it was not tried."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompatibilityRow:
    """One framework on one device."""

    framework: str
    version: str
    """`2.4.1`; empty when not known."""
    build: str
    """Build string or variant, such as `cuda 12.4`, `cpu`."""
    device: str
    """`cpu`, or the GPU's name."""
    device_id: str
    """`cpu`, or the GPU's UUID."""
    verdict: CompatibilityVerdict
    reason: str = ""
    """One line; empty for `works`."""
    proof: str = ""
    """What the verdict rests on: a check with its numbers, metadata, a table with its date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompatibilityReport:
    """All rows of an environment."""

    environment: str
    prefix: str
    generation: int | None
    made: str
    """ISO 8601, UTC."""
    python: str
    host: str
    """Host name."""
    driver: str | None
    """Version of the NVIDIA driver."""
    cuda: str | None
    """Highest CUDA version that it serves."""
    rows: tuple[CompatibilityRow, ...]
    findings: tuple[Diagnosis, ...] = ()
    """What the doctor and the probes found."""
    probed: str = ""
    """When the probes ran whose results are in it; ISO 8601, UTC; empty when none are."""
    notes: tuple[str, ...] = ()
    """What is not in it, and why."""
