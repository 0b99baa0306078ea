"""ONNX Runtime: for each provider a session, and what that session really uses."""

DISTRIBUTIONS = (
    "onnxruntime",
    "onnxruntime-gpu",
    "onnxruntime-rocm",
    "onnxruntime-migraphx",
    "onnxruntime-openvino",
    "onnxruntime-directml",
)
CONDA_NAMES = ("onnxruntime", "onnxruntime-cpp", "onnxruntime-gpu")
RELATED = ("numpy", "onnx", "cudnn", "cuda-version", "nvidia-cudnn-cu12", "nvidia-cudnn-cu13")
MODULES = ("onnxruntime", "numpy")

_GPU_PROVIDERS = (
    "CUDAExecutionProvider",
    "ROCMExecutionProvider",
    "MIGraphXExecutionProvider",
    "TensorrtExecutionProvider",
    "NvTensorRTRTXExecutionProvider",
)
_SLOW_PROVIDERS = ("TensorrtExecutionProvider", "NvTensorRTRTXExecutionProvider")
"""They build an engine for each model first: minutes, and gigabytes of libraries beside."""
_SIZE = 64


def facts(probing):
    """Make one session for each provider and read what it came up with."""
    runtime = probing.modules["onnxruntime"]
    available = runtime.get_available_providers()
    for provider in available:
        if provider in _SLOW_PROVIDERS:
            probing.leave_unchecked(provider + ": building its engines takes too long for a probe")
    used, errors = {}, {}
    for provider in _choose_providers(runtime):
        try:
            used[provider] = _make_session(runtime, provider).get_providers()
        except Exception as error:
            used[provider], errors[provider] = [], str(error)
    gpu_build = any(provider in _GPU_PROVIDERS for provider in available)
    works = [name for name in used if name in _GPU_PROVIDERS and name in used[name]]
    known, reason = probing.surroundings.list_driver_devices() if gpu_build else ([], "")
    devices = known if works else []
    found = {
        "version": runtime.__version__,
        "device": runtime.get_device(),
        "providers_available": available,
        "providers_used": used,
        "gpu_build": gpu_build,
        "devices": devices,
        "device_used": (known[0]["uuid"] if known else works[0]) if works else "cpu",
    }
    if gpu_build and not works:
        told = [errors[name] for name in errors if name in _GPU_PROVIDERS]
        fallen = "no session got its GPU provider: all of them fell back to the CPU"
        found["gpu_error"] = "; ".join((*told, reason)).strip("; ") or fallen
    if not works:
        reached = (
            "no GPU provider came up here" if gpu_build else "this build has no provider for it"
        )
        probing.leave_unchecked("GPU: " + reached)
    return found


def checks(probing):
    """A product in a session of each provider that came up, against float64."""
    runtime, numpy = probing.modules["onnxruntime"], probing.modules["numpy"]
    left, right = numpy.random.RandomState(20).standard_normal((2, _SIZE, _SIZE))
    known = probing.surroundings.list_driver_devices()[0]

    def matmul(provider):
        session = _make_session(runtime, provider)
        if provider not in session.get_providers():
            probing.skip("asked for %s, got %s" % (provider, ", ".join(session.get_providers())))
        inputs = {"a": left.astype("float32"), "b": right.astype("float32")}
        product = session.run(["c"], inputs)[0]
        return probing.relative_error(product.astype("float64"), left @ right)

    for provider in _choose_providers(runtime):
        is_gpu = provider in _GPU_PROVIDERS
        name = provider.replace("ExecutionProvider", "").lower()
        device = (known[0]["uuid"] if known else name) if is_gpu else "cpu"
        tolerance = 2e-3 if is_gpu else 1e-4
        yield "matmul_" + name, device, tolerance, lambda provider=provider: matmul(provider)


def _choose_providers(runtime):
    wanted = ("CPUExecutionProvider", *_GPU_PROVIDERS)
    available = runtime.get_available_providers()
    return [name for name in wanted if name in available and name not in _SLOW_PROVIDERS]


def _make_session(runtime, provider):
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 2
    # A session may fall back to another provider by itself: whoever asks looks at what it got.
    return runtime.InferenceSession(make_model(), options, providers=[provider])


def make_model():
    """Write the model `c = a @ b` as ONNX bytes, so that no other package is needed for it."""
    shape = b"".join(_bytes(1, _number(1, _SIZE)) for _ in range(2))
    tensor = _number(1, 1) + _bytes(2, shape)  # element type 1: float32

    def value(name):
        return _bytes(1, name) + _bytes(2, _bytes(1, tensor))

    node = _bytes(1, b"a") + _bytes(1, b"b") + _bytes(2, b"c") + _bytes(4, b"MatMul")
    graph = _bytes(1, node) + _bytes(2, b"product")
    graph += _bytes(11, value(b"a")) + _bytes(11, value(b"b")) + _bytes(12, value(b"c"))
    # Version 7 of the format and 13 of the operators: read by every release since 1.8.
    return _number(1, 7) + _bytes(7, graph) + _bytes(8, _number(2, 13))


def _number(field, value):
    """Encode a field of a protocol buffer that holds a small number."""
    return bytes((field << 3, value))


def _bytes(field, content):
    """Encode a field of a protocol buffer that holds bytes."""
    size, prefix = len(content), bytearray()
    while size > 127:
        prefix.append(size & 127 | 128)
        size >>= 7
    prefix.append(size)
    return bytes((field << 3 | 2,)) + bytes(prefix) + content
