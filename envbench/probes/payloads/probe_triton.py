"""Triton: its compiler, and a kernel that adds vectors on the GPU."""

import os

DISTRIBUTIONS = ("triton", "pytorch-triton", "pytorch-triton-rocm", "triton-nightly")
CONDA_NAMES = ("triton",)
RELATED = ("torch", "pytorch", "numpy")
MODULES = ("triton", "triton.language")


def prepare():
    """Keep what is compiled in the folder of this run."""
    os.environ.setdefault("TRITON_CACHE_DIR", os.path.abspath("triton"))


def facts(probing):
    """Name the back ends that are compiled in, and the GPU that PyTorch lends."""
    torch = _find_torch()
    found = {"devices": [], "device_used": "cpu"}
    if torch:
        found = probing.load_beside("torch_devices").describe(torch, probing.surroundings)
    found.update(
        {
            "version": probing.modules["triton"].__version__,
            "backends": _list_backends(),
            "torch": torch.__version__ if torch else None,
            "gpu_build": True,
        }
    )
    if not found["devices"]:
        lacks = "PyTorch reaches none here" if torch else "PyTorch is not installed to lend one"
        probing.leave_unchecked("kernels: Triton needs a GPU, and " + lacks)
    return found


def _find_torch():
    try:
        import torch
    except ImportError:
        return None
    return torch


def _list_backends():
    try:
        from triton.backends import backends
    except ImportError:
        return []
    return sorted(backends)


def checks(probing):
    """On a GPU: add vectors whose length is no multiple of the block; else only the versions."""
    triton = probing.modules["triton"]
    torch = _find_torch()

    def version():
        return probing.check_version(triton, DISTRIBUTIONS)

    def add():
        kernel = probing.load_beside("triton_kernel").add
        one = torch.arange(5000, dtype=torch.float32, device="cuda:0")
        result = torch.empty_like(one)
        kernel[(triton.cdiv(5000, 1024),)](one, one, result, 5000, BLOCK=1024)
        return probing.differ(result.cpu().tolist(), [2.0 * n for n in range(5000)])

    yield "version", "cpu", 0.0, version
    if torch and torch.cuda.is_available():
        label = probing.load_beside("torch_devices").name_device(torch, probing.surroundings, 0)
        yield "vector_add", label, 0.0, add
