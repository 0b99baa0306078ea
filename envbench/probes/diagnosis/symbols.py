"""What the name of a missing symbol says: whose it is, and so what does not fit to what.

Source: the Itanium C++ ABI (mangled names), and pytorch/pytorch#134929, #131312, #123097,
Dao-AILab/flash-attention#1644, #975.
"""

import re
from dataclasses import dataclass

_PART = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class SymbolFamily:
    """Symbols of one origin."""

    pattern: str
    owner: str
    """The package whose symbol it is, as people call it."""
    code: str
    cause: str
    remedy: str
    require: str = ""
    """A requirement that mends it, in conda's words; empty where that depends."""
    packages: tuple[str, ...] = ()


_MIXED = (
    "The library that has this symbol is there in another version than the caller was built for."
)

FAMILIES = (
    SymbolFamily(
        r"\b(at|c10|c10d|torch|caffe2|torchvision|fbgemm)::|^(THP|aoti_torch_|torch_)|N(2at|3c10|5torch)",
        "torch",
        "abi.torch_cxx",
        "The extension was built against another PyTorch, or with the other C++ ABI, than the one here.",
        "take a build of {user_or_it} made for exactly this PyTorch ({torch_said}), or build it again here",
        packages=("torch",),
    ),
    SymbolFamily(
        r"^_?_?Py(?!Array)[A-Z]\w*|^_Py_|^Py_",
        "Python",
        "abi.python_tag",
        "The extension was built for another Python than the one that runs it.",
        "take the build of {user_or_it} for Python {python_or_this}",
    ),
    SymbolFamily(
        r"^__?nvJitLink",
        "nvJitLink",
        "lib.undefined_symbol",
        "cuSPARSE wants a newer nvJitLink than the one that was loaded before it, most often from "
        "another CUDA on LD_LIBRARY_PATH.",
        "take another CUDA off LD_LIBRARY_PATH, or raise nvJitLink to the release of cuSPARSE",
        packages=("nvidia-nvjitlink",),
    ),
    SymbolFamily(
        r"^iJIT_|^__itt_",
        "mkl",
        "lib.undefined_symbol",
        "MKL 2024.1 no longer has the symbols of Intel's profiler that this PyTorch is linked to.",
        "take an MKL before 2024.1",
        "mkl <2024.1",
        ("mkl",),
    ),
    SymbolFamily(
        r"^(mkl_|MKL_|vml|_?vsl|DFTI)",
        "mkl",
        "lib.undefined_symbol",
        "Parts of two releases of MKL were loaded together.",
        "have one MKL only: reinstall mkl, and take foreign ones off LD_LIBRARY_PATH",
        packages=("mkl",),
    ),
    SymbolFamily(
        r"^cu[A-Z]\w*",
        "the NVIDIA driver",
        "gpu.driver_too_old",
        "The driver's own library lacks a call that this build needs.",
        "raise the NVIDIA driver, or take a build for an older CUDA",
    ),
    SymbolFamily(
        r"^nvml",
        "the NVIDIA driver",
        "gpu.driver_too_old",
        "The driver's management library lacks a call that this build needs.",
        "raise the NVIDIA driver",
    ),
    SymbolFamily(
        r"^(nccl|cudnn|cublas|cusparse|cusolver|cufft|curand|cuda|__cuda|nvrtc|cupti|nvshmem|nvtx)",
        "CUDA's libraries",
        "lib.undefined_symbol",
        "A CUDA library of another release than the one it was built with was loaded: often from "
        "LD_LIBRARY_PATH, or from a wheel that does not belong to this build.",
        "let all CUDA libraries be of one release: take foreign ones off LD_LIBRARY_PATH, reinstall "
        "{user_or_it} with its own",
    ),
    SymbolFamily(
        r"^(__isoc\d+_|__libc_|__memcpy_chk|__strlcpy|__xstat|__fxstat|__lxstat|arc4random|pthread_|"
        r"gnu_get_libc|__vasprintf|__printf_chk|_dl_|fcntl64|clock_gettime$)",
        "glibc",
        "lib.glibc",
        "The extension was built on a newer Linux than this one, or for another C library.",
        "take a build for an older Linux (manylinux2014, or from conda)",
    ),
    SymbolFamily(
        r"\bstd::(?!__cxx11)|^_Z(N?K?S[tsabio]|T[VISC]St)|^__cxa_|^_Zn[wa]|^__gxx_",
        "the C++ runtime",
        "lib.undefined_symbol",
        "The libstdc++ that was loaded is older than the compiler of the extension.",
        "raise libstdcxx in the environment, and take older copies off LD_LIBRARY_PATH",
        "libstdcxx >=13",
        ("libstdcxx",),
    ),
    SymbolFamily(
        r"^(GOMP_|omp_|__kmpc_|kmp_)",
        "OpenMP",
        "lib.undefined_symbol",
        "The OpenMP runtime that was loaded is not the one that the extension was built for.",
        "have one OpenMP runtime: reinstall {user_or_it}, take foreign ones off LD_LIBRARY_PATH",
    ),
    SymbolFamily(
        r"^(SSL_|EVP_|OPENSSL_|CRYPTO_|X509_|BIO_|ERR_|RSA_|EC_|DTLS|TLS)",
        "openssl",
        "lib.undefined_symbol",
        "An OpenSSL of another release than the one it was built with was loaded.",
        "reinstall openssl and cryptography from one source, and take others off LD_LIBRARY_PATH",
        packages=("openssl", "cryptography"),
    ),
    SymbolFamily(r"^(ffi_)", "libffi", "lib.undefined_symbol", _MIXED, "reinstall libffi and {user_or_it}"),
    SymbolFamily(
        r"^(H5|H5_)", "hdf5", "lib.undefined_symbol", _MIXED, "take h5py, netcdf4 and hdf5 from one channel"
    ),
    SymbolFamily(
        r"\bgoogle::protobuf::|\babsl::",
        "protobuf",
        "lib.undefined_symbol",
        "The C++ library of protobuf, or Abseil, is of another release than the caller was built for.",
        "take {user_or_it} and protobuf from one channel, of one time",
        packages=("libprotobuf",),
    ),
    SymbolFamily(
        r"\b(tensorflow|tsl|xla|stream_executor|mlir)::|^TF_|^TFE_",
        "tensorflow",
        "lib.undefined_symbol",
        "The extension was built against another TensorFlow than the one here.",
        "take the release of {user_or_it} made for this TensorFlow",
        packages=("tensorflow",),
    ),
    SymbolFamily(
        r"\b(arrow|parquet)::", "pyarrow", "lib.undefined_symbol", _MIXED,
        "take {user_or_it} and pyarrow of one time and one channel", packages=("pyarrow",),
    ),
    SymbolFamily(r"\bcv::", "opencv", "lib.undefined_symbol", _MIXED, "have one OpenCV only, and reinstall it"),
    SymbolFamily(r"\bboost::", "boost", "lib.undefined_symbol", _MIXED, "take {user_or_it} and boost from one channel"),
    SymbolFamily(r"\bllvm::|^LLVM", "LLVM", "lib.undefined_symbol", _MIXED, "take numba and llvmlite of one time"),
    SymbolFamily(r"^(MPI_|ompi_|MPIR_)", "MPI", "lib.undefined_symbol", _MIXED, "take mpi4py and its MPI from one channel"),
    SymbolFamily(r"^(hip|roc|rccl|hsa_|miopen)", "ROCm", "lib.undefined_symbol", _MIXED, "let ROCm and {user_or_it} be of one release"),
    SymbolFamily(
        r"^(cblas_|LAPACKE_|openblas_|[sdcz](gemm|gemv|getrf|gesv|syrk|potrf|geqrf)\w*_?)",
        "BLAS",
        "lib.undefined_symbol",
        "The BLAS that was loaded lacks a routine that the extension was built with.",
        "take {user_or_it}, numpy and libblas from one channel",
    ),
)  # fmt: skip


def demangle(symbol: str) -> str:
    """Read the name out of a mangled C++ symbol, without its arguments.

    Returns:
        Such as `c10::detail::torchInternalAssertFail`; the symbol itself when it is not mangled, or
        is in a way that this does not read.
    """
    found = re.match(r"_ZT?[VISC]?(N[KVr]*)?", symbol)
    if not symbol.startswith("_Z") or not found:
        return symbol
    position, parts = found.end(), []
    if symbol.startswith("St", position):
        parts.append("std")
        position += 2
    while match := _PART.match(symbol, position):
        length = int(match[1])
        begin = match.end()
        part = symbol[begin : begin + length]
        if len(part) < length:
            break
        parts.append(part)
        position = begin + length
        if not found[1]:
            break
    return "::".join(parts) or symbol


def find_family(symbol: str) -> SymbolFamily | None:
    """Tell whose a symbol is."""
    name = demangle(symbol)
    return next(
        (
            family
            for family in FAMILIES
            if re.search(family.pattern, name) or re.search(family.pattern, symbol)
        ),
        None,
    )
