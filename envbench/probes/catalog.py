"""The probes there are: one row each, its payload beside it in `payloads/`."""

import ast
from dataclasses import dataclass
from functools import cache
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
    aliases: tuple[str, ...] = ()
    """Other names that people know it by, beside those of its distributions."""

    @property
    def payload(self) -> Path:
        """The file that runs inside the environment."""
        return PAYLOADS / f"probe_{self.name}.py"

    @property
    def module(self) -> str:
        """The module that it is about; the others are there to reach it."""
        return self.modules[0].partition(".")[0] if self.modules else ""

    @property
    def modules(self) -> tuple[str, ...]:
        """What it imports, in order."""
        return _read_names(self.payload, "MODULES")

    @property
    def distributions(self) -> tuple[str, ...]:
        """Names on package indexes, one of which must be installed; empty where none is needed."""
        return _read_names(self.payload, "DISTRIBUTIONS")

    @property
    def conda_names(self) -> tuple[str, ...]:
        """Names in conda channels, any of which is as good."""
        return _read_names(self.payload, "CONDA_NAMES")

    @property
    def related(self) -> tuple[str, ...]:
        """Distributions and conda packages whose versions matter to it."""
        return _read_names(self.payload, "RELATED")


_CPU_S, _GPU_S = 120.0, 300.0

PROBES = (
    ProbeDefinition("python", "interpreter and standard library", _CPU_S),
    ProbeDefinition("pip", "pip starts, installed distributions agree", _CPU_S),
    ProbeDefinition("numpy", "linear algebra against its input", _CPU_S),
    ProbeDefinition("scipy", "solves, a quadrature, a minimum", _CPU_S),
    ProbeDefinition("pandas", "sums by group, joins, dates", _CPU_S),
    ProbeDefinition("opencv", "filters, colours, picture files", _CPU_S, ("cv2",)),
    ProbeDefinition("ipykernel", "a kernel starts and answers", _CPU_S),
    ProbeDefinition("jupyterlab", "the server starts, its pages are there", _CPU_S),
    ProbeDefinition("openai", "client and answers, nothing sent", _CPU_S),
    ProbeDefinition("langchain", "a chain without network", _CPU_S),
    ProbeDefinition("onnxruntime", "a session for each provider", _GPU_S),
    ProbeDefinition("numba", "compiled sums, a CUDA kernel", _GPU_S),
    ProbeDefinition("sklearn", "a regression, clusters, boosting", _CPU_S),
    ProbeDefinition("xgboost", "separable classes on each device", _GPU_S),
    ProbeDefinition("lightgbm", "separable classes", _CPU_S),
    ProbeDefinition("jax", "devices, compiled product, gradient", _GPU_S),
    ProbeDefinition("triton", "a vector kernel", _GPU_S),
    ProbeDefinition("cupy", "products and transforms on the GPU", _GPU_S),
    ProbeDefinition("cudf", "sums by group on the GPU", _GPU_S),
    ProbeDefinition("torch", "devices, memory, products, gradient, compiler", _GPU_S),
    ProbeDefinition("torchvision", "overlapping boxes, transforms", _GPU_S),
    ProbeDefinition("transformers", "a tiny model against its own cache", _GPU_S),
    ProbeDefinition("bitsandbytes", "quantised blocks and back", _GPU_S, ("bnb",)),
    ProbeDefinition("flash_attn", "attention against the plain formula", _GPU_S),
    ProbeDefinition("deepspeed", "the accelerator it found", _GPU_S),
    ProbeDefinition("vllm", "the platform it found, an operator", _GPU_S),
    ProbeDefinition("tensorflow", "devices, product, compiled gradient", _GPU_S, ("tf",)),
)
"""The cheap ones first: what fails early is known early."""


def find_probe(name: str) -> ProbeDefinition:
    """Find a probe by its name, an alias, or the name of what it proves.

    Raises:
        UsageError: There is none of this name.
    """
    for probe in PROBES:
        if probe.name == name:
            return probe
    wanted = _normalize(name)
    for probe in PROBES:
        others = (probe.name, *probe.aliases, *probe.distributions, *probe.conda_names)
        if wanted in map(_normalize, others):
            return probe
    known = ", ".join(probe.name for probe in PROBES)
    raise UsageError(f"there is no probe named {name!r}", hint=f"Probes: {known}.")


def _normalize(name: str) -> str:
    return name.lower().replace("_", "-")


@cache
def _read_names(payload: Path, constant: str) -> tuple[str, ...]:
    """Read a tuple of names that a payload begins with, without running it."""
    for node in ast.parse(payload.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == constant:
            return tuple(ast.literal_eval(node.value))
    return ()
