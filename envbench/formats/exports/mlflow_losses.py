"""What an MLflow model's environment lacks of the one it was made from."""

from collections.abc import Iterator

from envbench.formats.exports.mlflow_requirements import (
    BUILD_TOOLS,
    find_dropped,
    find_replacements,
    is_restorable,
)
from envbench.model.build_flavour import Flavour, read_flavour
from envbench.model.lock import Lock, Loss


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """List what MLflow cannot restore, or restores from elsewhere."""
    return tuple(loss for loss in _describe(lock) if loss.packages)


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
        " take the package from pip's index of the wanted CUDA (`+cu118`).",
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


def _sorted(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
