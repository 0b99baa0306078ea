"""JAX: its backend and plugins, a compiled product and a gradient."""

import importlib.metadata
import importlib.util
import math
import os

DISTRIBUTIONS = ("jax",)
CONDA_NAMES = ("jax",)
RELATED = (
    "jaxlib",
    "jax-cuda12-plugin",
    "jax-cuda12-pjrt",
    "jax-cuda13-plugin",
    "jax-cuda13-pjrt",
    "jax-rocm60-plugin",
    "nvidia-cudnn-cu12",
    "nvidia-cudnn-cu13",
    "cudnn",
    "cuda-version",
    "ml-dtypes",
    "numpy",
    "scipy",
)
MODULES = ("jax", "jax.numpy", "jaxlib", "numpy")
EVERY_GPU = True


def prepare():
    """Take memory as it is needed, not three quarters of the card at once."""
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")


def facts(probing):
    """Say which backends there are, and why there is no GPU where its plugin is installed."""
    jax = probing.modules["jax"]
    plugins = _list_plugins()
    backend = jax.default_backend()
    devices = [_describe(device) for device in jax.devices() if device.platform != "cpu"]
    gpu_build = bool(plugins or devices or _find_cuda_build())
    found = {
        "version": jax.__version__,
        "jaxlib": probing.modules["jaxlib"].__version__,
        "plugins": plugins,
        "backend": backend,
        "gpu_build": gpu_build,
        "devices": devices,
        "device_used": devices[0]["uuid"] or devices[0]["name"] if devices else "cpu",
    }
    if gpu_build and not devices:
        found["gpu_error"] = _ask_for_gpu(jax)
    if not devices:
        reason = "JAX reaches none here" if gpu_build else "JAX is installed without its GPU plugin"
        probing.leave_unchecked("GPU: " + reason)
    elif len(devices) == 1:
        probing.leave_unchecked("collectives between GPUs: only one GPU is visible")
    # Devices have no UUID here: the driver's list has the same order.
    for device, known in zip(devices, probing.surroundings.list_driver_devices()[0]):
        device.update(known)
    if devices:
        found["device_used"] = devices[0]["uuid"] or devices[0]["name"]
    return found


def _list_plugins():
    names = (str(found.metadata["Name"]) for found in importlib.metadata.distributions())
    return sorted({name for name in names if name.startswith("jax-") and "plugin" in name})


def _find_cuda_build():
    """Tell whether jaxlib itself was built for CUDA, as conda's is."""
    try:
        return importlib.util.find_spec("jaxlib.cuda._versions") is not None
    except ImportError:
        return False


def _describe(device):
    try:
        memory = (device.memory_stats() or {}).get("bytes_limit")
    except Exception:
        memory = None
    return {
        "name": str(device.device_kind),
        "uuid": "",
        "capability": str(getattr(device, "compute_capability", "")),
        "memory_bytes": memory,
    }


def _ask_for_gpu(jax):
    try:
        jax.devices("gpu")
    except Exception as error:
        return str(error)
    return "the GPU backend comes up, but shows no device"


def checks(probing):
    """A compiled product against float64, a gradient against the cosine."""
    jax, numpy = probing.modules["jax"], probing.modules["numpy"]
    jnp = probing.modules["jax.numpy"]
    random = numpy.random.RandomState(20)
    left, right = random.standard_normal((2, 128, 128))
    points = [-2 + 0.04 * step for step in range(101)]
    known = probing.surroundings.list_driver_devices()[0]

    def matmul(device):
        product = jax.jit(jnp.matmul)(
            jax.device_put(left.astype("float32"), device),
            jax.device_put(right.astype("float32"), device),
        )
        return probing.relative_error(numpy.asarray(product, dtype="float64"), left @ right)

    def gradient(device):
        slope = jax.jit(jax.vmap(jax.grad(lambda x: jnp.sin(x) * x)))
        computed = slope(jax.device_put(numpy.asarray(points, dtype="float32"), device))
        reference = [math.cos(x) * x + math.sin(x) for x in points]
        return probing.relative_error(numpy.asarray(computed, dtype="float64"), reference)

    devices = [(jax.devices("cpu")[0], "cpu", "", 1e-4)]
    for index, device in enumerate(jax.devices()):
        if device.platform != "cpu":
            label = known[index]["uuid"] if index < len(known) else str(device)
            # TF32 keeps ten bits of mantissa on GPUs.
            devices.append((device, label, "_gpu%d" % index, 2e-3))
    for device, label, suffix, tolerance in devices:
        yield "matmul" + suffix, label, tolerance, lambda device=device: matmul(device)
        yield "gradient" + suffix, label, 1e-5, lambda device=device: gradient(device)
