"""flash-attn: its kernels go with this PyTorch, attention against the plain formula."""

DISTRIBUTIONS = ("flash-attn",)
CONDA_NAMES = ("flash-attn",)
RELATED = ("torch", "pytorch", "einops", "cuda-version")
MODULES = ("flash_attn", "torch")


def facts(probing):
    """Name the versions and the GPUs that PyTorch lends."""
    torch = probing.modules["torch"]
    found = probing.load_beside("torch_devices").describe(torch, probing.surroundings)
    if not found["devices"]:
        probing.leave_unchecked("attention: flash-attn needs a GPU, and PyTorch reaches none here")
    found.update(
        {
            "version": probing.modules["flash_attn"].__version__,
            "torch": torch.__version__,
            "torch_cuda": torch.version.cuda,
            "gpu_build": True,
        }
    )
    return found


def checks(probing):
    """On a GPU: forward and gradient in half precision against float64; else only the versions."""
    flash_attn, torch = probing.modules["flash_attn"], probing.modules["torch"]
    generator = torch.Generator().manual_seed(20)
    query, key, value = (torch.randn(1, 64, 2, 64, generator=generator).half() for _ in range(3))

    def version():
        return probing.check_version(flash_attn, DISTRIBUTIONS)

    def plain():
        q, k, v = (part.double().transpose(1, 2) for part in (query, key, value))
        weights = torch.softmax(q @ k.transpose(-1, -2) / 8.0, dim=-1)
        return (weights @ v).transpose(1, 2)

    def attention():
        if torch.cuda.get_device_capability(0) < (8, 0):
            probing.skip("flash-attn needs compute capability 8.0 or later")
        computed = flash_attn.flash_attn_func(query.cuda(), key.cuda(), value.cuda())
        return probing.relative_error(computed.cpu().double(), plain())

    yield "version", "cpu", 0.0, version
    if torch.cuda.is_available():
        label = probing.load_beside("torch_devices").name_device(torch, probing.surroundings, 0)
        yield "attention", label, 5e-3, attention
