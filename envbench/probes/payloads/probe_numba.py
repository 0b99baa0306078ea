"""Numba: compiled sums against the interpreter's, and a CUDA kernel where that can be."""

import os

DISTRIBUTIONS = ("numba",)
CONDA_NAMES = ("numba",)
RELATED = ("llvmlite", "numpy", "numba-cuda", "tbb", "cuda-version", "cudatoolkit")
MODULES = ("numba", "llvmlite", "numpy")


def prepare():
    """Keep what is compiled out of the environment."""
    os.environ.setdefault("NUMBA_CACHE_DIR", os.path.abspath("numba"))


def facts(probing):
    """Name the compiler below, and say whether CUDA can be used."""
    numba = probing.modules["numba"]
    available, reason = _ask_for_cuda()
    devices, driver = probing.surroundings.list_driver_devices() if available else ([], "")
    found = {
        "version": numba.__version__,
        "llvmlite": probing.modules["llvmlite"].__version__,
        "numpy": probing.modules["numpy"].__version__,
        "threads": numba.config.NUMBA_NUM_THREADS,
        "cuda": available,
    }
    # Without its CUDA part it is a library for the CPU, and no GPU is missed.
    if available or probing.surroundings.describe_distribution("numba-cuda"):
        found.update(gpu_build=True, devices=devices)
        found["device_used"] = devices[0]["uuid"] if devices else "cpu"
        found["gpu_error"] = reason or driver
    if not available:
        probing.leave_unchecked("CUDA: " + (reason or "numba.cuda is not available here"))
    return found


def _ask_for_cuda():
    try:
        from numba import cuda

        return bool(cuda.is_available()), str(cuda.cuda_error() or "")
    except Exception as error:
        return False, str(error)


def checks(probing):
    """Sum whole numbers, one thread and several; add vectors on the GPU."""
    numba, numpy = probing.modules["numba"], probing.modules["numpy"]
    numbers = numpy.arange(100_000, dtype="int64")

    def add_up():
        @numba.njit
        def total(values):
            result = 0
            for value in values:
                result += value * value
            return result

        return probing.differ(int(total(numbers)), sum(n * n for n in range(100_000)))

    def add_up_together():
        @numba.njit(parallel=True)
        def total(values):
            result = 0
            for index in numba.prange(len(values)):
                result += values[index] % 7
            return result

        return probing.differ(int(total(numbers)), sum(n % 7 for n in range(100_000)))

    def add_on_gpu():
        from numba import cuda

        @cuda.jit
        def add(one, other, result):
            index = cuda.grid(1)
            if index < result.size:
                result[index] = one[index] + other[index]

        one, result = cuda.to_device(numbers), cuda.device_array_like(numbers)
        add[(len(numbers) + 255) // 256, 256](one, one, result)
        return probing.differ(result.copy_to_host().tolist(), list(range(0, 200_000, 2)))

    yield "njit_sum", "cpu", 0.0, add_up
    yield "parallel_sum", "cpu", 0.0, add_up_together
    if _ask_for_cuda()[0]:
        known = probing.surroundings.list_driver_devices()[0]
        yield "cuda_add", known[0]["uuid"] if known else "cuda:0", 0.0, add_on_gpu
