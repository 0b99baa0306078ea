"""What is wrong with an environment, told from evidence: cause, remedies, and where that is known from.

Probes diagnose what they saw fail; the doctor diagnoses what is bound to fail.
"""

from dataclasses import dataclass
from enum import StrEnum

from envbench.model.problem import Severity


class Confidence(StrEnum):
    """How far the evidence reaches."""

    CERTAIN = "certain"
    LIKELY = "likely"
    GUESS = "a guess"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecChange:
    """A change of the user's spec, told without positions so that it fits whatever the text is."""

    kind: str
    """`require` (add the line, or give the listed one this constraint), or `remove`."""
    requirement: str
    """A match spec for conda (`numpy <2`), a requirement for pip (`numpy<2`); for `remove`, the name."""
    section: str = "conda"
    """`conda` or `pip`: where it goes when it is not listed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One way out."""

    text: str
    """In the imperative: `raise protobuf to 4.25 or newer`."""
    command: str = ""
    """A command line that does it; empty where none does."""
    changes: tuple[SpecChange, ...] = ()
    """The changes of the spec that do it; empty where it is no matter of the spec."""
    proof: str = ""
    """What a solve of the changed spec said, such as `solved: numpy 1.26.4`; empty when not tried."""
    is_refuted: bool = False
    """It was tried, and the changed spec has no solution: it is shown, and never offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One finding."""

    code: str
    """Stable, such as `abi.numpy.dtype_size`."""
    severity: Severity
    title: str
    """One line, in the user's words."""
    cause: str
    """One or two sentences."""
    remedies: tuple[Remedy, ...] = ()
    """Best first."""
    confidence: Confidence = Confidence.LIKELY
    evidence: str = ""
    """The line it was told from, cleaned and redacted."""
    found_in: str = ""
    """Where the evidence stands: `exception`, `log`, `facts`, a file of the prefix, `driver`."""
    packages: tuple[str, ...] = ()
    """Distributions or conda packages that it is about."""
    references: tuple[str, ...] = ()
    """Documents and threads that tell of it: `numpy/numpy#11628`, an address."""
