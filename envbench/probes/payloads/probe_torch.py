"""PyTorch: what it was built for, which devices it reaches, and numbers against float64 on the CPU."""

import importlib.util
import math
import os
import re
import shutil
import sysconfig

DISTRIBUTIONS = ("torch",)
CONDA_NAMES = ("pytorch",)
RELATED = (
    "numpy",
    "triton",
    "cuda-version",
    "cudatoolkit",
    "cudnn",
    "libtorch",
    "nccl",
    "nvidia-cublas",
    "nvidia-cublas-cu12",
    "nvidia-cuda-runtime",
    "nvidia-cuda-runtime-cu12",
    "nvidia-cudnn-cu12",
    "nvidia-cudnn-cu13",
    "nvidia-nccl-cu12",
    "nvidia-nccl-cu13",
    "nvidia-nvjitlink",
    "nvidia-nvjitlink-cu12",
)
MODULES = ("torch",)
EVERY_GPU = True

_COMPILE_LIMIT_S = 30.0
_ALLOCATED_BYTES = 64 * 1024 * 1024


def prepare():
    """Keep what the compilers leave behind in the folder of this run, and their threads few."""
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", os.path.abspath("inductor"))
    os.environ.setdefault("TRITON_CACHE_DIR", os.path.abspath("triton"))
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
    # Plain code: to try out each vector unit it would compile and start PyTorch over and over.
    os.environ.setdefault("TORCHINDUCTOR_VEC_ISA_OK", "0")


def facts(probing):
    """Say what the build wants (CUDA or ROCm) and what it finds."""
    torch = probing.modules["torch"]
    found = probing.load_beside("torch_devices").describe(torch, probing.surroundings)
    gpu_build, devices = found["gpu_build"], found["devices"]
    _find_code_for(devices, torch)
    found.update(
        {
            "version": torch.__version__,
            "cuda_build": torch.version.cuda,
            "hip_build": getattr(torch.version, "hip", None),
            "git_version": torch.version.git_version,
            "architectures": _list_architectures(torch),
            "cudnn": torch.backends.cudnn.version() if gpu_build else None,
            "nccl": _read_nccl(torch) if gpu_build else None,
            "gpu_available": bool(devices),
            "threads": torch.get_num_threads(),
        }
    )
    if not gpu_build:
        probing.leave_unchecked("GPU: this is a CPU build of PyTorch")
    elif not devices:
        probing.leave_unchecked("GPU: this build of PyTorch reaches none here")
    if len(devices) == 1:
        probing.leave_unchecked("NCCL between GPUs: only one GPU is visible")
    return found


def _list_architectures(torch):
    # The flags are compiled in and can be read without a driver.
    read_flags = getattr(torch._C, "_cuda_getArchFlags", None)  # noqa: SLF001 - there is no public way
    return ((read_flags() if read_flags else None) or "").split()


def _find_code_for(devices, torch):
    """Note for each device what of this build runs on it."""
    architectures = _list_architectures(torch)
    for index, device in enumerate(devices):
        if getattr(torch.version, "hip", None):
            properties = torch.cuda.get_device_properties(index)
            name = str(getattr(properties, "gcnArchName", "")).split(":")[0]
            device["via"] = name if name in architectures else ""
        else:
            capability = tuple(map(int, device["capability"].split(".")))
            device["via"] = find_code(architectures, capability)
        # A build that does not tell what it holds may still hold it.
        device["supported"] = bool(device["via"]) or not architectures


def find_code(architectures, capability):
    """Find what of a build runs on a device: machine code first, PTX for later ones second.

    Args:
        architectures: `sm_90`, `sm_90a`, `sm_100f`, `compute_90`...
        capability: Major and minor of the device.

    Returns:
        Its name; empty when the build holds nothing for this device.
    """
    best = ""
    for name in architectures:
        parts = re.match(r"(sm|compute)_(\d+)(\d)([af]?)$", name)
        if not parts:
            continue
        kind, suffix = parts.group(1), parts.group(4)
        built_for = (int(parts.group(2)), int(parts.group(3)))
        if suffix == "a":
            fits = built_for == capability
        elif kind == "sm" or suffix == "f":
            fits = built_for[0] == capability[0] and built_for[1] <= capability[1]
        else:
            fits = built_for <= capability
        if fits and (kind == "sm" or not best.startswith("sm")):
            best = name
    return best


def _read_nccl(torch):
    try:
        version = torch.cuda.nccl.version()
    except (AttributeError, RuntimeError):
        return None
    return ".".join(map(str, version)) if isinstance(version, tuple) else str(version)


def checks(probing):
    """Products, convolution, gradient and more; on every visible GPU too."""
    torch = probing.modules["torch"]
    numbers = _Numbers(torch, probing)
    yield from numbers.check_device("cpu", "cpu", "", {})
    yield "numpy_bridge", "cpu", 0.0, numbers.cross_to_numpy
    devices = probing.load_beside("torch_devices").list_devices(torch, probing.surroundings)
    _find_code_for(devices, torch)
    for index, device in enumerate(devices):
        name, label = "cuda:%d" % index, device["uuid"]
        yield from numbers.check_device(name, label, "_cuda%d" % index, device)
    if len(devices) > 1:
        labels = ",".join(device["uuid"] for device in devices)
        yield "nccl_all_reduce", labels, 0.0, numbers.reduce_over_gpus
    used = "cuda:0" if devices else "cpu"
    label = devices[0]["uuid"] if devices else used
    yield "compile", label, 1e-5, lambda: numbers.compile_function(used)


class _Numbers:
    """Inputs and their float64 references, made once on the CPU."""

    def __init__(self, torch, probing):
        self._torch = torch
        self._probing = probing
        generator = torch.Generator().manual_seed(20)
        self._left = torch.randn(256, 256, generator=generator, dtype=torch.float64)
        self._right = torch.randn(256, 256, generator=generator, dtype=torch.float64)
        self._image = torch.randn(2, 3, 32, 32, generator=generator)
        self._kernel = torch.randn(8, 3, 3, 3, generator=generator)
        self._convolved = torch.nn.functional.conv2d(self._image.double(), self._kernel.double())

    def check_device(self, device, label, suffix, properties):
        """List the checks of one device; none runs on a GPU that the build has no code for."""
        torch = self._torch
        is_cpu = device == "cpu"
        # TF32 keeps ten bits of mantissa on GPUs.
        single = 1e-5 if is_cpu else 2e-3
        found = [
            ("matmul_fp32", single, lambda: self._multiply(device, torch.float32)),
            ("matmul_fp16", 5e-3, lambda: self._multiply(device, torch.float16)),
            ("matmul_bf16", 2e-2, lambda: self._multiply(device, torch.bfloat16)),
            ("conv2d", single, lambda: self._convolve(device)),
            ("autograd", 1e-4, lambda: self._differentiate(device)),
        ]
        if not is_cpu:
            found.append(("allocator", 0.01, lambda: self._allocate(device)))
            yield "architecture" + suffix, label, 0.0, lambda: self._refuse_foreign(properties)
        for name, tolerance, compute in found:
            yield name + suffix, label, tolerance, self._guard(properties, compute)

    def _guard(self, properties, compute):
        def run():
            if not properties.get("supported", True):
                self._probing.skip("this build has no code for the GPU, see architecture")
            return compute()

        return run

    def _refuse_foreign(self, properties):
        if properties["supported"]:
            return 0.0
        built_for = " ".join(_list_architectures(self._torch))
        raise RuntimeError(
            "no kernel image is available for %s (compute capability %s): this build holds %s"
            % (properties["name"], properties["capability"], built_for)
        )

    def _compare(self, computed, reference):
        return self._probing.relative_error(computed.detach().cpu().double(), reference)

    def _multiply(self, device, dtype):
        # Rounded before, so that only the product itself is judged.
        left, right = self._left.to(dtype), self._right.to(dtype)
        try:
            product = left.to(device) @ right.to(device)
        except RuntimeError as error:
            if "not implemented for" in str(error):
                self._probing.skip("this build does not multiply in this type: %s" % error)
            raise
        return self._compare(product, left.double() @ right.double())

    def _convolve(self, device):
        convolve = self._torch.nn.functional.conv2d
        computed = convolve(self._image.to(device), self._kernel.to(device))
        return self._compare(computed, self._convolved)

    def _differentiate(self, device):
        x = self._torch.linspace(-2, 2, 101, device=device, requires_grad=True)
        (x**3).sum().backward()
        return self._compare(x.grad, [3 * (-2 + 0.04 * step) ** 2 for step in range(101)])

    def _allocate(self, device):
        """Take memory, give it back, and see whether the books are right."""
        cuda = self._torch.cuda
        cuda.synchronize(device)
        cuda.empty_cache()
        cuda.reset_peak_memory_stats(device)
        before = cuda.memory_allocated(device)
        block = self._torch.empty(_ALLOCATED_BYTES, dtype=self._torch.uint8, device=device)
        taken = cuda.memory_allocated(device) - before
        del block
        left = cuda.memory_allocated(device) - before
        peak = cuda.max_memory_allocated(device) - before
        wrong = max(abs(taken - _ALLOCATED_BYTES), abs(left), abs(peak - _ALLOCATED_BYTES))
        return wrong / _ALLOCATED_BYTES

    def cross_to_numpy(self):
        """Give an array to NumPy and take it back without a copy."""
        if importlib.util.find_spec("numpy") is None:
            self._probing.skip("NumPy is not installed")
        import numpy

        shared = numpy.arange(6.0)
        tensor = self._torch.from_numpy(shared)
        tensor += 1
        return self._probing.differ(
            (shared.tolist(), tensor.numpy().tolist()), ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0],) * 2
        )

    def reduce_over_gpus(self):
        """Sum one tensor of each GPU over all of them."""
        torch = self._torch
        count = torch.cuda.device_count()
        tensors = [torch.full((1024,), float(i + 1), device="cuda:%d" % i) for i in range(count)]
        torch.cuda.nccl.all_reduce(tensors)
        expected = [count * (count + 1) / 2.0] * 1024
        return max(self._compare(tensor, expected) for tensor in tensors)

    def compile_function(self, device):
        """Have a small function compiled, where the compilers that this takes are at hand."""
        torch = self._torch
        reason = self._find_obstacle(device)
        if reason:
            self._probing.skip(reason)
        x = torch.linspace(-2, 2, 4096, device=device)
        reference = [math.sin(v) * 2 + math.cos(v) for v in x.cpu().tolist()]
        with self._probing.limit(_COMPILE_LIMIT_S):
            compiled = torch.compile(lambda v: torch.sin(v) * 2 + torch.cos(v))
            return self._compare(compiled(x), reference)

    def _find_obstacle(self, device):
        torch = self._torch
        if not hasattr(torch, "compile"):
            return "this PyTorch is older than torch.compile"
        is_supported = getattr(torch.compiler, "is_dynamo_supported", lambda: True)
        if not is_supported():
            return "this PyTorch does not compile on this Python"
        if device != "cpu" and importlib.util.find_spec("triton") is None:
            return "Triton is not installed"
        if not any(map(shutil.which, _list_compilers(device))):
            return "it needs a C++ compiler, and none is on the path"
        header = os.path.join(sysconfig.get_paths()["include"], "Python.h")
        if not os.path.isfile(header):
            return "it needs the headers of Python, which are not installed"
        return ""


def _list_compilers(device):
    if device == "cpu":
        return [os.environ.get("CXX", "g++").split()[0], "g++", "clang++"]
    return [os.environ.get("CC", "gcc").split()[0], "gcc", "clang"]
