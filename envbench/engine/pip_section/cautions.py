"""What a pip section should be told although it works."""

import re
from collections.abc import Sequence

from envbench.engine.pip_section.request import PipTask
from envbench.formats.pylock_part import PylockPackage

_NVIDIA_WHEEL = re.compile(r"^nvidia-.+|^.+-cu\d{2}$")
_CONDA_CUDA = re.compile(r"^(cuda-.+|cudatoolkit|cudnn|pytorch|pytorch-cuda|libtorch|nccl)$")
_MOST_NAMED = 6


def collect_warnings(
    task: PipTask, packages: Sequence[PylockPackage], unhashed: Sequence[str]
) -> tuple[str, ...]:
    """List the warnings about a resolved pip section."""
    warnings = (
        _doubled_cuda(task, packages),
        _unhashed(unhashed),
        _extra_indexes(task),
        _local_files(packages),
    )
    return tuple(warning for warning in warnings if warning)


def _doubled_cuda(task: PipTask, packages: Sequence[PylockPackage]) -> str:
    wheels = [package.name for package in packages if _NVIDIA_WHEEL.match(package.name)]
    conda = [name for name in task.conda_packages if _CONDA_CUDA.match(name)]
    if not wheels or not conda:
        return ""
    return (
        f"The pip section brings CUDA libraries of its own ({_some(wheels)}) beside those of conda"
        f" ({_some(conda)}); which are loaded depends on the order of imports. Take the framework"
        " from one side only."
    )


def _unhashed(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f"No hash is known for {_some(names)}: what was downloaded could not be compared."


def _extra_indexes(task: PipTask) -> str:
    if not task.settings.extra_index_urls or task.settings.no_index:
        return ""
    return (
        "Extra package indexes are in use. A name is taken from the first index that has it; make"
        " sure that nobody can publish your private names on an index before it."
    )


def _local_files(packages: Sequence[PylockPackage]) -> str:
    local = [p.name for p in packages if any(w.url.startswith("file:") for w in p.wheels)]
    if not local:
        return ""
    return f"{_some(local)} came from files of this box; a lock that names them is not portable."


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
