"""Images on pixi's: it installs in a first stage, and is not in the image that remains.

Source: pixi's guide to containers (`pixi shell-hook`); prefix-dev/pixi-docker.
"""

from envbench.formats.exports.contents import cuda_of, uses_gpu
from envbench.formats.exports.image_parts import (
    UBUNTU,
    Image,
    git_lines,
    guard_lines,
    head_lines,
    label_lines,
    start_lines,
    variable_lines,
)
from envbench.formats.exports.pixi_files import LOCK_FILE, digest_of, write_pixi_files
from envbench.formats.exports.quoting import quote_docker
from envbench.formats.exports.recipe_locks import clones, one_of
from envbench.model.export_options import ExportOptions
from envbench.model.lock import Lock

PIXI = "0.76.1"
USER = "ubuntu"
USER_ID = 1000
_FOLDER = "/opt/environment"
PREFIX = f"{_FOLDER}/.pixi/envs/default"


def make_pixi_image(lock: Lock, options: ExportOptions) -> Image:
    """Write the Dockerfile, and the lock and manifest that it copies.

    Raises:
        UsageError: A part of the environment lies on this box only, or pixi has no image for its
            platform.
    """
    one_of((lock,), "an image of pixi", ("linux-64", "linux-aarch64"))
    files = write_pixi_files((lock,))
    locked = next(file for file in files if file.path == LOCK_FILE)
    lines = [
        *head_lines(lock, [LOCK_FILE], options),
        f"FROM ghcr.io/prefix-dev/pixi:{PIXI} AS build",
        "",
        *guard_lines(lock),
        *_git_lines(lock),
        f"WORKDIR {_FOLDER}",
        f"COPY {' '.join(file.path for file in files)} ./",
        "",
        *_cuda_lines(lock),
        "# --frozen: as the lock says, whatever the manifest would allow.",
        "RUN pixi install --frozen",
        "",
        "# What activation does, as a script: the image that remains needs no pixi.",
        "RUN echo '#!/bin/bash' > entrypoint.sh \\",
        "    && pixi shell-hook --frozen --shell bash >> entrypoint.sh \\",
        "    && echo 'exec \"$@\"' >> entrypoint.sh \\",
        "    && chmod 0755 entrypoint.sh",
        "",
        "# Pin it further by its digest (@sha256:...) where the base must never change either.",
        f"FROM {UBUNTU}",
        "",
        *label_lines(lock, locked, digest_of(locked)),
        "# To the same path: paths of a prefix are written into its files.",
        f"COPY --from=build {_FOLDER} {_FOLDER}",
        "",
        *variable_lines(lock),
        f"# Not root: the user {USER} of the base image, as a number, from which a cluster can tell.",
        f"USER {USER_ID}:{USER_ID}",
        f"WORKDIR /home/{USER}",
        "",
        f'ENTRYPOINT ["{_FOLDER}/entrypoint.sh"]',
        *start_lines(options),
    ]
    return Image("\n".join(lines) + "\n", files, USER, USER_ID, PREFIX)


def _git_lines(lock: Lock) -> list[str]:
    if not clones(lock.pip):
        return []
    return ["# Some packages come from repositories.", *git_lines(), ""]


def _cuda_lines(lock: Lock) -> list[str]:
    version = cuda_of(lock) or ("12.0" if uses_gpu(lock) else None)
    if version is None:
        return []
    return [
        "# pixi asks whether this machine can run what it installs; a build sees no GPU, and need not.",
        f"ENV CONDA_OVERRIDE_CUDA={quote_docker(version)}",
        "",
    ]
