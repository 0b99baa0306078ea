"""Channels as the user names them, and the addresses behind the names."""

from dataclasses import dataclass
from enum import StrEnum


class ChannelPriority(StrEnum):
    """How the order of the channels binds the solver; the words of condarc."""

    STRICT = "strict"
    FLEXIBLE = "flexible"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class ChannelGroup:
    """A channel under the name that the user wrote, with all addresses it stands for.

    `defaults` and the entries of `custom_multichannels` have several members, which share one
    tier of priority; every other channel has one.
    """

    name: str
    """As written in the spec, redacted; `NAME::package` refers to it."""
    urls: tuple[str, ...]
    """Base addresses without subdir, trailing slash or secrets: `https://`, `file://`, ..."""
