"""PyTorch: what it was built for, which devices it reaches, and numbers against float64 on the CPU."""

DISTRIBUTIONS = ("torch",)
CONDA_NAMES = ("pytorch",)
MODULES = ("torch",)


def facts(modules):
    """Say what the build wants (CUDA or ROCm) and what it finds."""
    torch = modules["torch"]
    cuda = torch.cuda.is_available()
    devices = []
    for index in range(torch.cuda.device_count() if cuda else 0):
        properties = torch.cuda.get_device_properties(index)
        devices.append(
            {
                "name": properties.name,
                "capability": "%d.%d" % (properties.major, properties.minor),
                "memory_bytes": properties.total_memory,
                "uuid": str(getattr(properties, "uuid", "")),
            }
        )
    # The flags are compiled in and can be read without a driver.
    read_flags = getattr(torch._C, "_cuda_getArchFlags", None)  # noqa: SLF001 - there is no public way
    architectures = read_flags() if read_flags else None
    return {
        "version": torch.__version__,
        "cuda_build": torch.version.cuda,
        "hip_build": getattr(torch.version, "hip", None),
        "gpu_build": bool(torch.version.cuda or getattr(torch.version, "hip", None)),
        "git_version": torch.version.git_version,
        "architectures": (architectures or "").split(),
        "cudnn": torch.backends.cudnn.version() if cuda else None,
        "nccl": ".".join(map(str, torch.cuda.nccl.version()))
        if cuda and torch.distributed.is_available()
        else None,
        "gpu_available": cuda,
        "devices": devices,
        "threads": torch.get_num_threads(),
    }


def checks(modules):
    """Matrix product, convolution and gradient; on every visible GPU too."""
    torch = modules["torch"]
    generator = torch.Generator().manual_seed(20)
    left = torch.randn(256, 256, generator=generator, dtype=torch.float64)
    right = torch.randn(256, 256, generator=generator, dtype=torch.float64)
    image = torch.randn(2, 3, 32, 32, generator=generator)
    kernel = torch.randn(8, 3, 3, 3, generator=generator)
    product = left @ right
    convolved = torch.nn.functional.conv2d(image.double(), kernel.double())

    def relative(computed, reference):
        difference = (computed.detach().cpu().double() - reference).abs().max()
        return float(difference / reference.abs().max())

    def matmul(device):
        return lambda: relative(left.float().to(device) @ right.float().to(device), product)

    def convolution(device):
        return lambda: relative(
            torch.nn.functional.conv2d(image.to(device), kernel.to(device)), convolved
        )

    def gradient(device):
        def compute():
            x = torch.linspace(-2, 2, 101, device=device, requires_grad=True)
            (x**3).sum().backward()
            return relative(x.grad, 3 * torch.linspace(-2, 2, 101, dtype=torch.float64) ** 2)

        return compute

    devices = ["cpu"]
    if torch.cuda.is_available():
        devices += ["cuda:%d" % index for index in range(torch.cuda.device_count())]
    for device in devices:
        # TF32 keeps ten bits of mantissa on GPUs.
        tolerance = 1e-5 if device == "cpu" else 2e-3
        yield (
            "matmul_fp32" if device == "cpu" else "matmul_fp32_" + device.replace(":", ""),
            device,
            tolerance,
            matmul(device),
        )
        yield (
            "conv2d" if device == "cpu" else "conv2d_" + device.replace(":", ""),
            device,
            tolerance,
            convolution(device),
        )
        yield (
            "autograd" if device == "cpu" else "autograd_" + device.replace(":", ""),
            device,
            1e-4,
            gradient(device),
        )
