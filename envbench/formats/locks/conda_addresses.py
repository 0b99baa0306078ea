"""What the addresses of packages and channels say, and what they are made of.

Source: conda's layout of channels (`<channel>/<subdir>/<name>-<version>-<build>.<extension>`);
build number and kind of noarch are derived as rattler-lock derives them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from envbench.model.channel_names import ChannelForm, read_channel
from envbench.model.lazy_patterns import lazy_pattern
from envbench.model.lock import Lock
from envbench.model.package_record import PackageRecord

_EXTENSION = lazy_pattern(r"(?:\.conda|\.tar\.bz2)\Z")
_SUBDIR = lazy_pattern(r"noarch|[a-z]+-[a-z0-9]+")
_HOME = "https://conda.anaconda.org"
_DEFAULTS = ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")


@dataclass(frozen=True, slots=True)
class CondaAddress:
    """The parts of the address of a conda package."""

    channel_url: str
    subdir: str
    """Empty when the address has none."""
    file_name: str
    name: str
    version: str
    build: str


def split_address(url: str) -> CondaAddress | None:
    """Take the address of an archive apart; None when it is none of a conda package."""
    base, _, file = url.rpartition("/")
    file_name = unquote(file)
    stem = _EXTENSION.sub("", file_name)
    parts = stem.rsplit("-", 2)
    if stem == file_name or len(parts) != 3 or not all(parts):
        return None
    channel_url, _, subdir = base.rpartition("/")
    if not _SUBDIR.fullmatch(subdir):
        channel_url, subdir = base, ""
    return CondaAddress(channel_url, subdir, file_name, *parts)


def derive_build_number(build: str) -> int:
    """Read the number at the end of a build, 0 when there is none."""
    match = re.search(r"([0-9]{1,9})\Z", build)
    return int(match[1]) if match else 0


def derive_noarch(subdir: str, build: str) -> str | None:
    """Guess the kind of a noarch package: those of Python have `py` in their build."""
    if subdir != "noarch":
        return None
    return "python" if "py" in build else "generic"


def name_channel(url: str) -> str:
    """Give a channel the name conda calls it by; its address where it has none."""
    return read_channel(url).conda_name


def locate_channels(locks: Iterable[Lock]) -> tuple[str, ...]:
    """List the addresses of the channels in their order, without slashes at the end.

    A channel known by name lies where its packages came from (a mirror, the members of a
    multi-channel), and where conda looks for it when no package came from it.
    """
    found: dict[str, None] = {}
    locks = tuple(locks)
    for channel in dict.fromkeys(channel for lock in locks for channel in lock.channels):
        found.update(dict.fromkeys(_locate(channel, locks)))
    return tuple(found)


def channel_url_of(package: PackageRecord) -> str:
    """Return where the channel of a package lies; empty when unknown."""
    if package.channel_url:
        return package.channel_url.rstrip("/")
    address = split_address(package.url)
    return address.channel_url if address else ""


def _locate(channel: str, locks: tuple[Lock, ...]) -> Iterator[str]:
    text = read_channel(channel)
    if text.form is not ChannelForm.NAME:
        yield channel.rstrip("/")
        return
    packages = (package for lock in locks for package in lock.packages)
    served = {url: None for p in packages if p.channel == channel and (url := channel_url_of(p))}
    if served:
        yield from sorted(served)
    elif channel == "defaults":
        yield from _DEFAULTS
    elif channel.startswith("pkgs/"):
        yield f"https://repo.anaconda.com/{channel}"
    else:
        yield f"{_HOME}/{channel}"
