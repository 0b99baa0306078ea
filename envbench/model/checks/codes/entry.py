"""The shape of one code."""

from dataclasses import dataclass

from envbench.model.problem import Severity


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One code of the catalogue."""

    code: str
    title: str
    """A few words, lower case."""
    severity: Severity
    explanation: str
    """Why it matters and what to do, in a few sentences."""
