"""Channels for the solver: groups under the user's names, and `channel::package` mapped to them.

A channel that is given to the solver's library by name is looked up under the library's own
alias, which would bypass the user's mirrors. So every channel goes in as a group that has the
name the user wrote and the addresses that the configuration gave it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from envbench.model.channel import ChannelGroup
from envbench.model.redaction import split_url_secrets

if TYPE_CHECKING:
    from rattler import MultiSource

_PREFIXED = re.compile(r"\s*(?P<channel>[^\s\[\]=<>!~|,]+?)::(?P<rest>.*)", re.DOTALL)
_BRACKETED = re.compile(
    r"(?P<before>\[(?:[^\]]*[,\s])?channel\s*=\s*)(?P<quote>[\"']?)(?P<channel>[^\"',\]]+)(?P=quote)"
)
_SUBDIR = re.compile(r"(?:noarch|(?:linux|osx|win|emscripten|wasi|freebsd|zos)-[a-z0-9_]+)")


def normalise_url(url: str) -> str:
    """Return an address as groups hold it: no secrets, no trailing slash, no subdir."""
    plain = split_url_secrets(url)[0].rstrip("/")
    head, _, tail = plain.rpartition("/")
    return head if head and _SUBDIR.fullmatch(tail) else plain


def split_channel(spec: str) -> tuple[str | None, str]:
    """Split `channel::rest`; the channel is None where the spec has none.

    A channel in brackets (`numpy[channel=x]`) is found too; the spec then comes back whole.
    """
    if found := _PREFIXED.fullmatch(spec):
        return found["channel"], found["rest"]
    bracketed = _BRACKETED.search(spec)
    return (bracketed["channel"].strip() if bracketed else None), spec


def strip_channel(spec: str) -> str:
    """Return a spec without its channel."""
    channel, rest = split_channel(spec)
    if channel is None or rest != spec:
        return rest.lstrip()
    bare = _BRACKETED.sub(lambda m: m["before"][: m["before"].lower().rindex("channel")], spec)
    return re.sub(r"\[[\s,]*\]", "", re.sub(r"([\[,])\s*,", r"\1", bare).replace(",]", "]"))


def find_target(channel: str, groups: Sequence[ChannelGroup]) -> str | None:
    """Find what the solver must be told for a channel of a spec.

    Args:
        channel: What stands before `::`, a name or an address.
        groups: The configured channels.

    Returns:
        The name of a group, or the address of one member (`pkgs/main` of `defaults`); None when
        no configured channel is meant.
    """
    wanted = normalise_url(channel) if "://" in channel else _drop_subdir(channel.strip("/"))
    for group in groups:
        if wanted == group.name.strip("/"):
            return group.name
    for group in groups:
        for url in group.urls:
            plain = normalise_url(url)
            if wanted == plain or _is_short_for(wanted, plain):
                return group.name if len(group.urls) == 1 else plain
    return None


def _is_short_for(name: str, url: str) -> bool:
    """Tell whether an address ends with a name; labels do not stand for their channel."""
    owner = url.removesuffix(f"/{name}")
    is_label = owner.endswith("/label") or name.startswith("label/")
    return owner != url and "://" not in name and not is_label


def map_spec(spec: str, groups: Sequence[ChannelGroup]) -> str:
    """Rewrite the channel of a spec so that it means the channel as configured.

    A channel that is not configured stays as it is, and then matches nothing.
    """
    channel, rest = split_channel(spec)
    if channel is None:
        return spec
    target = find_target(channel, groups)
    if target is None:
        return spec
    if rest != spec:
        return f"{target}::{rest.lstrip()}"
    return _BRACKETED.sub(lambda m: f'{m["before"]}"{target}"', spec, count=1)


def find_unlisted_channels(specs: Iterable[str], groups: Sequence[ChannelGroup]) -> tuple[str, ...]:
    """List the channels that specs name and that are not configured, each once, in order.

    conda adds such channels behind the listed ones; whoever makes a request resolves these names
    and appends them.
    """
    named = (split_channel(spec)[0] for spec in specs)
    return tuple(dict.fromkeys(n for n in named if n and find_target(n, groups) is None))


def build_sources(groups: Sequence[ChannelGroup]) -> list["MultiSource"]:
    """Make the solver's sources, one per group, in order of priority; doubles are left out."""
    from rattler import Channel, MultiSource

    seen: set[str] = set()
    sources: list[MultiSource] = []
    for group in groups:
        urls = [url for url in dict.fromkeys(map(normalise_url, group.urls)) if url not in seen]
        seen.update(urls)
        if urls:
            sources.append(MultiSource(group.name, [Channel(url) for url in urls]))
    return sources


class ChannelNames:
    """From base addresses, as the library spells them, to the names of the user."""

    def __init__(self, groups: Sequence[ChannelGroup]) -> None:
        """Read the groups; where two share an address, the first gives the name."""
        from rattler import Channel

        self._names: dict[str, str] = {}
        for group in groups:
            for url in group.urls:
                plain = normalise_url(url)
                for spelling in (plain, Channel(plain).base_url.rstrip("/")):
                    self._names.setdefault(spelling, group.name)

    def __call__(self, base_url: str) -> str:
        """Name the channel at an address; the address itself where it is unknown."""
        plain = split_url_secrets(base_url)[0].rstrip("/")
        return self._names.get(plain, plain)


def _drop_subdir(name: str) -> str:
    head, _, tail = name.rpartition("/")
    return head if head and _SUBDIR.fullmatch(tail) else name
