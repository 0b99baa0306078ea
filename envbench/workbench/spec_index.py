"""The package index of one text: its channels, found by line, in the order a solve would use."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from envbench.engine.channels import find_unlisted_channels
from envbench.engine.package_index.index import PackageIndex, load_channels
from envbench.engine.package_index.store import IndexStore
from envbench.model.channel import ChannelGroup
from envbench.model.problem import Severity
from envbench.model.spec_place import list_section
from envbench.settings.load import Settings
from envbench.workbench.index_words import say_state
from envbench.workers.engine import describe_engine


@dataclass(frozen=True, slots=True)
class SpecIndex:
    """What is at hand of the channels of a text."""

    index: PackageIndex
    refused: str
    """Why a channel of the text cannot be used; empty when all can."""

    @property
    def status(self) -> str:
        """What keeps answers from being whole or fresh, in words."""
        return "; ".join(part for part in (self.refused, say_state(self.index)) if part)


def open_spec_index(
    text: str, *, path: str, settings: Settings, platform: str, budget_s: float
) -> SpecIndex:
    """Open the index of a text's channels; reads what is cached, asks no network, writes nothing.

    Args:
        text: The whole text of the spec, however broken.
        path: Its file, for channels that are relative paths.
        settings: Say where channels lie.
        platform: Such as `linux-64`.
        budget_s: See `load_channels`.
    """
    groups, refused = _find_groups(text, Path(path).parent, settings)
    engine = describe_engine(settings)
    store = _open_store(engine.repodata_dir, engine.max_repodata_bytes)
    return SpecIndex(load_channels(store, groups, platform, budget_s=budget_s), refused)


@lru_cache(maxsize=2)
def _open_store(directory: str, max_bytes: int) -> IndexStore:
    """Keep what was read for as long as the process lives."""
    return IndexStore(Path(directory), max_bytes=max_bytes)


def _find_groups(
    text: str, directory: Path, settings: Settings
) -> tuple[tuple[ChannelGroup, ...], str]:
    listed, refused = _resolve(
        [name for _, name in list_section(text, "channels")], directory, settings
    )
    specs = [item for _, item in list_section(text, "dependencies")]
    unlisted = find_unlisted_channels(specs, listed)
    if not unlisted:
        return listed, refused
    # As a solve has it: behind the listed ones, and the configured ones are seen to already.
    further, also_refused = _resolve([*unlisted, "nodefaults"], directory, settings)
    names = {group.name for group in listed}
    return (*listed, *(g for g in further if g.name not in names)), refused or also_refused


def _resolve(
    names: Sequence[str], directory: Path, settings: Settings
) -> tuple[tuple[ChannelGroup, ...], str]:
    try:
        resolved = settings.channels.resolve(names, directory=directory)
    except ValueError:  # a name in the middle of being typed may be any text
        return (), ""
    errors = [p.message for p in resolved.problems if p.severity is Severity.ERROR]
    return resolved.groups, errors[0] if errors else ""
