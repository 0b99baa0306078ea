"""The folder of the demo."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoStep:
    """One step of the preparation, told before it starts."""

    text: str
    """What is done now: `packaging python 3.11.7`."""
    done: int
    """Packages finished."""
    total: int
    """Packages in all; 0 while that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSpec:
    """One spec of the folder."""

    name: str
    """File name."""
    path: str
    purpose: str
    """What it shows, in a few words."""
    is_edited: bool
    """The user changed it, so that it was left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFolder:
    """A folder that is ready to be opened."""

    directory: str
    channel: str
    python: str
    """Version of the Python in the channel."""
    specs: tuple[DemoSpec, ...]
    """The good one, the one with problems, the one with a conflict."""
    is_channel_new: bool
    """Whether the channel was made by this call; otherwise it was there."""
