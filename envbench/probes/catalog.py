"""The probes there are: one row each, its payload beside it in `payloads/`."""

from dataclasses import dataclass
from pathlib import Path

from envbench.model.errors import UsageError

PAYLOADS = Path(__file__).parent / "payloads"


@dataclass(frozen=True, slots=True)
class ProbeDefinition:
    """What is known of a probe without running it."""

    name: str
    title: str
    timeout_s: float
    """Default limit: the first start of a GPU framework may compile kernels."""

    @property
    def payload(self) -> Path:
        """The file that runs inside the environment."""
        return PAYLOADS / f"probe_{self.name}.py"


PROBES = (
    ProbeDefinition("python", "interpreter and standard library", 120.0),
    ProbeDefinition("pip", "pip starts, installed distributions agree", 120.0),
    ProbeDefinition("numpy", "linear algebra against its input", 120.0),
    ProbeDefinition("torch", "devices, matrix product, convolution, gradient", 300.0),
)


def find_probe(name: str) -> ProbeDefinition:
    """Find a probe by name.

    Raises:
        UsageError: There is none of this name.
    """
    for probe in PROBES:
        if probe.name == name:
            return probe
    known = ", ".join(probe.name for probe in PROBES)
    raise UsageError(f"there is no probe named {name!r}", hint=f"Probes: {known}.")
