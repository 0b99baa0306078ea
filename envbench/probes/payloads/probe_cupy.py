"""CuPy: the toolkit it was built for, the GPUs it reaches, numbers against NumPy."""

DISTRIBUTIONS = (
    "cupy",
    "cupy-cuda11x",
    "cupy-cuda12x",
    "cupy-cuda13x",
    "cupy-rocm-4-3",
    "cupy-rocm-5-0",
    "cupy-rocm-7-0",
)
CONDA_NAMES = ("cupy", "cupy-core")
RELATED = (
    "numpy",
    "fastrlock",
    "cuda-version",
    "cudatoolkit",
    "cuda-pathfinder",
    "nvidia-cuda-nvrtc",
    "nvidia-cuda-nvrtc-cu12",
)
MODULES = ("cupy", "numpy")


def facts(probing):
    """Say which CUDA it was built for, which it finds, and which devices."""
    cupy = probing.modules["cupy"]
    devices, reason = _list_devices(cupy, probing)
    found = {
        "version": cupy.__version__,
        "gpu_build": True,
        "cuda_build": _read(cupy.cuda.get_local_runtime_version)
        if hasattr(cupy.cuda, "get_local_runtime_version")
        else _read(cupy.cuda.runtime.runtimeGetVersion),
        "driver_cuda": _read(cupy.cuda.runtime.driverGetVersion),
        "devices": devices,
        "device_used": devices[0]["uuid"] if devices else "cpu",
    }
    if reason:
        found["gpu_error"] = reason
    if not devices:
        probing.leave_unchecked("all computing: CuPy needs a GPU, and none is reached here")
    return found


def _read(ask):
    try:
        return ask()
    except Exception:
        return None


def _list_devices(cupy, probing):
    """List the devices that CuPy reaches, and why there are none."""
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:
        return [], str(error)
    # CuPy cuts a UUID short at its first zero; the driver counts in the same order.
    devices, reason = probing.surroundings.list_driver_devices()
    return devices[:count], reason if count else "the runtime shows no device"


def checks(probing):
    """On a GPU: a product, a compiled kernel, a transform, memory; else only the versions."""
    cupy, numpy = probing.modules["cupy"], probing.modules["numpy"]
    random = numpy.random.RandomState(20)
    left, right = random.standard_normal((2, 128, 128))

    def version():
        return probing.check_version(cupy, DISTRIBUTIONS)

    def matmul():
        product = cupy.asarray(left.astype("float32")) @ cupy.asarray(right.astype("float32"))
        return probing.relative_error(product.get().astype("float64"), left @ right)

    def kernel():
        square = cupy.ElementwiseKernel("float64 x", "float64 y", "y = x * x + 1", "square")
        return probing.relative_error(square(cupy.asarray(left)).get(), left * left + 1)

    def transform():
        back = cupy.fft.ifft(cupy.fft.fft(cupy.asarray(left[0]))).real
        return probing.relative_error(back.get(), left[0])

    def memory():
        pool = cupy.cuda.MemoryPool()
        with cupy.cuda.using_allocator(pool.malloc):
            block = cupy.zeros(1 << 20, dtype="uint8")
            taken = pool.used_bytes()
            del block
        return abs(taken - (1 << 20)) / (1 << 20) + float(pool.used_bytes() != 0)

    yield "version", "cpu", 0.0, version
    devices, _ = _list_devices(cupy, probing)
    if devices:
        label = devices[0]["uuid"]
        yield "matmul", label, 2e-3, matmul
        yield "kernel", label, 1e-12, kernel
        yield "fft", label, 1e-12, transform
        yield "memory_pool", label, 0.01, memory
