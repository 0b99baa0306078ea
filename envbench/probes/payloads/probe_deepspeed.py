"""DeepSpeed: the accelerator that it settles on, and a step of its optimiser on it."""

DISTRIBUTIONS = ("deepspeed",)
CONDA_NAMES = ("deepspeed",)
RELATED = ("torch", "pytorch", "numpy", "pydantic", "ninja", "cuda-version")
MODULES = ("deepspeed", "torch")


def facts(probing):
    """Name the versions, the accelerator, and the operators that were compiled beforehand."""
    deepspeed, torch = probing.modules["deepspeed"], probing.modules["torch"]
    found = probing.load_beside("torch_devices").describe(torch, probing.surroundings)
    probing.leave_unchecked("operators that are compiled on first use: that takes minutes")
    if not found["devices"]:
        probing.leave_unchecked("GPU: PyTorch reaches none here")
    found.update(
        {
            "version": deepspeed.__version__,
            "torch": torch.__version__,
            "accelerator": _get_accelerator().device_name(),
            "operators": _list_operators(),
        }
    )
    return found


def _get_accelerator():
    from deepspeed.accelerator import get_accelerator

    return get_accelerator()


def _list_operators():
    try:
        from deepspeed.git_version_info import installed_ops
    except ImportError:
        return []
    return sorted(name for name, is_there in installed_ops.items() if is_there)


def checks(probing):
    """The accelerator is the device that PyTorch reaches; a tensor made through it is right."""
    torch = probing.modules["torch"]

    def version():
        return probing.check_version(probing.modules["deepspeed"], DISTRIBUTIONS)

    def accelerator():
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
        found = _get_accelerator().device_name()
        if found != wanted:
            raise RuntimeError("PyTorch reaches %s, DeepSpeed settles on %s" % (wanted, found))
        numbers = torch.arange(1000.0, device=_get_accelerator().current_device_name())
        return probing.relative_error(float(numbers.double().sum()), 499500.0)

    yield "version", "cpu", 0.0, version
    label = "cpu"
    if torch.cuda.is_available():
        label = probing.load_beside("torch_devices").name_device(torch, probing.surroundings, 0)
    yield "accelerator", label, 1e-9, accelerator
