"""Whether a build of a package is made for GPUs, as far as its record says so.

Source: the build strings of conda-forge (`cpu_py311h...`, `cuda120py311h...`), of pytorch's channel
(`py3.11_cuda12.1_cudnn8.9.2_0`, `py3.11_cpu_0`) and of defaults (`gpu_py39h...`).
"""

import re
from enum import StrEnum

from envbench.model.package_needs import name_of
from envbench.model.plan import PackageRecord

_GPU = re.compile(r"(?:^|_)(?:cuda|gpu|rocm|cu\d{2,3}(?=_|$))")
_CPU = re.compile(r"(?:^|_)cpu(?![a-z])")
_GPU_NEEDS = frozenset({"__cuda", "cuda-version", "cudatoolkit", "pytorch-cuda", "cuda-cudart"})


class Flavour(StrEnum):
    """What a build computes with."""

    CPU = "cpu"
    """It says that it leaves GPUs alone."""
    GPU = "gpu"


def read_flavour(record: PackageRecord) -> Flavour | None:
    """Tell what a build is made for; None when its record does not say."""
    if _GPU.search(record.build):
        return Flavour.GPU
    if _CPU.search(record.build) or any(name_of(text) == "cpuonly" for text in record.depends):
        return Flavour.CPU
    needs_gpu = any(name_of(text) in _GPU_NEEDS for text in record.depends)
    return Flavour.GPU if needs_gpu else None
