"""Which package a shared library comes in: by the beginning of its name.

Source: the file lists of conda-forge's and Debian's packages of these names, and of NVIDIA's wheels.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LibrarySource:
    """Where a library comes from; what does not exist there is empty."""

    conda: str = ""
    pip: str = ""
    debian: str = ""
    what: str = ""
    """What it is, in a few words."""


_CUDA_MAJOR = {
    ("cufft", "10"): "11",
    ("cufft", "11"): "12",
    ("cufft", "12"): "13",
    ("cusolver", "11"): "12",
    ("cusolver", "12"): "13",
    ("cusparse", "11"): "11",
    ("cusparse", "12"): "12",
    ("cudnn", "8"): "12",
    ("cudnn", "9"): "12",
    ("nccl", "2"): "12",
    ("curand", "10"): "12",
}
"""Versions of libraries that do not follow the toolkit's, as the toolkit that has them."""

_NVIDIA = {
    "cudart": ("cuda-cudart", "nvidia-cuda-runtime", "CUDA's runtime"),
    "cublasLt": ("libcublas", "nvidia-cublas", "CUDA's linear algebra"),
    "cublas": ("libcublas", "nvidia-cublas", "CUDA's linear algebra"),
    "cudnn": ("cudnn", "nvidia-cudnn", "cuDNN"),
    "cufft": ("libcufft", "nvidia-cufft", "CUDA's Fourier transforms"),
    "cufile": ("libcufile", "nvidia-cufile", "CUDA's file access"),
    "cupti": ("cuda-cupti", "nvidia-cuda-cupti", "CUDA's profiling interface"),
    "curand": ("libcurand", "nvidia-curand", "CUDA's random numbers"),
    "cusolver": ("libcusolver", "nvidia-cusolver", "CUDA's solvers"),
    "cusparseLt": ("cusparselt", "nvidia-cusparselt", "CUDA's structured sparsity"),
    "cusparse": ("libcusparse", "nvidia-cusparse", "CUDA's sparse matrices"),
    "nccl": ("nccl", "nvidia-nccl", "NVIDIA's collective communication"),
    "npp": ("libnpp", "nvidia-npp", "CUDA's image primitives"),
    "nvJitLink": ("libnvjitlink", "nvidia-nvjitlink", "CUDA's linker"),
    "nvjpeg": ("libnvjpeg", "nvidia-nvjpeg", "CUDA's JPEG decoder"),
    "nvrtc": ("cuda-nvrtc", "nvidia-cuda-nvrtc", "CUDA's run-time compiler"),
    "nvshmem": ("libnvshmem3", "nvidia-nvshmem", "NVSHMEM"),
    "nvToolsExt": ("cuda-nvtx", "nvidia-nvtx", "CUDA's tracing marks"),
    "nvinfer": ("", "tensorrt", "TensorRT"),
}
_OTHERS: tuple[tuple[str, LibrarySource], ...] = (
    (
        "libnvvm",
        LibrarySource("cuda-nvvm-impl", "nvidia-cuda-nvcc-cu12", "", "CUDA's compiler for Numba"),
    ),
    ("libiconv", LibrarySource("libiconv", "", "", "character sets")),
    ("libgomp", LibrarySource("libgomp", "", "libgomp1", "the OpenMP runtime of GCC")),
    ("libomp", LibrarySource("llvm-openmp", "", "libomp5", "the OpenMP runtime of LLVM")),
    ("libiomp5", LibrarySource("intel-openmp", "intel-openmp", "", "the OpenMP runtime of Intel")),
    ("libmkl", LibrarySource("mkl", "mkl", "", "Intel's MKL")),
    ("libtbb", LibrarySource("tbb", "tbb", "libtbb12", "Intel's threading building blocks")),
    ("libopenblas|libscipy_openblas", LibrarySource("libopenblas", "", "libopenblas0", "OpenBLAS")),
    ("lib(?:c?blas|lapacke?)", LibrarySource("libblas", "", "libblas3", "linear algebra")),
    ("libgfortran", LibrarySource("libgfortran5", "", "libgfortran5", "the Fortran runtime")),
    ("libquadmath", LibrarySource("libgfortran5", "", "libquadmath0", "the Fortran runtime")),
    ("libstdc\\+\\+", LibrarySource("libstdcxx", "", "libstdc++6", "the C++ runtime")),
    ("libgcc_s", LibrarySource("libgcc", "", "libgcc-s1", "the runtime of GCC")),
    ("libGL\\.", LibrarySource("libgl", "", "libgl1", "OpenGL, wanted by OpenCV's windows")),
    ("libEGL", LibrarySource("libegl", "", "libegl1", "OpenGL without a screen")),
    ("libgthread|libglib|libgobject|libgio", LibrarySource("glib", "", "libglib2.0-0", "GLib")),
    ("libSM|libICE", LibrarySource("xorg-libsm", "", "libsm6", "X11")),
    ("libXext", LibrarySource("xorg-libxext", "", "libxext6", "X11")),
    ("libXrender", LibrarySource("xorg-libxrender", "", "libxrender1", "X11")),
    ("libX11", LibrarySource("xorg-libx11", "", "libx11-6", "X11")),
    ("libxcb", LibrarySource("libxcb", "", "libxcb1", "X11")),
    ("libOpenCL", LibrarySource("ocl-icd", "", "ocl-icd-libopencl1", "OpenCL")),
    ("libhdf5", LibrarySource("hdf5", "", "libhdf5-103", "HDF5")),
    ("libnetcdf", LibrarySource("libnetcdf", "", "libnetcdf19", "NetCDF")),
    ("libgdal", LibrarySource("libgdal", "", "libgdal32", "GDAL")),
    ("libgeos", LibrarySource("geos", "", "libgeos-c1v5", "GEOS")),
    ("libproj", LibrarySource("proj", "", "libproj25", "PROJ")),
    ("libspatialindex", LibrarySource("libspatialindex", "", "libspatialindex6", "rtree's index")),
    ("libsndfile", LibrarySource("libsndfile", "", "libsndfile1", "sound files")),
    ("libportaudio", LibrarySource("portaudio", "", "libportaudio2", "PortAudio")),
    ("libsox", LibrarySource("sox", "", "libsox3", "SoX")),
    (
        "lib(?:avcodec|avformat|avutil|avdevice|avfilter|swscale|swresample)",
        LibrarySource("ffmpeg", "", "ffmpeg", "FFmpeg"),
    ),
    ("libjpeg|libturbojpeg", LibrarySource("libjpeg-turbo", "", "libjpeg62-turbo", "JPEG")),
    ("libpng", LibrarySource("libpng", "", "libpng16-16", "PNG")),
    ("libtiff", LibrarySource("libtiff", "", "libtiff6", "TIFF")),
    ("libwebp", LibrarySource("libwebp", "", "libwebp7", "WebP")),
    ("libz\\.", LibrarySource("libzlib", "", "zlib1g", "zlib")),
    ("lib(?:ssl|crypto)\\.", LibrarySource("openssl", "", "libssl3", "OpenSSL")),
    ("libffi", LibrarySource("libffi", "", "libffi8", "foreign function calls")),
    ("libcrypt\\.", LibrarySource("libxcrypt", "", "libcrypt1", "password hashes")),
    ("libicu", LibrarySource("icu", "", "libicu72", "ICU")),
    ("libxml2", LibrarySource("libxml2", "", "libxml2", "XML")),
    ("libxslt", LibrarySource("libxslt", "", "libxslt1.1", "XSLT")),
    ("libmpi", LibrarySource("openmpi", "", "libopenmpi3", "MPI")),
    (
        "lib(?:ibverbs|rdmacm|mlx5)",
        LibrarySource("rdma-core", "", "ibverbs-providers", "InfiniBand"),
    ),
    ("libnuma", LibrarySource("libnuma", "", "libnuma1", "NUMA")),
    ("libaio", LibrarySource("libaio", "", "libaio1", "asynchronous files")),
    ("libtinfo|libncurses", LibrarySource("ncurses", "", "libncurses6", "ncurses")),
    ("libreadline", LibrarySource("readline", "", "libreadline8", "readline")),
    ("libarrow|libparquet", LibrarySource("pyarrow", "pyarrow", "", "Arrow")),
    ("libprotobuf|libprotoc", LibrarySource("libprotobuf", "", "", "protobuf's C++ library")),
    ("libabsl", LibrarySource("libabseil", "", "", "Abseil")),
    ("libboost", LibrarySource("libboost", "", "", "Boost")),
    ("lib(?:torch|c10|caffe2|shm\\.)", LibrarySource("pytorch", "torch", "", "PyTorch")),
    ("libtensorflow", LibrarySource("tensorflow", "tensorflow", "", "TensorFlow")),
    ("lib_?lightgbm", LibrarySource("lightgbm", "lightgbm", "", "LightGBM")),
    ("libxgboost", LibrarySource("xgboost", "xgboost", "", "XGBoost")),
    ("libllvmlite|libLLVM", LibrarySource("llvmlite", "llvmlite", "", "LLVM")),
    ("libfaiss", LibrarySource("faiss", "faiss-cpu", "", "Faiss")),
    ("libjvm", LibrarySource("openjdk", "", "default-jre-headless", "Java")),
    ("libmagic", LibrarySource("libmagic", "", "libmagic1", "file types")),
    ("libzbar", LibrarySource("zbar", "", "libzbar0", "bar codes")),
    ("libtk|libtcl", LibrarySource("tk", "", "libtk8.6", "Tk")),
    ("libcairo", LibrarySource("cairo", "", "libcairo2", "Cairo")),
    ("libpango", LibrarySource("pango", "", "libpango-1.0-0", "Pango")),
    ("libSDL2", LibrarySource("sdl2", "", "libsdl2-2.0-0", "SDL")),
    ("libusb", LibrarySource("libusb", "", "libusb-1.0-0", "USB")),
    ("libnsl", LibrarySource("libnsl", "", "libnsl2", "network services")),
    ("libsqlite3", LibrarySource("libsqlite", "", "libsqlite3-0", "SQLite")),
    ("lib(?:pq)\\.", LibrarySource("libpq", "", "libpq5", "PostgreSQL")),
    ("lib(?:mysqlclient|mariadb)", LibrarySource("libmysqlclient", "", "libmariadb3", "MySQL")),
    ("libodbc", LibrarySource("unixodbc", "", "libodbc2", "ODBC")),
    (
        "lib(?:amdhip|rocblas|hipblas|hipfft|MIOpen|rocm|hsa-runtime|roctx|rccl)",
        LibrarySource("", "", "", "AMD's ROCm"),
    ),
    (
        "lib(?:ze_loader|sycl|OpenCL|dnnl|ccl)",
        LibrarySource("dpcpp_impl_rt", "", "", "Intel's oneAPI"),
    ),
)


def find_source(library: str) -> LibrarySource | None:
    """Look up where a library comes from.

    Args:
        library: Its file name, such as `libcudnn.so.9`.
    """
    return _find_nvidia(library) or next(
        (source for name, source in _OTHERS if re.match(name, library, re.IGNORECASE)), None
    )


def cuda_major(library: str) -> str:
    """Tell which CUDA a library of the toolkit belongs to, by its version; empty when unknown."""
    found = re.match(r"lib(\w+?)(?:Lt)?[_.\w]*?\.so\.(\d+)", library)
    if not found:
        return ""
    name, version = found[1], found[2]
    for known in ("cufft", "cusolver", "cusparse", "cudnn", "nccl", "curand"):
        if name.startswith(known):
            return _CUDA_MAJOR.get((known, version), "")
    return version if 9 <= int(version) <= 99 else ""


def _find_nvidia(library: str) -> LibrarySource | None:
    if not library.startswith("lib"):
        return None
    for stem, (conda, pip, what) in _NVIDIA.items():
        if library.startswith(f"lib{stem}"):
            major = cuda_major(library)
            # From 13 on NVIDIA's wheels of the toolkit carry no suffix; cuDNN's and NCCL's still do.
            suffixed = stem in {"cudnn", "nccl", "cusparseLt", "nvshmem"}
            suffix = f"-cu{major}" if major and (suffixed or int(major) < 13) else ""
            name = pip if stem == "nvinfer" else f"{pip}{suffix}"
            return LibrarySource(conda, name, "", what)
    return None
