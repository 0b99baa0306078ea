"""`Dockerfile`: an image that holds an environment exactly as locked, for a user who is not root.

Source: Dockerfile reference.
"""

from collections.abc import Sequence

from envbench.formats.exports.image_parts import ARCHITECTURES, Image
from envbench.formats.exports.images import make_image
from envbench.formats.exports.quoting import MARK
from envbench.formats.exports.recipe_locks import KEPT as KEPT
from envbench.formats.exports.recipe_locks import find_option_losses as find_option_losses
from envbench.formats.exports.recipe_locks import find_unhashed_losses, one_of
from envbench.formats.exports.variables import find_variable_losses
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss


def write(locks: Sequence[Lock], options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write the Dockerfile, the locks that it copies, and the list of what a build may see.

    Raises:
        UsageError: The environment is not for Linux, a part of it lies on this box only, the base
            is unknown, or JupyterLab is wanted and not there.
    """
    lock = one_of(locks, "an image", ARCHITECTURES)
    image = make_image(lock, options)
    return (
        ExportedFile("Dockerfile", image.text),
        *image.files,
        ExportedFile(".dockerignore", _write_ignored(image)),
    )


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """List what the image does not hold, or holds unchecked."""
    place = "when the container starts: docker run --env NAME"
    return (*find_unhashed_losses(lock), *find_variable_losses(lock, place))


def _write_ignored(image: Image) -> str:
    lines = [
        "# A build sees the lock and nothing else: no data, no .git, no .env can get into a layer.",
        "# Name here what else you COPY.",
        f"# {MARK}",
        "*",
        *(f"!{file.path}" for file in image.files),
    ]
    return "\n".join(lines) + "\n"
