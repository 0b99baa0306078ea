"""torchvision: its compiled operators go with this PyTorch, and pictures are turned right."""

DISTRIBUTIONS = ("torchvision",)
CONDA_NAMES = ("torchvision",)
RELATED = ("torch", "pytorch", "pillow", "numpy")
MODULES = ("torchvision", "torch", "torchvision.ops", "torchvision.transforms.functional")

_BOXES = (
    (0.0, 0.0, 10.0, 10.0),
    (1.0, 1.0, 11.0, 11.0),
    (20.0, 20.0, 30.0, 30.0),
    (21.0, 20.0, 31.0, 30.0),
    (0.0, 20.0, 5.0, 25.0),
)
_SCORES = (0.9, 0.8, 0.7, 0.95, 0.5)


def facts(probing):
    """Say which PyTorch it runs with, and which devices that reaches."""
    torch, torchvision = probing.modules["torch"], probing.modules["torchvision"]
    found = probing.load_beside("torch_devices").describe(torch, probing.surroundings)
    built_for = getattr(torchvision.version, "cuda", None)
    if not found["devices"]:
        probing.leave_unchecked("GPU: PyTorch reaches none here")
    found.update(
        {
            "version": torchvision.__version__,
            "torch": torch.__version__,
            "cuda_build": built_for,
            "gpu_build": bool(built_for or getattr(torchvision.version, "hip", None)),
        }
    )
    if not found["gpu_build"]:
        # A CPU build of torchvision beside a GPU build of PyTorch reaches no GPU.
        found.update(devices=[], device_used="cpu")
    return found


def checks(probing):
    """Drop overlapping boxes, crop regions, flip and scale a picture."""
    torch, torchvision = probing.modules["torch"], probing.modules["torchvision"]
    reference = _keep_apart(0.5)

    def overlap(device):
        boxes = torch.tensor(_BOXES, device=device)
        kept = torchvision.ops.nms(boxes, torch.tensor(_SCORES, device=device), 0.5)
        return probing.differ(kept.cpu().tolist(), reference)

    def regions(device):
        ramp = torch.arange(64.0, device=device).repeat(64, 1)[None, None]
        box = torch.tensor([[0.0, 8.0, 8.0, 24.0, 24.0]], device=device)
        found = torchvision.ops.roi_align(ramp, box, output_size=(1, 1), aligned=True)
        # The mean of a ramp over a box is the ramp in its middle.
        return probing.relative_error(found.cpu(), [15.5])

    def transforms():
        transform = torchvision.transforms.functional
        picture = torch.arange(48.0).reshape(3, 4, 4)
        flipped = transform.hflip(picture).tolist()
        scaled = transform.normalize(picture, [1.0] * 3, [2.0] * 3).tolist()
        expected = [[row[::-1] for row in plane] for plane in picture.tolist()]
        scale = [[[(v - 1.0) / 2.0 for v in row] for row in plane] for plane in picture.tolist()]
        return max(probing.differ(flipped, expected), probing.relative_error(scaled, scale))

    yield "transforms", "cpu", 1e-6, transforms
    yield "nms", "cpu", 0.0, lambda: overlap("cpu")
    yield "roi_align", "cpu", 1e-5, lambda: regions("cpu")
    if torch.cuda.is_available():
        label = probing.load_beside("torch_devices").name_device(torch, probing.surroundings, 0)
        yield "nms_cuda0", label, 0.0, lambda: overlap("cuda:0")
        yield "roi_align_cuda0", label, 1e-4, lambda: regions("cuda:0")


def _keep_apart(threshold):
    """Keep the best box of each heap, in plain Python."""
    kept = []
    for index in sorted(range(len(_BOXES)), key=lambda i: -_SCORES[i]):
        if all(_share(_BOXES[index], _BOXES[other]) <= threshold for other in kept):
            kept.append(index)
    return kept


def _share(one, other):
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0.0, width) * max(0.0, height)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return both / (sum(areas) - both)
