"""Under which code a violated requirement is told: some pairs fail in ways that have a name."""

from collections.abc import Container, Sequence

MISSING = "missing.dist"
PYTHON = "pin.python"
PLAIN = "pin.requirement"
"""A violated requirement without a name of its own."""

_BY_REQUIRED = {
    "numpy": ("abi.numpy.too_old", "abi.numpy.too_new"),
    "protobuf": ("pb.runtime_too_old", "pb.stale_descriptors"),
    "jaxlib": ("pin.jaxlib", "pin.jaxlib"),
    "pydantic": ("pin.pydantic", "pin.pydantic"),
    "pydantic-core": ("pin.pydantic", "pin.pydantic"),
}
"""Required distribution to the code when it is too old, and when it is too new."""
_BY_ASKER = {
    "torchvision": ("torch", "pin.torchvision"),
    "torchaudio": ("torch", "pin.torchvision"),
    "transformers": ("", "pin.runtime_check"),
    "jax": ("jaxlib", "pin.jaxlib"),
    "jax-cuda12-plugin": ("jax-cuda12-pjrt", "pin.jaxlib"),
    "jax-cuda13-plugin": ("jax-cuda13-pjrt", "pin.jaxlib"),
}
"""Asking distribution to what it asks for (empty for anything) and the code."""
CHECKED_CAPS = frozenset(
    {
        ("numba", "numpy"),
        ("transformers", "tokenizers"),
        ("transformers", "huggingface-hub"),
        ("jax", "jaxlib"),
        ("pydantic", "pydantic-core"),
    }
)
"""Pairs of which the first looks at the second's version when it is imported, and refuses it.

Source: numba's `_ensure_critical_deps`, transformers' `dependency_versions_check`, jax's
`check_jaxlib_version`, pydantic's `_ensure_pydantic_core_version`.
"""
ALTERNATIVES = (
    frozenset(
        {
            "opencv-python",
            "opencv-python-headless",
            "opencv-contrib-python",
            "opencv-contrib-python-headless",
        }
    ),
    frozenset({"tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tf-nightly", "tensorflow-rocm"}),
    frozenset({"onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-training"}),
    frozenset({"xgboost", "xgboost-cpu"}),
    frozenset({"faiss", "faiss-cpu", "faiss-gpu", "faiss-gpu-cu11", "faiss-gpu-cu12"}),
    frozenset({"psycopg2", "psycopg2-binary"}),
    frozenset({"pillow", "pillow-simd"}),
    frozenset({"triton", "pytorch-triton", "pytorch-triton-rocm", "triton-windows"}),
)
"""Distributions that bring the same modules: one stands in for any other, whatever metadata says."""
_REFERENCES = {
    "pb.stale_descriptors": ("protocolbuffers/protobuf#10064",),
    "pin.torchvision": ("pytorch/vision#8985", "pytorch/pytorch#157648"),
}


def find_stand_in(required: str, installed: Container[str]) -> str:
    """Find an installed distribution that brings what a missing one would; empty for none."""
    for group in ALTERNATIVES:
        if required in group:
            return next((name for name in sorted(group) if name in installed), "")
    return ""


def choose_code(required: str, askers: Sequence[str], *, is_below: bool) -> str:
    """Choose the code for a requirement that is not met.

    Args:
        required: The distribution that is not what is asked for.
        askers: The distributions that ask.
        is_below: What is installed is older than asked for, or not the exact version.
    """
    if required in _BY_REQUIRED:
        old, new = _BY_REQUIRED[required]
        return old if is_below else new
    for asker in askers:
        wanted, code = _BY_ASKER.get(asker, ("", ""))
        if code and wanted in {"", required}:
            return code
    return PLAIN


def list_references(code: str) -> tuple[str, ...]:
    """List the threads that tell of a code."""
    return _REFERENCES.get(code, ())
