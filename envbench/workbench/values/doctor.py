"""What the doctor found."""

from dataclasses import dataclass

from envbench.model.diagnosis import Diagnosis
from envbench.model.problem import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorReport:
    """The static examination of an environment: nothing of it was imported or run."""

    environment: str
    """As it was asked for."""
    prefix: str
    """The real path."""
    generation: int | None
    """None for environments of other tools."""
    made: str
    """When it was examined; ISO 8601, UTC."""
    python: str
    """Version of the environment's Python; empty when it has none."""
    findings: tuple[Diagnosis, ...]
    """The worst first."""
    remedies_solved: int = 0
    """How many changes of the spec were solved to see whether they lead anywhere."""
    notes: tuple[str, ...] = ()
    """What could not be looked at, and why."""
    duration_s: float = 0.0

    @property
    def is_fine(self) -> bool:
        """Whether nothing was found that is worse than worth knowing."""
        return all(finding.severity is Severity.INFO for finding in self.findings)
