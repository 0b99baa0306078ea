"""Development containers: the image of an environment, and how editors work in it.

Source: the Development Container Specification (devcontainer.json reference).
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from envbench.formats.exports.contents import package_names, uses_gpu
from envbench.formats.exports.image_parts import ARCHITECTURES, Image, one_line
from envbench.formats.exports.images import make_image
from envbench.formats.exports.quoting import MARK
from envbench.formats.exports.recipe_locks import KEPT as KEPT
from envbench.formats.exports.recipe_locks import find_option_losses as find_option_losses
from envbench.formats.exports.recipe_locks import find_unhashed_losses, one_of
from envbench.formats.exports.variables import find_variable_losses
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss

FOLDER = ".devcontainer"
PATH = f"{FOLDER}/devcontainer.json"
_HEAD = f"""\
// The environment of this folder as a development container, exactly as locked beside this file.
// The file may hold comments; its reference is at https://containers.dev/implementors/json_reference.
// {MARK}
"""
_GPU_COMMENT = """\
  // Editors lend the host's GPUs where it has some ("optional": they start without, too). To say
  // "--gpus=all" here as well would keep the container from starting on a host without GPUs.
"""
_USER_COMMENT = """\
  // The files of the workspace are the host user's, so the image's user takes that number. The
  // environment itself stays as it was locked: this user cannot write to it.
"""
_GIT_COMMENT = """\
  // Editors ask the container's git; the image has none.
"""
_SHARED_MEMORY_COMMENT = """\
  // Workers of data loaders hand over batches in shared memory; a container has 64 MB of it.
"""
_COMMENTS = {
    "updateRemoteUserUID": _USER_COMMENT,
    "features": _GIT_COMMENT,
    "hostRequirements": _GPU_COMMENT,
    "runArgs": _SHARED_MEMORY_COMMENT,
}


def write(locks: Sequence[Lock], options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write devcontainer.json, its Dockerfile and the locks that this copies.

    Raises:
        UsageError: The environment is not for Linux, a part of it lies on this box only, or the
            base is unknown.
    """
    lock = one_of(locks, "a development container", ARCHITECTURES)
    # An editor starts what it needs; Jupyter's server would be one too many.
    image = make_image(lock, replace(options, jupyter=False))
    files = (ExportedFile("Dockerfile", image.text), *image.files)
    return (
        ExportedFile(PATH, _write(lock, image)),
        *(replace(file, path=f"{FOLDER}/{file.path}") for file in files),
    )


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """List what the container does not hold, or holds unchecked."""
    place = "with remoteEnv from a variable of the host: ${localEnv:NAME}"
    return (*find_unhashed_losses(lock), *find_variable_losses(lock, place))


def _write(lock: Lock, image: Image) -> str:
    document: dict[str, Any] = {
        "name": one_line(lock.name) or "environment",
        "build": {"dockerfile": "Dockerfile", "context": "."},
        "remoteUser": image.user,
        "updateRemoteUserUID": True,
        "remoteEnv": {"PATH": f"{image.prefix}/bin:${{containerEnv:PATH}}"},
    }
    if all(package.name != "git" for package in lock.packages):
        document["features"] = {"ghcr.io/devcontainers/features/git:1": {}}
    if uses_gpu(lock):
        document["hostRequirements"] = {"gpu": "optional"}
        document["runArgs"] = ["--shm-size=8g"]
    document["customizations"] = {
        "vscode": {
            "extensions": _extensions(lock),
            "settings": {"python.defaultInterpreterPath": f"{image.prefix}/bin/python"},
        }
    }
    text = json.dumps(document, indent=2, ensure_ascii=False)
    for key, comment in _COMMENTS.items():
        text = text.replace(f'  "{key}"', f'{comment}  "{key}"', 1)
    return f"{_HEAD}{text}\n"


def _extensions(lock: Lock) -> list[str]:
    notebooks = (
        ["ms-toolsai.jupyter"]
        if package_names(lock) & {"ipykernel", "jupyterlab", "notebook"}
        else []
    )
    return ["ms-python.python", *notebooks]
