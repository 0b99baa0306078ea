"""bitsandbytes: its library loads, and numbers survive being quantised as far as they should."""

DISTRIBUTIONS = ("bitsandbytes",)
CONDA_NAMES = ("bitsandbytes",)
RELATED = ("torch", "pytorch", "numpy", "cuda-version")
MODULES = ("bitsandbytes", "bitsandbytes.functional", "torch")


def facts(probing):
    """Say which library was loaded, and which GPUs PyTorch lends."""
    bitsandbytes, torch = probing.modules["bitsandbytes"], probing.modules["torch"]
    found = probing.load_beside("torch_devices").describe(torch, probing.surroundings)
    libraries = [
        path for path in probing.surroundings.list_libraries() if "libbitsandbytes" in path
    ]
    if not found["devices"]:
        probing.leave_unchecked("GPU: PyTorch reaches none here")
    found.update(
        {
            "version": bitsandbytes.__version__,
            "torch": torch.__version__,
            "libraries": libraries,
        }
    )
    return found


def checks(probing):
    """Eight bits for each number of a block: off by no more than a step of the code."""
    functional, torch = probing.modules["bitsandbytes.functional"], probing.modules["torch"]
    values = torch.randn(64, 64, generator=torch.Generator().manual_seed(20))

    def version():
        return probing.check_version(probing.modules["bitsandbytes"], DISTRIBUTIONS)

    def blocks(device):
        try:
            quantised, state = functional.quantize_blockwise(values.to(device))
        except NotImplementedError as error:
            probing.skip("this release does not quantise on %s: %s" % (device, error))
        back = functional.dequantize_blockwise(quantised, state)
        return probing.relative_error(back.cpu().float(), values)

    def four_bits():
        quantised, state = functional.quantize_4bit(values.half().cuda(), quant_type="nf4")
        back = functional.dequantize_4bit(quantised, state)
        return probing.relative_error(back.cpu().float(), values)

    yield "version", "cpu", 0.0, version
    yield "blockwise_8bit", "cpu", 0.02, lambda: blocks("cpu")
    if torch.cuda.is_available():
        label = probing.load_beside("torch_devices").name_device(torch, probing.surroundings, 0)
        yield "blockwise_8bit_cuda0", label, 0.02, lambda: blocks("cuda:0")
        # Sixteen codes: the widest gap between two of them is 0.3 of the largest number.
        yield "nf4_cuda0", label, 0.2, four_bits
