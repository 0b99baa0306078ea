"""The image of an environment on the base that was chosen."""

from envbench.formats.exports.contents import package_names
from envbench.formats.exports.dockerfile_micromamba import make_micromamba_image
from envbench.formats.exports.dockerfile_pixi import make_pixi_image
from envbench.formats.exports.image_parts import Image
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import Lock

_MAKERS = {"micromamba": make_micromamba_image, "pixi": make_pixi_image}


def check_base(base: str) -> str:
    """Return the name of a base.

    Raises:
        UsageError: There is none of this name.
    """
    if base not in _MAKERS:
        raise UsageError(f"there is no base {base!r}", hint=f"Choose one of: {', '.join(_MAKERS)}")
    return base


def make_image(lock: Lock, options: ExportOptions) -> Image:
    """Write the Dockerfile of an environment and the locks that it copies.

    Raises:
        UsageError: The base is unknown, a part of the environment lies on this box only, or
            JupyterLab is wanted and not there.
    """
    maker = _MAKERS[check_base(options.base)]
    if options.jupyter and "jupyterlab" not in package_names(lock):
        raise UsageError(
            "the image cannot start JupyterLab",
            why="The environment has no jupyterlab.",
            hint="Add jupyterlab to the spec, build and lock it again; or leave jupyter=yes out.",
        )
    return maker(lock, options)
