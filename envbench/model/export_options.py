"""What may be chosen about an export; every choice has a default that is right for most."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """Choices of the formats; each format reads those that concern it."""

    created_at: str | None = None
    """ISO 8601 instant, UTC, to write into formats that have a place for it; None writes none, so
    that the same environment always gives the same bytes."""
    base: str = "micromamba"
    """Of images and pipelines: `micromamba` or `pixi`."""
    jupyter: bool = False
    """Whether an image starts JupyterLab (never as root, never without a token)."""
    image: str = ""
    """Of a job: the image that holds the environment; empty writes a name to be replaced."""
    gpus: int = 1
    """Of a job: how many GPUs it asks for; 0 asks for none."""
    prefix: str = ""
    """Of editors: where the environment lies on this box; empty takes the one that is active when
    the editor starts."""
