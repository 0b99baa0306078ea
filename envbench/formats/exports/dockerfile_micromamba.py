"""Images on micromamba's own: the environment is its `base`.

Source: mambaorg/micromamba-docker (`MAMBA_USER`, `MAMBA_DOCKERFILE_ACTIVATE`, entry point).
"""

from envbench.formats.exports.image_parts import (
    Image,
    git_lines,
    guard_lines,
    head_lines,
    label_lines,
    start_lines,
    variable_lines,
)
from envbench.formats.exports.recipe_locks import CarriedLock, carry_lock
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock

MICROMAMBA = "2.9.0"
UV = "0.13.9"
PREFIX = "/opt/conda"
USER = "mambauser"
USER_ID = 57439
_FOLDER = "/opt/lock"
_OWNER = "$MAMBA_USER:$MAMBA_USER"


def make_micromamba_image(lock: Lock, options: ExportOptions) -> Image:
    """Write the Dockerfile and the locks that it copies.

    Raises:
        UsageError: A part of the environment lies on this box only.
    """
    carried = carry_lock(lock)
    lines = [
        *head_lines(lock, carried.names, options),
        "# Pin it further by its digest (@sha256:...) where the base must never change either.",
        f"FROM mambaorg/micromamba:{MICROMAMBA}",
        "",
        *guard_lines(lock),
        *_git_lines(carried),
        *label_lines(lock, carried.conda, carried.sha256),
        "# The lock stays in the image and says what is inside.",
        _copy(carried.conda),
        f"RUN micromamba install --yes --name base --file {_FOLDER}/{carried.conda.path} \\",
        "    && micromamba clean --all --yes",
        "",
        *_pip_lines(carried),
        *variable_lines(lock),
        "# Not root: $MAMBA_USER, as a number, from which a cluster can tell. The entry point of the",
        "# base image activates the environment.",
        f"USER {USER_ID}:{USER_ID}",
        "WORKDIR /home/$MAMBA_USER",
        "",
        *start_lines(options),
    ]
    return Image("\n".join(lines) + "\n", carried.files, USER, USER_ID, PREFIX)


def _copy(file: ExportedFile) -> str:
    return f"COPY --chown={_OWNER} {file.path} {_FOLDER}/"


def _pip_lines(carried: CarriedLock) -> list[str]:
    lines: list[str] = []
    if carried.has_pip and (carried.pip or carried.unhashed):
        lines += [
            "# Lets RUN find the commands of the environment.",
            "ARG MAMBA_DOCKERFILE_ACTIVATE=1",
            "",
        ]
    if carried.pip:
        lines += [
            "# Apart: a change of the pip part does not install the conda part anew.",
            _copy(carried.pip),
            "# The file lists dependencies as well: nothing may be added to it.",
            *_install(carried.pip, "--require-hashes", own_pip=carried.has_pip),
            "",
        ]
    if carried.unhashed:
        lines += [
            "# No hash is known of these: repositories at a fixed commit, and bare versions.",
            _copy(carried.unhashed),
            *_install(carried.unhashed, own_pip=carried.has_pip),
            "",
        ]
    return lines


def _git_lines(carried: CarriedLock) -> list[str]:
    if not carried.needs_git:
        return []
    lead = "# Some packages come from repositories. First of all: no change of the lock repeats it."
    return [lead, "USER 0", *git_lines(), f"USER {USER_ID}:{USER_ID}", ""]


def _install(file: ExportedFile, *more: str, own_pip: bool) -> list[str]:
    common = ("--no-deps", *more)
    source = f"--requirement {_FOLDER}/{file.path}"
    if own_pip:
        return [f"RUN python -m pip install {' '.join(common)} --no-cache-dir \\", f"    {source}"]
    return [
        "# The environment has no pip: uv does it, lent to this step only.",
        f"RUN --mount=type=bind,from=ghcr.io/astral-sh/uv:{UV},source=/uv,target=/usr/local/bin/uv \\",
        f"    uv pip install --python {PREFIX}/bin/python {' '.join(common)} --no-cache \\",
        f"    {source}",
    ]
