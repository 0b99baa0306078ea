"""A realistic environment for GPUs, as a lock: PyTorch with CUDA, numpy, JupyterLab, a pip part."""

from dataclasses import replace
from hashlib import md5, sha256

from envbench.model.host import VirtualPackage
from envbench.model.lock import Lock, PipPackage
from envbench.model.plan import PackageRecord

_FORGE = "https://conda.anaconda.org/conda-forge"
_WHEELS = "https://files.pythonhosted.org/packages"


def conda(
    name: str, version: str, build: str, *depends: str, noarch: str | None = None
) -> PackageRecord:
    subdir = "noarch" if noarch else "linux-64"
    file_name = f"{name}-{version}-{build}.conda"
    return PackageRecord(
        name=name, version=version, build=build, build_number=int(build.rpartition("_")[2]),
        subdir=subdir, file_name=file_name, url=f"{_FORGE}/{subdir}/{file_name}",
        channel="conda-forge", channel_url=_FORGE, depends=depends, noarch=noarch,
        md5=md5(file_name.encode()).hexdigest(), sha256=sha256(file_name.encode()).hexdigest(),
    )  # fmt: skip


def wheel(name: str, version: str, tags: str, *needs: str, license: str = "MIT") -> PipPackage:
    file_name = f"{name.replace('-', '_')}-{version}-{tags}.whl"
    digest = sha256(file_name.encode()).hexdigest()
    return PipPackage(
        name=name, version=version, url=f"{_WHEELS}/{digest[:2]}/{digest[2:4]}/{file_name}",
        sha256=digest, installer="uv", requires_dist=needs, license=license,
    )  # fmt: skip


GPU = Lock(
    name="gpu-lab",
    platform="linux-64",
    channels=("conda-forge",),
    packages=(
        conda("_libgcc_mutex", "0.1", "conda_forge_0"),
        conda("ca-certificates", "2025.11.12", "hbd8a1cb_0", noarch="generic"),
        conda("cuda-version", "12.6", "h7480c83_3", noarch="generic"),
        conda("libgcc", "15.2.0", "h767d61c_7", "_libgcc_mutex 0.1 conda_forge"),
        conda("libopenblas", "0.3.30", "pthreads_h94d23a6_2", "libgcc >=14"),
        conda("cuda-cudart", "12.6.77", "h5888daf_0", "cuda-version >=12.6,<12.7.0a0"),
        conda("cudnn", "9.10.1.4", "h7646684_1", "cuda-version >=12,<13", "libgcc >=13"),
        conda("python", "3.11.14", "hd63d673_2", "libgcc >=14", "ca-certificates"),
        conda("pip", "25.3", "pyh8b19718_0", "python >=3.9", noarch="python"),
        conda("numpy", "2.3.5", "py311h2e04523_0", "python >=3.11,<3.12.0a0", "libopenblas"),
        conda("iniconfig", "2.3.0", "pyhd8ed1ab_0", "python >=3.10", noarch="python"),
        conda("pytest", "9.0.1", "pyhcf101f3_0", "python >=3.10", "iniconfig", noarch="python"),
        conda("jupyterlab", "4.5.0", "pyhd8ed1ab_0", "python >=3.10", noarch="python"),
        conda(
            "pytorch", "2.9.1", "cuda126_mkl_py311_h81a1a1b_300", "__cuda >=12.6",
            "cuda-cudart >=12.6.77,<13.0a0", "cudnn >=9.10.1.4,<10.0a0", "numpy >=1.23,<3",
            "python >=3.11,<3.12.0a0",
        ),
    ),
    pip=(
        wheel("einops", "0.8.1", "py3-none-any"),
        wheel("safetensors", "0.7.0", "cp38-abi3-manylinux_2_17_x86_64", license="Apache-2.0"),
        wheel("timm", "1.0.22", "py3-none-any", "torch", "safetensors", license="Apache-2.0"),
    ),
    variables=(("OMP_NUM_THREADS", "8"), ("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")),
    virtual_packages=(VirtualPackage("__cuda", "12.6", "0"), VirtualPackage("__glibc", "2.39", "0")),
    source="environment.yml",
)  # fmt: skip
"""PyTorch with CUDA from conda-forge, with its own pip, and three wheels."""

FROM_REPOSITORY = replace(
    GPU,
    packages=tuple(p for p in GPU.packages if p.name not in {"pip", "pytest"}),
    pip=(
        *GPU.pip,
        PipPackage(
            name="lab-tools", version="0.3", installer="uv",
            direct_url="git+https://github.com/example/lab-tools@" + "0a" * 20,
        ),
    ),
)  # fmt: skip
"""The same without pip and pytest, and with a package from a repository."""

CPU = replace(
    GPU,
    name="plain",
    packages=tuple(
        p
        for p in GPU.packages
        if not p.name.startswith("cu") and p.name not in {"pytorch", "jupyterlab"}
    ),
    pip=(),
    variables=(),
    virtual_packages=(),
)
"""Nothing for GPUs, nothing of pip's, no variables."""
