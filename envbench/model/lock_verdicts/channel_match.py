"""Whether two texts mean the same channel: names, addresses, mirrors, members of `defaults`."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from envbench.model.channel_names import ChannelForm, ChannelText, read_channel
from envbench.model.locked_set import LockedPackage

ChannelAddresses: TypeAlias = Mapping[str, Sequence[str]]
"""Name of a channel to the base addresses it stands for, as far as the settings say it."""

_DEFAULTS = frozenset({"pkgs/main", "pkgs/r", "pkgs/msys2", "main", "r", "msys2"})


def is_same_channel(one: str, other: str, known: ChannelAddresses) -> bool:
    """Tell whether two texts mean the same channel.

    A name and an address that ends with it are the same: a mirror serves what the name stands for.
    Two different addresses are the same only where the settings say so.
    """
    first, second = read_channel(one), read_channel(other)
    if first.name == second.name or first.conda_name == second.conda_name:
        return True
    here, there = _addresses(one, first, known), _addresses(other, second, known)
    return bool(here & there) or _stands_for(first, second) or _stands_for(second, first)


def channel_texts(package: LockedPackage) -> tuple[str, ...]:
    """List what a lock says of the channel of a package: its name, its address; none if nothing."""
    record = package.record
    texts = [package.channel, record.channel if record else None, _base_of(package.url)]
    return tuple(dict.fromkeys(text for text in texts if text))


def comes_from(package: LockedPackage, channel: str, known: ChannelAddresses) -> bool | None:
    """Tell whether a package is from a channel; None when the lock does not say where from."""
    texts = channel_texts(package)
    return any(is_same_channel(channel, text, known) for text in texts) if texts else None


def subdir_of(package: LockedPackage) -> str | None:
    """Give the subdir that a package lies in, where the lock says it."""
    if package.record is not None and package.record.subdir:
        return package.record.subdir
    folder = (package.url or "").rpartition("/")[0].rpartition("/")[2]
    return folder or None


def _base_of(url: str | None) -> str:
    return (url or "").rpartition("/")[0].rpartition("/")[0]


def _addresses(text: str, channel: ChannelText, known: ChannelAddresses) -> set[str]:
    found = {address.rstrip("/") for address in known.get(text, ())}
    if channel.form is not ChannelForm.NAME:
        found.add(channel.name)
    return {address.removeprefix("file://") for address in found}


def _stands_for(named: ChannelText, placed: ChannelText) -> bool:
    if named.form is not ChannelForm.NAME:
        return False
    if named.name == "defaults" and placed.conda_name in _DEFAULTS:
        return True
    return placed.form is not ChannelForm.NAME and placed.name.endswith(f"/{named.name}")
