"""What an MLflow model's environment lacks of the one it was made from."""

from collections.abc import Iterator

from envbench.formats.exports.mlflow_requirements import (
    BUILD_TOOLS,
    find_dropped,
    find_replacements,
    is_restorable,
)
from envbench.formats.locks.environment_losses import WHY_PIP
from envbench.model.build_flavour import Flavour, read_flavour
from envbench.model.lock import Lock, Loss
from envbench.model.locked_set import PYPI, list_indexes


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """List what MLflow cannot restore, or restores from elsewhere."""
    lost = [loss for loss in _describe(lock) if loss.packages]
    names = {package.name for package in lock.packages} | {package.name for package in lock.pip}
    if "pip" not in names:
        lost.append(Loss("pip itself", (), WHY_PIP))
    return tuple(lost)


def _describe(lock: Lock) -> Iterator[Loss]:
    replacements = tuple(find_replacements(lock))
    yield Loss(
        "conda packages",
        find_dropped(lock),
        "MLflow installs nothing but Python from conda: these libraries and tools are not there, or"
        " come inside wheels in other versions.",
    )
    yield Loss(
        "conda packages from PyPI",
        _sorted(found.package.name for found in replacements),
        "They come as wheels of the same version: built by others, with other libraries inside.",
    )
    yield Loss(
        "GPU builds",
        _sorted(
            found.package.name
            for found in replacements
            if read_flavour(found.package) is Flavour.GPU
        ),
        "PyPI's wheel of the version may be built for another CUDA, or for CPUs only. To fix it,"
        f" take the package from pip's index of the wanted CUDA (`+cu118`).{_warn_of_indexes(lock)}",
    )
    yield Loss(
        "names on PyPI",
        _sorted(found.package.name for found in replacements if not found.distribution.is_certain),
        "Their records do not say what PyPI calls them; they are taken to have the same name there."
        " Where that is wrong, MLflow installs another project or nothing.",
    )
    yield Loss(
        "folders of this box",
        _sorted(p.name for p in lock.pip if p.name not in BUILD_TOOLS and not is_restorable(p)),
        "They are installed from a folder or file of this box and are left out; give their code to"
        " the model (`code_paths`).",
    )


def _warn_of_indexes(lock: Lock) -> str:
    others = [index for index in list_indexes(lock) if index != PYPI]
    if not others:
        return ""
    return (
        f" Where {others[0]} has a build of the version (`2.3.1+cu118` of `2.3.1`), pip prefers it to"
        " PyPI's."
    )


def _sorted(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
