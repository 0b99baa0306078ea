"""The environment of an MLflow model: `conda.yaml` and what belongs to it.

MLflow restores Python, pip and a list of pip packages, nothing else. Its reader takes the line of
Python only as `python=X.Y.Z`; in any other form it takes the Python that it runs on, with no more
than a line in the log.

Source: MLflow 3.17 (`mlflow.utils.environment`).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from envbench.formats.exports.mlflow_losses import find_losses
from envbench.formats.exports.mlflow_requirements import list_requirements
from envbench.formats.exports.mlflow_tags import write_tags
from envbench.formats.lock_yaml import write_lock_yaml
from envbench.formats.locks.environment_lock import write_environment_lock
from envbench.formats.locks.pixi_lock import write_pixi_lock
from envbench.formats.python_version import python_of
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock
from envbench.model.lock_sameness import same_channel
from envbench.model.locked_set import LockAspect

__all__ = ["FILE_NAME", "KEPT", "find_losses", "write"]

FILE_NAME = "conda.yaml"
_MARK = "# created-by: envbench\n"
KEPT = frozenset(LockAspect) - {
    LockAspect.PLATFORM,
    LockAspect.PIP_ADDRESS,
    LockAspect.PIP_HASH,
    LockAspect.VARIABLES,
}
"""What becomes of conda's packages is told by losses of its own."""
_BUILD_TOOLS = ("pip", "setuptools", "wheel")
_READ_BY_MLFLOW = re.compile(r"[0-9]+(?:\.[0-9]+)*")


def write(locks: Sequence[Lock], options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write MLflow's three files, the lock itself, and a module that tags runs and models with it.

    Raises:
        UsageError: The version of Python is not known, or is none that MLflow reads.
    """
    lock = locks[0]
    python = _require_python(lock)
    requirements = list_requirements(lock)
    kept_lock = _write_lock(lock, options)
    return (
        ExportedFile(FILE_NAME, _write_conda(lock, python, requirements)),
        ExportedFile("python_env.yaml", _write_python_env(lock, python)),
        ExportedFile("requirements.txt", _MARK + "".join(f"{line}\n" for line in requirements)),
        kept_lock,
        ExportedFile("mlflow_tags.py", write_tags(lock, python, kept_lock)),
    )


def _require_python(lock: Lock) -> str:
    python = python_of(lock)
    if python is None:
        raise UsageError(
            "MLflow needs the version of Python, and the lock has none",
            why="Its reader would take whatever Python it happens to run on.",
            hint="Add python to the dependencies, and lock again.",
        )
    if not _READ_BY_MLFLOW.fullmatch(python):
        raise UsageError(
            f"MLflow cannot read Python {python}",
            why="It knows versions of digits and dots only, and would take the Python it runs on.",
            hint="Take a released version of Python.",
        )
    return python


def _write_conda(lock: Lock, python: str, requirements: Sequence[str]) -> str:
    tools = dict(_find_build_tools(lock))
    lines = [f"python={python}"]
    for name in _BUILD_TOOLS:
        version = tools.get(name, "")
        if _READ_BY_MLFLOW.fullmatch(version):
            lines.append(f"{name}={version}")
        elif name == "pip":
            lines.append("pip")
    dependencies: list[Any] = [*lines, *([{"pip": list(requirements)}] if requirements else [])]
    document = {
        "name": "mlflow-env",
        "channels": _list_channels(lock),
        "dependencies": dependencies,
    }
    return _MARK + write_lock_yaml(document)


def _list_channels(lock: Lock) -> list[str]:
    """List the channels of Python and its build tools: nothing else comes from conda."""
    needed = {p.channel for p in lock.packages if p.name in {"python", *_BUILD_TOOLS}}
    found = [name for name in lock.channels if any(same_channel(name, each) for each in needed)]
    return found or list(lock.channels) or ["conda-forge"]


def _write_python_env(lock: Lock, python: str) -> str:
    document: dict[str, Any] = {"python": python}
    tools = [f"{name}=={version}" for name, version in _find_build_tools(lock)]
    if tools:
        document["build_dependencies"] = tools
    return _MARK + write_lock_yaml(document | {"dependencies": ["-r requirements.txt"]})


def _find_build_tools(lock: Lock) -> Iterable[tuple[str, str]]:
    versions = {p.name: p.version for p in lock.packages} | {p.name: p.version for p in lock.pip}
    return [(name, versions[name]) for name in _BUILD_TOOLS if name in versions]


def _write_lock(lock: Lock, options: ExportOptions) -> ExportedFile:
    """Write the exact environment; where addresses are missing, as exactly as versions can."""
    try:
        return write_pixi_lock((lock,), options, version=6)[0]
    except UsageError:
        return ExportedFile("environment.lock.yml", write_environment_lock(lock, builds=True))
