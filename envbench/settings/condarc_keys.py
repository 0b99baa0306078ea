"""The keys of condarc that envbench reads, as data, and how their text becomes values.

Source: conda's `conda config --describe`, its aliases and defaults; `mirrored_channels` is
mamba's.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from envbench.model.channel import ChannelPriority

if TYPE_CHECKING:
    from envbench.settings.condarc_text import RawValue

DEFAULT_CHANNEL_ALIAS = "https://conda.anaconda.org"
DEFAULT_CHANNELS = (
    "https://repo.anaconda.com/pkgs/main",
    "https://repo.anaconda.com/pkgs/r",
)
_TRUE = {"true", "yes", "on", "y", "1"}
_FALSE = {"false", "no", "off", "n", "0"}


class Shape(StrEnum):
    """How values of several files become one."""

    SCALAR = "scalar"
    """The file of the highest priority wins."""
    LIST = "list"
    """The lists are joined, the highest priority first."""
    MAP = "map"
    """Key by key, the highest priority wins."""
    MAP_OF_LISTS = "map of lists"
    """Key by key, the lists are joined."""


class BadCondaValueError(ValueError):
    """A value that does not fit its key."""


@dataclass(frozen=True, slots=True)
class CondaKey:
    """One key of condarc."""

    name: str
    shape: Shape
    default: object
    meaning: str
    """What envbench uses it for, one line."""
    parse: Callable[[str], object] = str
    """Turns the text of a scalar into its value; raises `BadCondaValueError`."""
    aliases: tuple[str, ...] = ()
    expand: bool = False
    """Whether `$NAME` is replaced by an environment variable."""
    delimiter: str = ","
    """What separates the items of a list in an environment variable."""


def parse_bool(text: str) -> bool:
    """Read conda's words for true and false."""
    word = text.strip().lower()
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise BadCondaValueError("must be true or false")


def _parse_number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if 0 <= number <= 1_000_000:
        return number
    raise BadCondaValueError("must be a number, not negative")


def _parse_count(text: str) -> int:
    return int(_parse_number(text))


def _parse_priority(text: str) -> ChannelPriority:
    word = text.strip().lower()
    if word in _TRUE:
        return ChannelPriority.FLEXIBLE
    if word in _FALSE:
        return ChannelPriority.DISABLED
    try:
        return ChannelPriority(word)
    except ValueError:
        raise BadCondaValueError("must be strict, flexible or disabled") from None


def _parse_verify(text: str) -> bool | str:
    word = text.strip().lower()
    return word in _TRUE if word in _TRUE | _FALSE else text


def _parse_alias(text: str) -> str:
    if "://" in text:
        return text
    raise BadCondaValueError("must be a URL with its scheme")


_LIST, _MAP, _SCALAR = Shape.LIST, Shape.MAP, Shape.SCALAR

CONDA_KEYS: tuple[CondaKey, ...] = (
    CondaKey(
        "channels",
        _LIST,
        (),
        "channels of a spec that names none",
        aliases=("channel",),
        expand=True,
    ),
    CondaKey(
        "default_channels", _LIST, DEFAULT_CHANNELS, "what `defaults` stands for", expand=True
    ),
    CondaKey(
        "channel_alias",
        _SCALAR,
        DEFAULT_CHANNEL_ALIAS,
        "where channels with a bare name lie",
        _parse_alias,
        expand=True,
    ),
    CondaKey(
        "custom_channels",
        _MAP,
        {"pkgs/pro": "https://repo.anaconda.com"},
        "channels by name that lie elsewhere",
        expand=True,
    ),
    CondaKey(
        "custom_multichannels", Shape.MAP_OF_LISTS, {}, "names for several channels", expand=True
    ),
    CondaKey("mirrored_channels", Shape.MAP_OF_LISTS, {}, "mirrors of a channel", expand=True),
    CondaKey("migrated_channel_aliases", _LIST, (), "old addresses of channel_alias", expand=True),
    CondaKey(
        "channel_priority",
        _SCALAR,
        ChannelPriority.FLEXIBLE,
        "how the order of channels binds the solver",
        _parse_priority,
    ),
    CondaKey(
        "allowlist_channels",
        _LIST,
        (),
        "channels that may be used; all when empty",
        aliases=("whitelist_channels",),
        expand=True,
    ),
    CondaKey("denylist_channels", _LIST, (), "channels that may not be used", expand=True),
    CondaKey("restore_free_channel", _SCALAR, False, "add pkgs/free to `defaults`", parse_bool),
    CondaKey(
        "ssl_verify",
        _SCALAR,
        True,
        "check certificates: true, false, or a bundle of certificates",
        _parse_verify,
        aliases=("verify_ssl",),
        expand=True,
    ),
    CondaKey(
        "client_ssl_cert",
        _SCALAR,
        None,
        "certificate of this client",
        aliases=("client_cert",),
        expand=True,
    ),
    CondaKey(
        "client_ssl_cert_key",
        _SCALAR,
        None,
        "its private key",
        aliases=("client_cert_key",),
        expand=True,
    ),
    CondaKey("proxy_servers", _MAP, {}, "proxies by scheme", expand=True),
    CondaKey("remote_max_retries", _SCALAR, 3, "further attempts of a download", _parse_count),
    CondaKey(
        "remote_connect_timeout_secs",
        _SCALAR,
        9.15,
        "limit for a connection, in seconds",
        _parse_number,
    ),
    CondaKey(
        "remote_read_timeout_secs", _SCALAR, 60.0, "limit for a silence, in seconds", _parse_number
    ),
    CondaKey("offline", _SCALAR, False, "use only what is cached", parse_bool),
    CondaKey(
        "envs_dirs",
        _LIST,
        (),
        "where environments are looked for; the first one is where they are built",
        aliases=("envs_path",),
        expand=True,
        delimiter=os.pathsep,
    ),
    CondaKey("pkgs_dirs", _LIST, (), "conda's package caches, which are only read", expand=True),
)

KEY_BY_WORD = {word: key for key in CONDA_KEYS for word in (key.name, *key.aliases)}


def read_value(key: CondaKey, raw: "RawValue") -> object:
    """Turn what stands in a file into a value of the key's shape; None when it says nothing.

    Raises:
        BadCondaValueError: Another shape, or a text that does not fit.
    """
    if raw is None:
        return None
    match key.shape:
        case Shape.SCALAR if isinstance(raw, str):
            return key.parse(raw)
        case Shape.LIST:
            return _read_list(raw)
        case Shape.MAP if isinstance(raw, dict):
            if all(isinstance(value, str) or value is None for value in raw.values()):
                return {name: value for name, value in raw.items() if value is not None}
        case Shape.MAP_OF_LISTS if isinstance(raw, dict):
            return {name: _read_list(value) for name, value in raw.items() if value is not None}
        case _:
            pass
    raise BadCondaValueError(f"must be a {key.shape}")


def _read_list(raw: "RawValue") -> tuple[str, ...]:
    if isinstance(raw, str):
        return (raw,)
    if isinstance(raw, list):
        return tuple(item for item in raw if item is not None)
    raise BadCondaValueError("must be a list")
