"""TensorFlow: what it was built with, the devices it reaches, a product and a compiled gradient."""

import os

DISTRIBUTIONS = (
    "tensorflow",
    "tensorflow-cpu",
    "tensorflow-intel",
    "tf-nightly",
    "tf-nightly-cpu",
)
CONDA_NAMES = ("tensorflow", "tensorflow-base", "tensorflow-gpu")
RELATED = (
    "keras",
    "protobuf",
    "numpy",
    "h5py",
    "ml-dtypes",
    "nvidia-cuda-runtime-cu12",
    "nvidia-cudnn-cu12",
    "cudnn",
    "cuda-version",
)
MODULES = ("tensorflow", "numpy")
EVERY_GPU = True


def prepare():
    """Take memory as it is needed, not the whole card at once."""
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")


def facts(probing):
    """Say what the build wants and what it finds."""
    tensorflow = probing.modules["tensorflow"]
    build = dict(tensorflow.sysconfig.get_build_info())
    gpus = tensorflow.config.list_physical_devices("GPU")
    known = probing.surroundings.list_driver_devices()[0] if gpus else []
    devices = [_describe(tensorflow, gpu, known[i : i + 1]) for i, gpu in enumerate(gpus)]
    gpu_build = bool(build.get("is_cuda_build") or build.get("is_rocm_build"))
    if not gpu_build:
        probing.leave_unchecked("GPU: this is a CPU build of TensorFlow")
    elif not devices:
        probing.leave_unchecked("GPU: this build of TensorFlow reaches none here")
    elif len(devices) == 1:
        probing.leave_unchecked("collectives between GPUs: only one GPU is visible")
    found = {
        "version": tensorflow.__version__,
        "gpu_build": gpu_build,
        "cuda_build": build.get("cuda_version"),
        "cudnn_build": build.get("cudnn_version"),
        "architectures": list(build.get("cuda_compute_capabilities") or ()),
        "devices": devices,
        "device_used": devices[0]["uuid"] or devices[0]["name"] if devices else "cpu",
    }
    if gpu_build and not devices:
        shown, reason = probing.surroundings.list_driver_devices()
        found["gpu_error"] = reason or "the driver shows %d, TensorFlow none" % len(shown)
    return found


def _describe(tensorflow, gpu, known):
    details = tensorflow.config.experimental.get_device_details(gpu)
    found = {
        "name": str(details.get("device_name", gpu.name)),
        "uuid": "",
        "capability": ".".join(map(str, details.get("compute_capability", ()))),
        "memory_bytes": None,
    }
    # Devices have no UUID here: the driver's list has the same order.
    for device in known:
        found.update(device)
    return found


def checks(probing):
    """A product against float64, a gradient compiled by XLA against its formula."""
    tensorflow, numpy = probing.modules["tensorflow"], probing.modules["numpy"]
    random = numpy.random.RandomState(20)
    left, right = random.standard_normal((2, 128, 128))
    points = [-2 + 0.04 * step for step in range(101)]

    def matmul(device):
        with tensorflow.device(device):
            product = tensorflow.linalg.matmul(
                tensorflow.constant(left, tensorflow.float32),
                tensorflow.constant(right, tensorflow.float32),
            )
        _refuse_elsewhere(product, device)
        return probing.relative_error(product.numpy().astype("float64"), left @ right)

    def gradient(device):
        @tensorflow.function(jit_compile=True)
        def differentiate(x):
            with tensorflow.GradientTape() as tape:
                tape.watch(x)
                cubes = x * x * x
            return tape.gradient(cubes, x)

        with tensorflow.device(device):
            slope = differentiate(tensorflow.constant(points, tensorflow.float32))
        return probing.relative_error(
            slope.numpy().astype("float64"), [3 * value * value for value in points]
        )

    def keras():
        if not hasattr(tensorflow.keras, "Sequential"):
            probing.skip("Keras is not installed")
        layer = tensorflow.keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
        sums = layer(tensorflow.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])).numpy()
        return probing.relative_error(sums, [[6.0], [15.0]])

    yield "matmul", "cpu", 1e-4, lambda: matmul("/CPU:0")
    yield "gradient_xla", "cpu", 1e-5, lambda: gradient("/CPU:0")
    yield "keras_layer", "cpu", 1e-4, keras
    gpus = tensorflow.config.list_physical_devices("GPU")
    known = probing.surroundings.list_driver_devices()[0] if gpus else []
    for index, gpu in enumerate(gpus):
        label = known[index]["uuid"] if index < len(known) else gpu.name
        device = "/GPU:%d" % index
        yield "matmul_gpu%d" % index, label, 2e-3, lambda device=device: matmul(device)
        yield "gradient_xla_gpu%d" % index, label, 1e-5, lambda device=device: gradient(device)


def _refuse_elsewhere(tensor, device):
    """Make sure that a result was computed where it was asked for: placement may be soft."""
    if not tensor.device.endswith(device.replace("/", "/device:")):
        raise RuntimeError("asked for %s, computed on %s" % (device, tensor.device))
