"""The variables that a probe runs with: as the user has them, or shut off from what is the user's own."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from envbench.probes.process_tree import RUN_MARK

_DROPPED = ("PYTHON", "CONDA", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LD_PRELOAD", "PIP_", "UV_")
"""Beginnings of names that a run in isolation goes without."""
_LEAKING = ("PYTHON", "LD_LIBRARY_PATH", "LD_PRELOAD")
"""Of these, the ones that bring foreign code into a process."""
_NVIDIA_UUID = re.compile(r"(MIG-|GPU-[0-9a-f]{8}-[0-9a-f]{4}-)", re.IGNORECASE)


def child_environment(
    environ: Mapping[str, str], python: Path, *, isolated: bool, gpu: str, mark: str
) -> dict[str, str]:
    """Make the variables of one run.

    Args:
        environ: Those of the activated environment.
        python: The interpreter that is started.
        isolated: Leave out what brings code from outside of the environment.
        gpu: UUID of the only GPU it may see; empty for all.
        mark: What tells the processes of this run from all others.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if not (isolated and name.startswith(_DROPPED))
    }
    search = kept.get("PATH", os.defpath)
    kept["PATH"] = f"{python.parent}{os.pathsep}{search}"
    kept.update(
        PYTHONFAULTHANDLER="1",
        PYTHONUNBUFFERED="1",
        # As -B on the command line, for the children of the probe: byte code that it left behind
        # would change the prefix it is to judge.
        PYTHONDONTWRITEBYTECODE="1",
        TF_CPP_MIN_LOG_LEVEL="0",
        CUDA_MODULE_LOADING="LAZY",
        HF_HUB_OFFLINE="1",
    )
    kept[RUN_MARK] = mark
    kept.setdefault("OMP_NUM_THREADS", "4")
    if gpu and _NVIDIA_UUID.match(gpu):
        kept["CUDA_VISIBLE_DEVICES"] = gpu
    elif gpu:
        kept["HIP_VISIBLE_DEVICES"] = gpu
        # ROCm's runtime reads this one too, and it may name another card.
        kept.pop("CUDA_VISIBLE_DEVICES", None)
    if isolated:
        # As -I on the command line, for the children of the probe, pip among them.
        kept["PYTHONNOUSERSITE"] = "1"
    return kept


def can_leak(environ: Mapping[str, str]) -> bool:
    """Tell whether anything of the user's own could reach a process of the environment.

    Source: site(7) of Python: the user site is below `PYTHONUSERBASE`, `~/.local` by default.
    """
    if any(value and name.startswith(_LEAKING) for name, value in environ.items()):
        return True
    base = Path(environ.get("PYTHONUSERBASE") or Path(environ.get("HOME", "/")) / ".local")
    return any(base.glob("lib/python*/site-packages/*"))
