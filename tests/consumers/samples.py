"""Environments as users have them, for the consumers' own code to judge: every odd thing in one."""

import hashlib
import re
from dataclasses import replace

from envbench.model.host import VirtualPackage
from envbench.model.lock import Lock, PipPackage
from envbench.model.plan import PackageRecord

FORGE = "https://conda.anaconda.org/conda-forge"
PYTORCH = "https://conda.anaconda.org/pytorch"
CU118 = "https://download.pytorch.org/whl/cu118"
PYPI = "https://pypi.org/simple"
COMMIT = "3f1c" * 10


def record(name: str, version: str, build: str, *depends: str, **more: object) -> PackageRecord:
    subdir = str(more.pop("subdir", "linux-64"))
    base = str(more.pop("base", FORGE))
    extension = more.pop("extension", "conda")
    file_name = f"{name}-{version}-{build}.{extension}"
    seed = f"{subdir}{file_name}"
    values: dict[str, object] = {
        "name": name, "version": version, "build": build,
        "build_number": sum(map(int, re.findall(r"(?:^|_)(\d+)(?:_|$)", build)[:1])),
        "subdir": subdir, "file_name": file_name, "url": f"{base}/{subdir}/{file_name}",
        "channel": base.rpartition("/")[2], "channel_url": base, "depends": depends,
        "md5": digest(seed, 32), "sha256": digest(seed, 64), "size_bytes": 1000 + len(seed),
        "timestamp_ms": 1_700_000_000_000 + len(seed),
    }  # fmt: skip
    return PackageRecord(**(values | more))  # type: ignore[arg-type]


def digest(text: str, length: int) -> str:
    """Give a digest; one in three is of digits only, which YAML would take for a number."""
    whole = hashlib.sha512(text.encode()).hexdigest()
    if int(whole[:2], 16) % 3 == 0:
        whole = whole.translate(str.maketrans("abcdef", "123456"))
    return whole[:length]


CONDA = (
    record("_libgcc_mutex", "0.1", "conda_forge", license="None", extension="tar.bz2"),
    record("libgcc", "14.2.0", "h767d61c_2", "_libgcc_mutex 0.1 conda_forge",
           license="GPL-3.0-only WITH GCC-exception-3.1"),
    record("cuda-version", "12.1", "h1d6eff3_3", subdir="noarch", noarch="generic",
           constrains=("cudatoolkit 12.1|12.1.*", "__cuda >=12"),
           license="LicenseRef-NVIDIA-End-User-License-Agreement"),
    record("tzdata", "2024a", "h0c530f3_0", subdir="noarch", noarch="generic",
           license="LicenseRef-Public-Domain"),
    record("python", "3.10", "hab00c5b_0_cpython", "libgcc >=13", "tzdata", license="Python-2.0",
           constrains=("python_abi 3.10.* *_cp310",)),
    record("python_abi", "3.10", "5_cp310", "python 3.10.* *_cpython", license="BSD-3-Clause"),
    record("pip", "24.0", "pyhd8ed1ab_0", "python >=3.7", subdir="noarch", noarch="python",
           license="MIT", extra={"purls": ["pkg:pypi/pip"]}),
    record("numpy", "1.26.4", "py310hb13e2d6_0", "python >=3.10,<3.11.0a0",
           "python_abi 3.10.* *_cp310", "libgcc >=12", license="BSD-3-Clause",
           extra={"purls": ["pkg:pypi/numpy"], "license_family": "BSD"}),
    record("old-tool", "010", "0", "python", extension="tar.bz2", license="BSD"),
    record("pytorch", "2.3.1", "py3.10_cuda12.1_cudnn8.9.2_0", "python >=3.10,<3.11.0a0", "numpy",
           "cuda-version 12.1.*", base=PYTORCH, license="BSD 3-Clause",
           extra={"track_features": "cuda", "purls": ["pkg:pypi/torch"]}),
)  # fmt: skip

PIP = (
    PipPackage(
        name="tabulate", version="0.9.0", installer="uv", sha256="ab" * 32, size_bytes=35_252,
        url="https://files.pythonhosted.org/packages/40/44/tabulate-0.9.0-py3-none-any.whl",
        index_url=PYPI, requires_python=">=3.7", requires_dist=("wcwidth; extra == 'widechars'",),
        license="MIT",
    ),
    PipPackage(
        name="torchaudio", version="2.3.1+cu118", installer="uv", sha256="01" * 32,
        url=f"{CU118}/torchaudio-2.3.1%2Bcu118-cp310-cp310-linux_x86_64.whl", index_url=CU118,
        requires_dist=("torch==2.3.1",),
    ),
    PipPackage(
        name="from-git", version="0.1.dev3", installer="uv", license="Apache 2.0",
        direct_url=f"git+https://github.com/example/from-git@{COMMIT}", requires_dist=(),
    ),
    PipPackage(
        name="from-url", version="1.2", installer="pip", sha256="cd" * 32,
        url="https://example.org/dist/from_url-1.2-py3-none-any.whl",
        direct_url="https://example.org/dist/from_url-1.2-py3-none-any.whl",
        requires_dist=("tabulate>=0.8",),
    ),
)  # fmt: skip

GPU_BOX = Lock(
    name="ai_dev_env",
    platform="linux-64",
    channels=("pytorch", "conda-forge"),
    packages=CONDA,
    pip=PIP,
    variables=(("OMP_NUM_THREADS", "4"), ("TITLE", "it's \"$HOME\" # 1: no")),
    indexes=(PYPI, CU118),
    virtual_packages=(
        VirtualPackage("__linux", "5.15", "0"), VirtualPackage("__glibc", "2.31", "0"),
        VirtualPackage("__cuda", "12.4", "0"),
    ),
    source="environment.yml",
)  # fmt: skip
"""The article's kind: two channels, a GPU build, a pip part of every origin, variables."""

PLAIN_PIP = replace(GPU_BOX, name="plain", pip=PIP[:2])
"""Its pip part comes from indexes only."""

CONDA_ONLY = replace(GPU_BOX, name="conda-only", pip=(), indexes=(), variables=())

LAPTOP = replace(
    CONDA_ONLY,
    name="conda-only",
    platform="osx-arm64",
    virtual_packages=(VirtualPackage("__osx", "13.0", "0"),),
    packages=(
        record("tzdata", "2024a", "h0c530f3_0", subdir="noarch", noarch="generic"),
        record("python", "3.10", "hdf0ec26_0_cpython", "tzdata", subdir="osx-arm64"),
        record("numpy", "1.26.4", "py310hd45542a_0", "python >=3.10,<3.11.0a0", subdir="osx-arm64"),
    ),
)
"""The same environment on another platform, with a noarch package that both have."""
