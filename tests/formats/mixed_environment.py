"""A realistic environment of conda and pip: CUDA wheels of PyTorch's index, a repository."""

from dataclasses import replace
from hashlib import sha256

from envbench.model.lock import Lock, PipPackage
from envbench.model.plan import PackageRecord
from tests.formats.exports.gpu_environment import conda, wheel

_PYTORCH = "https://download.pytorch.org/whl/cu118"


def licensed(package: PackageRecord, words: str | None, purl: str = "") -> PackageRecord:
    """Add what conda-forge's metadata says of it."""
    extra = {"purls": [f"pkg:pypi/{purl}?source=hash-mapping"]} if purl else {}
    return replace(package, license=words, extra=extra)


def cuda_wheel(name: str, version: str, *needs: str) -> PipPackage:
    """Describe a wheel of PyTorch's own index."""
    file_name = f"{name}-{version.replace('+', '%2B')}-cp310-cp310-linux_x86_64.whl"
    return PipPackage(
        name=name, version=version, url=f"{_PYTORCH}/{file_name}", index_url=_PYTORCH,
        sha256=sha256(file_name.encode()).hexdigest(), installer="uv", license="BSD-3-Clause",
        requires_python=">=3.8.0", requires_dist=needs, size_bytes=2_267_304_529,
    )  # fmt: skip


_PYTHON = "python >=3.10,<3.11.0a0"
MIXED = Lock(
    name="train",
    platform="linux-64",
    channels=("nvidia", "conda-forge"),
    packages=(
        licensed(conda("libgcc", "14.2.0", "h767d61c_2"), "GPL-3.0-only WITH GCC-exception-3.1"),
        licensed(conda("libopenblas", "0.3.29", "pthreads_h94d23a6_0", "libgcc >=14"), "BSD-3-Clause"),
        licensed(
            replace(
                conda("cuda-nvcc", "11.8.89", "0"), channel="nvidia",
                channel_url="https://conda.anaconda.org/nvidia",
                url="https://conda.anaconda.org/nvidia/linux-64/cuda-nvcc-11.8.89-0.tar.bz2",
                file_name="cuda-nvcc-11.8.89-0.tar.bz2",
            ),
            "LicenseRef-NVIDIA-End-User-License-Agreement",
        ),
        licensed(conda("python", "3.10.16", "he725a3c_1", "libgcc >=13"), "Python-2.0"),
        licensed(conda("setuptools", "75.8.2", "pyhff2d567_0", "python >=3.9", noarch="python"), "MIT", "setuptools"),
        licensed(conda("pip", "25.0.1", "pyh8b19718_0", "python >=3.9", "setuptools", noarch="python"), "MIT", "pip"),
        licensed(conda("numpy", "1.26.4", "py310hb13e2d6_0", _PYTHON, "libopenblas"), "BSD-3-Clause", "numpy"),
        licensed(conda("tqdm", "4.67.1", "pyhd8ed1ab_1", "python >=3.9", noarch="python"), "MPL-2.0 or MIT", "tqdm"),
    ),
    pip=(
        cuda_wheel("torch", "2.1.0+cu118", "filelock", "triton==2.1.0; platform_system == 'Linux'"),
        cuda_wheel("torchvision", "0.16.0+cu118", "numpy", "torch==2.1.0"),
        wheel("filelock", "3.17.0", "py3-none-any", license="The Unlicense"),
        wheel("triton", "2.1.0", "cp310-cp310-manylinux2014_x86_64.manylinux_2_17_x86_64", "filelock"),
        PipPackage(
            name="segment-tools", version="0.3.1", installer="uv", license="Apache 2.0",
            direct_url="git+https://github.com/example/segment-tools@" + "5f3c" * 10 + "#subdirectory=python",
            requires_dist=("torch>=2", "tqdm", "pytest; extra == 'test'"),
        ),
    ),
    variables=(("OMP_NUM_THREADS", "8"),),
    source="environment.yml",
)  # fmt: skip
HASHED = replace(MIXED, pip=MIXED.pip[:4])
"""The same without the repository: pip can check every hash."""
