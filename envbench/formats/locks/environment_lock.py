"""`environment.lock.yml`: what `conda env export --no-builds` writes, without its prefix.

The reader of `environment_lock_reading` takes it back.

Source: conda 26.7 (`name=version` sorted by name, the pip mapping last), micromamba 2.8 (whose
export is read as well).
"""

from collections.abc import Sequence
from typing import Any

from envbench.formats.conda_yaml import write_conda_yaml
from envbench.formats.locks.environment_losses import find_consumer_losses
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss
from envbench.model.locked_set import LockAspect

FILE_NAME = "environment.lock.yml"
KEPT = frozenset(
    {
        LockAspect.NAME,
        LockAspect.CHANNEL_ORDER,
        LockAspect.CHANNEL_NAME,
        LockAspect.CONDA,
        LockAspect.PIP,
        LockAspect.VARIABLES,
    }
)
KEPT_WITH_BUILDS = KEPT | {LockAspect.BUILD}


def write(locks: Sequence[Lock], _options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write names and versions."""
    return (ExportedFile(FILE_NAME, write_environment_lock(locks[0])),)


def write_with_builds(locks: Sequence[Lock], _options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write names, versions and builds."""
    return (ExportedFile(FILE_NAME, write_environment_lock(locks[0], builds=True)),)


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """Tell that the pins are fuzzy, and what consumers do beyond the file."""
    why = "A single `=` takes longer versions, too: `numpy=1.26.4` may become 1.26.4.1."
    return (*_find_fuzzy(lock, why), *find_consumer_losses(lock))


def find_build_losses(lock: Lock) -> tuple[Loss, ...]:
    """Tell the same of pins with a build, which conda takes exactly."""
    why = (
        "micromamba takes a longer version with the same build, too (`1.0=0` may become 1.0.1 of the"
        " build `0`); conda takes no other."
    )
    return (*_find_fuzzy(lock, why), *find_consumer_losses(lock))


def _find_fuzzy(lock: Lock, why: str) -> tuple[Loss, ...]:
    return (Loss("exact versions", (), why),) if lock.packages else ()


def write_environment_lock(lock: Lock, *, builds: bool = False) -> str:
    """Write a lock as conda exports an environment.

    Args:
        lock: Its channels are written in their order, which is their priority; conda's own export
            would put the channels of its configuration first.
        builds: Add the build to each conda package (`name=version=build`).
    """
    document: dict[str, Any] = {"name": lock.name}
    if lock.channels:
        document["channels"] = list(lock.channels)
    dependencies: list[Any] = [
        "=".join((p.name, p.version, p.build) if builds else (p.name, p.version))
        for p in sorted(lock.packages, key=lambda package: package.name)
    ]
    if lock.pip:
        pip = sorted(lock.pip, key=lambda package: package.name)
        dependencies.append({"pip": [f"{p.name}=={p.version}" for p in pip]})
    if dependencies:
        document["dependencies"] = dependencies
    if lock.variables:
        document["variables"] = dict(sorted(lock.variables))
    return write_conda_yaml(document)
