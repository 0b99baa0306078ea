"""XGBoost: what it was built with, and two classes that must be told apart on each device."""

DISTRIBUTIONS = ("xgboost", "xgboost-cpu")
CONDA_NAMES = ("xgboost", "py-xgboost", "py-xgboost-cpu", "py-xgboost-gpu", "libxgboost")
RELATED = ("numpy", "scipy", "nvidia-nccl-cu12", "nvidia-nccl-cu13", "cuda-version")
MODULES = ("xgboost", "numpy")


def facts(probing):
    """Say whether it was built for CUDA, and what the driver shows."""
    xgboost = probing.modules["xgboost"]
    build = xgboost.build_info() if hasattr(xgboost, "build_info") else {}
    gpu_build = bool(build.get("USE_CUDA"))
    devices, reason = probing.surroundings.list_driver_devices() if gpu_build else ([], "")
    found = {
        "version": xgboost.__version__,
        "numpy": probing.modules["numpy"].__version__,
        "gpu_build": gpu_build,
        "cuda_build": ".".join(map(str, build.get("CUDA_VERSION") or ())) or None,
        "openmp": build.get("USE_OPENMP"),
        "devices": devices,
        "device_used": devices[0]["uuid"] if devices else "cpu",
    }
    if gpu_build and not devices:
        found["gpu_error"] = reason
    if not devices:
        lacks = "the driver shows none here" if gpu_build else "this is a CPU build of XGBoost"
        probing.leave_unchecked("GPU: " + lacks)
    return found


def checks(probing):
    """Ten rounds on classes that one feature separates; the share of mistakes counts."""
    xgboost, numpy = probing.modules["xgboost"], probing.modules["numpy"]
    samples = numpy.random.RandomState(20).standard_normal((400, 4))
    labels = (samples[:, 0] > 0).astype(int)

    def classify(**device):
        data = xgboost.DMatrix(samples, label=labels)
        settings = dict(objective="binary:logistic", tree_method="hist", nthread=2, **device)
        guesses = xgboost.train(settings, data, 10).predict(data)
        return float(((guesses > 0.5) != labels).mean())

    yield "mistakes", "cpu", 0.05, classify
    build = xgboost.build_info() if hasattr(xgboost, "build_info") else {}
    devices = probing.surroundings.list_driver_devices()[0] if build.get("USE_CUDA") else []
    if devices:
        yield "mistakes_cuda", devices[0]["uuid"], 0.05, lambda: classify(device="cuda")
