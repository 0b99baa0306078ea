"""Where each row of the tables comes from."""

from dataclasses import dataclass

AS_OF = "2026-11-22"
"""When the tables were last compared with their sources; ISO 8601."""


@dataclass(frozen=True, slots=True)
class FactSource:
    """One place that facts were taken from."""

    kind: str
    """`document`, `git`, `wheel`, `run` or `thread`."""
    reference: str
    """Address, repository with commit and path, or what was looked at."""

    def __str__(self) -> str:
        return f"{self.reference} (as of {AS_OF})"


NVIDIA_MINOR = FactSource(
    "document",
    "https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html, Table 1",
)
NVIDIA_ARCHITECTURES = FactSource(
    "document",
    "https://docs.nvidia.com/cuda/cuda-c-programming-guide, Binary and PTX Compatibility",
)
TENSORFLOW_TABLE = FactSource(
    "git",
    "tensorflow/docs@7c3650212 (2026-03-11) site/en/install/source.md, Linux GPU table",
)
TENSORFLOW_WHEEL = FactSource("wheel", "tensorflow 2.21.0 METADATA (PyPI)")
PYTORCH_MATRIX = FactSource(
    "git",
    "pytorch/test-infra@61a77570f (2026-08-21) tools/scripts/generate_binary_build_matrix.py",
)
PYTORCH_ARCHITECTURES = FactSource(
    "git",
    "pytorch/test-infra@61a77570f (2026-08-21)"
    " tools/pkg-helpers/pytorch_pkg_helpers/cuda.py get_cuda_arch_list",
)
TORCH_WHEEL = FactSource("wheel", "torch 2.14.1 METADATA (PyPI)")
TORCH_RUN = FactSource("run", "torch 2.14.1 wheel (PyPI), torch._C._cuda_getArchFlags()")
COMFY_16438 = FactSource("thread", "Comfy-Org/ComfyUI#16438")
JAX_WHEEL = FactSource("wheel", "jax 0.10.2 METADATA (PyPI)")
NUMPY_RUN = FactSource(
    "run", "pandas 2.1.1 and numexpr 2.8.7 wheels (PyPI) imported beside NumPy 2"
)
NUMPY_TRACKER = FactSource("thread", "numpy/numpy#26191")
WHEEL_SCAN = FactSource(
    "wheel", "compiled modules of both wheels (PyPI), which name NumPy's C API by its module"
)
