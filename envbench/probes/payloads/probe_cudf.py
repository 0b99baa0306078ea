"""cuDF: sums by group on the GPU against the interpreter's."""

DISTRIBUTIONS = ("cudf", "cudf-cu11", "cudf-cu12", "cudf-cu13")
CONDA_NAMES = ("cudf", "libcudf")
RELATED = (
    "cupy",
    "cupy-cuda12x",
    "cupy-cuda13x",
    "numba",
    "numba-cuda",
    "pandas",
    "pyarrow",
    "rmm",
)
MODULES = ("cudf",)


def facts(probing):
    """Name the version and the GPUs that the driver shows."""
    devices, reason = probing.surroundings.list_driver_devices()
    found = {
        "version": probing.modules["cudf"].__version__,
        "gpu_build": True,
        "devices": devices,
        "device_used": devices[0]["uuid"] if devices else "cpu",
    }
    if not devices:
        found["gpu_error"] = reason
        probing.leave_unchecked("all computing: cuDF needs a GPU, and the driver shows none here")
    return found


def checks(probing):
    """On a GPU: sums by group, exact, and a column of text; else only the versions."""
    cudf = probing.modules["cudf"]

    def version():
        return probing.check_version(cudf, DISTRIBUTIONS)

    def groupby():
        frame = cudf.DataFrame({"key": [i % 7 for i in range(1000)], "value": list(range(1000))})
        sums = frame.groupby("key")["value"].sum().to_pandas().to_dict()
        return probing.differ(sums, {key: sum(range(key, 1000, 7)) for key in range(7)})

    def text():
        upper = cudf.Series(["ab", None, "c"]).str.upper().to_arrow().to_pylist()
        return probing.differ(upper, ["AB", None, "C"])

    yield "version", "cpu", 0.0, version
    devices = probing.surroundings.list_driver_devices()[0]
    if devices:
        yield "groupby", devices[0]["uuid"], 0.0, groupby
        yield "text", devices[0]["uuid"], 0.0, text
