"""What channels have under a name, through the library."""

from collections.abc import Sequence
from dataclasses import dataclass

from envbench.engine.backends.rattler.repodata import RepodataStore, ReportPending
from envbench.engine.channels import ChannelNames, build_sources
from envbench.engine.search import find_close_names, sort_versions
from envbench.engine.virtual_packages import list_subdirs
from envbench.model.channel import ChannelGroup
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError


@dataclass(frozen=True, slots=True)
class NameSearch:
    """The answer to a name."""

    versions: dict[str, list[str]]
    """Channel, in order of priority, to versions, newest first; empty when none has the name."""
    close_names: tuple[str, ...]
    """Names that may have been meant; empty when the name exists."""


async def search_name(
    store: RepodataStore,
    name: str,
    channels: Sequence[ChannelGroup],
    platform: str,
    *,
    offline: bool = False,
    report: ReportPending = lambda _: None,
    silent_s: float | None = None,
) -> NameSearch:
    """Find out what the channels have under a name.

    Raises:
        UsageError: No name of a package, or no platform.
        ChannelFaultError: A channel cannot be used.
    """
    from rattler import MatchSpec
    from rattler.exceptions import InvalidMatchSpecError

    try:
        spec = MatchSpec(name)
    except InvalidMatchSpecError:
        raise UsageError(f"{clean(name, limit=120)!r} is no name of a package") from None
    gateway = await store.load(
        channels, platform, offline=offline, report=report, silent_s=silent_s
    )
    sources, subdirs = build_sources(channels), list_subdirs(platform)
    lists = await gateway.query(
        sources, subdirs, [spec], recursive=False, channel_relations="disabled"
    )
    name_channel = ChannelNames(channels)
    found: dict[str, list[str]] = {}
    for record in (record for part in lists for record in part):
        if spec.matches(record):
            channel = name_channel(record.channel or "")
            found.setdefault(channel, []).append(clean(str(record.version), limit=80))
    if found:
        return NameSearch({c: sort_versions(versions) for c, versions in found.items()}, ())
    names = await gateway.names(sources, subdirs, channel_relations="disabled")
    return NameSearch({}, find_close_names(name, (clean(n.normalized, limit=120) for n in names)))
