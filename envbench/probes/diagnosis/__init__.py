"""What the outcome of a probe means: cause, ways out, and where that is known from."""

from envbench.probes.diagnosis.diagnose import RULES, diagnose
from envbench.probes.diagnosis.surroundings import Surroundings, read_surroundings

__all__ = ["RULES", "Surroundings", "diagnose", "read_surroundings"]
