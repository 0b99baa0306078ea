"""OpenCV: filters with known answers, picture files there and back."""

DISTRIBUTIONS = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
CONDA_NAMES = ("py-opencv", "opencv", "libopencv")
RELATED = ("numpy",)
MODULES = ("cv2", "numpy")


def facts(probing):
    """Say what it was built with, as far as it tells."""
    cv2 = probing.modules["cv2"]
    build = {}
    for line in cv2.getBuildInformation().splitlines():
        name, mark, value = line.strip().partition(":")
        if mark and name in {"GUI", "NVIDIA CUDA", "cuDNN", "FFMPEG", "Parallel framework"}:
            build[name] = value.strip()
    found = {"version": cv2.__version__, "build": build, "threads": cv2.getNumThreads()}
    # Without its CUDA part it is a library for the CPU, and no GPU is missed.
    if build.get("NVIDIA CUDA", "NO").startswith("YES"):
        count = _count_devices(cv2)
        devices = probing.surroundings.list_driver_devices()[0][:count]
        found.update(gpu_build=True, devices=devices)
        found["device_used"] = devices[0]["uuid"] if devices else "cpu"
    else:
        probing.leave_unchecked("GPU: this OpenCV was built without CUDA")
    return found


def _count_devices(cv2):
    try:
        return max(0, cv2.cuda.getCudaEnabledDeviceCount())
    except Exception:
        return 0


def checks(probing):
    """A blur of what is even, a change of colours, PNG without loss, a fitted transform."""
    cv2, numpy = probing.modules["cv2"], probing.modules["numpy"]
    picture = numpy.arange(32 * 32 * 3, dtype="uint32").reshape(32, 32, 3).astype("uint8")

    def blur():
        even = numpy.full((64, 64, 3), 77, dtype="uint8")
        return probing.differ(cv2.GaussianBlur(even, (5, 5), 1.5).tolist(), even.tolist())

    def colours():
        swapped = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        return probing.differ(swapped.tolist(), picture[:, :, ::-1].tolist())

    def png():
        written, data = cv2.imencode(".png", picture)
        read = cv2.imdecode(data, cv2.IMREAD_COLOR) if written else None
        return probing.differ(None if read is None else read.tolist(), picture.tolist())

    def perspective():
        corners = numpy.array([[0, 0], [9, 0], [9, 9], [0, 9]], dtype="float32")
        matrix = cv2.getPerspectiveTransform(corners, corners * 2 + 1)
        return probing.relative_error(matrix, [[2.0, 0.0, 1.0], [0.0, 2.0, 1.0], [0.0, 0.0, 1.0]])

    def on_gpu():
        block = cv2.cuda_GpuMat()
        block.upload(picture)
        swapped = cv2.cuda.cvtColor(block, cv2.COLOR_BGR2RGB).download()
        return probing.differ(swapped.tolist(), picture[:, :, ::-1].tolist())

    yield "blur", "cpu", 0.0, blur
    yield "colours", "cpu", 0.0, colours
    yield "png", "cpu", 0.0, png
    yield "perspective", "cpu", 1e-6, perspective
    if _count_devices(cv2):
        known = probing.surroundings.list_driver_devices()[0]
        yield "colours_cuda", known[0]["uuid"] if known else "cuda:0", 0.0, on_gpu
