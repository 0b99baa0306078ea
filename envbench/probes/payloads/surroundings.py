"""Where a probe really is: origins of modules, loaded libraries, installed distributions, driver.

Loaded by path by `main.py`, standard library only, Python >= 3.8.
"""

import importlib.metadata
import os
import re
import resource
import sys
import sysconfig

try:
    import ctypes
except ImportError:  # a Python built without libffi: the probe of the interpreter says so
    ctypes = None

FAMILIES = (
    "bitsandbytes",
    "cudf",
    "cupy",
    "cv2",
    "google.protobuf",
    "jax",
    "jaxlib",
    "keras",
    "llvmlite",
    "numba",
    "numpy",
    "onnxruntime",
    "pandas",
    "pydantic",
    "pydantic_core",
    "scipy",
    "sklearn",
    "tensorflow",
    "tokenizers",
    "torch",
    "torchvision",
    "transformers",
    "triton",
)
"""Modules whose origin is told whenever they are loaded: versions of these clash."""

_HERE = os.path.dirname(os.path.abspath(__file__))
_SYSTEM = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")
"""Where the libraries lie that every program of this box gets: nothing leaks in from there."""

_CUDA = (
    "cudart|cublas|cublasLt|cudnn|cufft|cufftw|cufile|cupti|curand|cusolver|cusolverMg|cusparse"
    "|cusparseLt|nccl|nvinfer|nvJitLink|nvrtc|nvToolsExt|nvjpeg|nvshmem"
)
_ABOUT_NUMPY = re.compile(r"numpy\b")
_OPENMP = re.compile(r"lib(gomp|iomp5|omp)\b")
_FAMILY = re.compile(
    r"lib((%s)[\w.-]*|stdc\+\+|gomp|iomp5|omp|openblas\w*|mkl_\w+|blas|cblas|lapack|blis|tbb)(?=[.-])"
    % _CUDA
)


def describe(modules):
    """Say where the modules of interest and the libraries in memory come from.

    Args:
        modules: Names of the modules that the probe is about.
    """
    names = list(dict.fromkeys((*modules, *(n for n in FAMILIES if n in sys.modules))))
    libraries = list_libraries()
    return {
        "origins": {name: _find_file(sys.modules.get(name)) or "built-in" for name in names},
        "outside_prefix": find_outsiders(),
        "foreign_libraries": [
            path
            for path in libraries
            if _FAMILY.match(os.path.basename(path))
            and not path.startswith(_SYSTEM)
            and not _is_below(path, sys.prefix)
        ],
        "openmp_runtimes": [path for path in libraries if _OPENMP.match(os.path.basename(path))],
        "driver_library": next(
            (path for path in libraries if os.path.basename(path).startswith("libcuda.so")), ""
        ),
    }


def find_outsiders():
    """Name the loaded top-level modules that belong to neither the prefix nor the interpreter."""
    paths = sysconfig.get_paths()
    standard = {os.path.realpath(paths[name]) for name in ("stdlib", "platstdlib")}
    found = []
    for name, module in sorted(sys.modules.items()):
        file = None if "." in name else _find_file(module)
        if not file or not os.path.isabs(file):
            continue
        if _is_below(file, sys.prefix) or _is_below(file, _HERE):
            continue
        real = os.path.realpath(file)
        is_added = "site-packages" in real or "dist-packages" in real
        if is_added or not any(real.startswith(folder + os.sep) for folder in standard):
            found.append(name)
    return found


def read_memory_peak():
    """Read the largest resident size of this process so far, in bytes."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    # Where there is no /proc. It carries over what the parent had before it started this program.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def list_libraries():
    """List the shared libraries in memory, each once, by path."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            paths = {line.rstrip("\n").split(None, 5)[5] for line in maps if "/" in line}
    except (OSError, IndexError):
        return []
    return sorted(path for path in paths if ".so" in os.path.basename(path))


def describe_distribution(name):
    """Read the metadata of an installed distribution, or None."""
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    origin = str(getattr(found, "_path", ""))
    wheel = (found.read_text("WHEEL") or "").splitlines()
    return {
        "version": found.version,
        "installer": (found.read_text("INSTALLER") or "").strip(),
        "origin": origin,
        "in_prefix": str(_is_below(origin, sys.prefix)).lower(),
        "wheel_tag": next((line[4:].strip() for line in wheel if line.startswith("Tag:")), ""),
        "requires": ", ".join(line for line in found.requires or () if _ABOUT_NUMPY.match(line)),
    }


def find_conda_record(name):
    """Find conda's record of a package by its file name: version and build, or None."""
    folder = os.path.join(sys.prefix, "conda-meta")
    for entry in os.listdir(folder) if os.path.isdir(folder) else ():
        parts = entry[:-5].rsplit("-", 2) if entry.endswith(".json") else ()
        if len(parts) == 3 and parts[0] == name:
            return {"version": parts[1], "build": parts[2]}
    return None


def list_driver_devices():
    """Ask the driver itself, for frameworks that cannot list devices.

    Returns:
        The devices, and why there are none: empty when there are some.
    """
    if ctypes is None:
        return [], "this Python has no ctypes"
    try:
        driver = ctypes.CDLL("libcuda.so.1")
        code = driver.cuInit(0)
        if code:
            return [], "cuInit ended with %d" % code
        count = ctypes.c_int()
        driver.cuDeviceGetCount(ctypes.byref(count))
        devices = [_describe_device(driver, index) for index in range(count.value)]
    except (OSError, AttributeError) as error:
        return [], str(error)
    return devices, "" if devices else "the driver shows no device"


def name_uuid(value):
    """Write the UUID of a GPU as the driver's own tools do."""
    text = str(value or "")
    return text if not text or text.startswith(("GPU-", "MIG-")) else "GPU-" + text


def _describe_device(driver, index):
    name, uuid = ctypes.create_string_buffer(256), (ctypes.c_ubyte * 16)()
    memory, numbers = ctypes.c_size_t(), []
    driver.cuDeviceGetName(name, 256, index)
    getattr(driver, "cuDeviceGetUuid_v2", driver.cuDeviceGetUuid)(uuid, index)
    driver.cuDeviceTotalMem_v2(ctypes.byref(memory), index)
    for attribute in (75, 76):  # compute capability: major, minor
        number = ctypes.c_int()
        driver.cuDeviceGetAttribute(ctypes.byref(number), attribute, index)
        numbers.append(number.value)
    digits = bytes(uuid).hex()
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return {
        "name": name.value.decode("utf-8", "replace"),
        "uuid": name_uuid("-".join(parts)),
        "capability": "%d.%d" % tuple(numbers),
        "memory_bytes": memory.value,
    }


def _find_file(module):
    """Find the file of a module; the folder of one that is only a namespace; else None."""
    try:
        file = getattr(module, "__file__", None)
        return file if isinstance(file, str) else str(next(iter(module.__path__)))
    except Exception:  # objects that stand in for modules do what they like when asked
        return None


def _is_below(path, folder):
    return os.path.realpath(path).startswith(os.path.realpath(folder) + os.sep)
