"""Which package has a library, and which libraries are asked for in vain without harm.

Source: the file lists of conda-forge and PyPI packages, and of Debian's; threads where named.
"""

from envbench.model.diagnosis import Remedy, SpecChange

DRIVER_LIBRARIES = (
    "libcuda.so.",
    "libnvidia-",
    "libnvcuvid.so.",
    "libcudadebugger.so.",
    "libnvoptix.so.",
)
"""Beginnings of names that the NVIDIA driver installs: what lacks them lacks a driver."""

OPTIONAL = {
    "libtbb.so.": "numba's threading layer for TBB; it takes another one",
    "libtbbmalloc": "a faster allocator of TBB",
    "libibverbs.so.": "InfiniBand; only clusters have it",
    "librdmacm.so.": "InfiniBand; only clusters have it",
    "libmlx5.so.": "InfiniBand; only clusters have it",
    "libfabric.so.": "a transport of clusters",
    "libucp.so.": "a transport of clusters",
    "libucs.so.": "a transport of clusters",
    "libuct.so.": "a transport of clusters",
    "libucm.so.": "a transport of clusters",
    "libpmix.so.": "starting jobs on clusters",
    "libpmi.so.": "starting jobs on clusters",
    "libpmi2.so.": "starting jobs on clusters",
    "libmpi.so.": "MPI; only code that is started by it needs it",
    "libmpi_cxx.so.": "MPI; only code that is started by it needs it",
    "liboshmem.so.": "MPI; only code that is started by it needs it",
    "libcufile.so.": "reading files into GPU memory; there is another way",
    "libcufile_rdma.so.": "reading files into GPU memory over InfiniBand",
    "libgdrapi.so.": "direct copies between GPU and network",
    "libtcl": "windows of Tk",
    "libtk": "windows of Tk",
    "libX11.so.": "a screen; servers have none",
    "libxcb": "a screen; servers have none",
    "libEGL.so.": "a screen; servers have none",
    "libGLX.so.": "a screen; servers have none",
    "libOpenGL.so.": "a screen; servers have none",
    "libwayland-": "a screen; servers have none",
    "libxkbcommon": "a screen; servers have none",
    "libdbus-1.so.": "a desktop; servers have none",
    "libmysqlclient.so.": "a driver for MySQL",
    "libodbc.so.": "a driver for ODBC",
    "libpq.so.": "a driver for PostgreSQL",
    "libcups.so.": "printing",
    "libpulse": "sound",
    "libasound.so.": "sound",
    "libsnmp.so.": "a plug-in",
    "libnsl.so.1": "names of old networks",
    "libhsa-runtime64.so.": "AMD's GPUs",
    "libamdhip64.so.": "AMD's GPUs",
    "libze_loader.so.": "Intel's GPUs",
    "libsycl.so.": "Intel's GPUs",
    "libOpenCL.so.": "OpenCL",
    "libcutensor": "tensor contractions of cuTENSOR; cupy takes another way",
    "libcusparseLt": "sparse products of cuSPARSELt",
    "libpython": "embedding Python",
}
"""Beginning of a library's name to what it is for, where most people do without."""

_CUDA = {
    "libcudnn": "cudnn",
    "libcublas": "libcublas",
    "libcudart.so.": "cuda-cudart",
    "libcufft": "libcufft",
    "libcurand": "libcurand",
    "libcusolver": "libcusolver",
    "libcusparseLt": "cusparselt",
    "libcusparse": "libcusparse",
    "libnccl.so.": "nccl",
    "libnvrtc": "cuda-nvrtc",
    "libnvJitLink": "libnvjitlink",
    "libcupti": "cuda-cupti",
    "libnvToolsExt": "cuda-nvtx",
    "libnvshmem": "libnvshmem3",
}
_WHEELS = {
    "libcudnn": "cudnn",
    "libcublas": "cublas",
    "libcudart.so.": "cuda-runtime",
    "libcufft": "cufft",
    "libcurand": "curand",
    "libcusolver": "cusolver",
    "libcusparseLt": "cusparselt",
    "libcusparse": "cusparse",
    "libnccl.so.": "nccl",
    "libnvrtc": "cuda-nvrtc",
    "libnvJitLink": "nvjitlink",
    "libcupti": "cuda-cupti",
    "libnvToolsExt": "nvtx",
    "libnvshmem": "nvshmem",
}
_CONDA = {
    "libstdc++.so.": "libstdcxx-ng",
    "libgcc_s.so.": "libgcc-ng",
    "libgomp.so.": "libgomp",
    "libgfortran.so.": "libgfortran",
    "libquadmath.so.": "libgfortran",
    "libiomp5.so": "intel-openmp",
    "libomp.so": "llvm-openmp",
    "libmkl_": "mkl",
    "libopenblas": "libopenblas",
    "libblas.so.": "libblas",
    "libcblas.so.": "libcblas",
    "liblapack.so.": "liblapack",
    "libGL.so.": "libgl",
    "libgthread-2.0.so.": "glib",
    "libglib-2.0.so.": "glib",
    "libSM.so.": "xorg-libsm",
    "libICE.so.": "xorg-libice",
    "libXext.so.": "xorg-libxext",
    "libXrender.so.": "xorg-libxrender",
    "libz.so.": "libzlib",
    "libssl.so.": "openssl",
    "libcrypto.so.": "openssl",
    "libffi.so.": "libffi",
    "libsqlite3.so.": "libsqlite",
    "libhdf5": "hdf5",
    "libicu": "icu",
    "libxml2.so.": "libxml2",
    "libjpeg.so.": "libjpeg-turbo",
    "libpng16.so.": "libpng",
    "libtiff.so.": "libtiff",
    "libtbb.so.": "tbb",
}
_DEBIAN = {
    "libGL.so.": "libgl1",
    "libgthread-2.0.so.": "libglib2.0-0",
    "libglib-2.0.so.": "libglib2.0-0",
    "libSM.so.": "libsm6",
    "libXext.so.": "libxext6",
    "libXrender.so.": "libxrender1",
    "libgomp.so.": "libgomp1",
    "libgfortran.so.5": "libgfortran5",
    "libstdc++.so.": "libstdc++6",
    "libquadmath.so.": "libquadmath0",
    "libz.so.": "zlib1g",
}


def is_of_driver(name: str) -> bool:
    """Whether the NVIDIA driver installs a library of this name."""
    return name.startswith(DRIVER_LIBRARIES)


def say_optional(name: str) -> str:
    """Say what a library is for that most can do without; empty for any other."""
    return next((what for start, what in OPTIONAL.items() if name.startswith(start)), "")


def propose_library(name: str, *, has_conda: bool) -> tuple[Remedy, ...]:
    """Propose how to get a library.

    Args:
        name: Its file name, such as `libcudnn.so.9`.
        has_conda: The environment is conda's, so that its packages can be added.
    """
    major = name.partition(".so.")[2].partition(".")[0]
    found: list[Remedy] = []
    package = _lookup(_CUDA | _CONDA, name)
    if has_conda and package:
        is_versioned = package == "cudnn" and major
        requirement = f"{package} {major}.*" if is_versioned else package
        change = SpecChange(kind="require", requirement=requirement)
        found.append(Remedy(text=f"add the conda package {requirement}", changes=(change,)))
    wheel = _lookup(_WHEELS, name)
    if wheel and not has_conda:
        text = f"install the wheel nvidia-{wheel} (or nvidia-{wheel}-cu12) that has {name}"
        found.append(Remedy(text=text))
    debian = _lookup(_DEBIAN, name)
    if debian:
        text = f"install it in the system: the package {debian} of Debian and Ubuntu"
        found.append(Remedy(text=text, command=f"sudo apt-get install {debian}"))
    if not found:
        found.append(Remedy(text=f"install the package that has {name}"))
    return tuple(found)


def _lookup(table: dict[str, str], name: str) -> str:
    return next((package for start, package in table.items() if name.startswith(start)), "")
