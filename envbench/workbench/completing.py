"""The items that are offered for each kind of place."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from envbench.engine.channels import find_target
from envbench.engine.package_index.build_values import Build
from envbench.engine.package_index.index import ChannelState, PackageIndex
from envbench.engine.package_index.matching import choose_channel, find_matches
from envbench.model.channel_names import is_anaconda, read_channel
from envbench.model.cleaning import clean
from envbench.model.completion import MAX_ITEMS, CompletionItem
from envbench.model.fuzzy import FuzzyMatch, NameTable
from envbench.model.known_names import CONDA_OF_PYPI, PYPI_OF_CONDA, conda_name_of, pypi_name_of
from envbench.model.matchspec import MatchSpecError
from envbench.model.redaction import redact_url
from envbench.model.spec_place import TOP_KEYS, Place, PlaceKind, list_keys, list_section
from envbench.model.well_known import CHANNELS, PACKAGES, PIP_PACKAGES
from envbench.settings.channel_urls import KNOWN_SUBDIRS
from envbench.settings.load import Settings
from envbench.workbench.index_words import (
    list_pythons,
    list_versions,
    say_age,
    say_builds,
    say_date,
    say_pythons,
    say_size,
)

DETAILS_BUDGET_S = 0.012
"""How long the newest versions of offered names are looked up; those left out are known next time."""
_PATTERNS = ("cuda", "cpu", "mkl", "openblas")
"""Words of build strings that are offered as patterns."""


@dataclass(frozen=True, slots=True)
class Question:
    """A place, and what is needed to answer."""

    text: str
    line: int
    place: Place
    index: PackageIndex
    settings: Settings


@dataclass(frozen=True, slots=True)
class Offer:
    """An answer: the items, and how many more there are."""

    items: tuple[CompletionItem, ...] = ()
    more: int = 0


def offer_items(question: Question) -> Offer:
    """List what fits a place, best first."""
    answer = _ANSWERS.get(question.place.kind)
    return answer(question) if answer else Offer()


def offer_words(text: str, line: int, place: Place) -> tuple[CompletionItem, ...]:
    """List what fits a place that needs no index: keys and platforms."""
    if place.kind is PlaceKind.KEY:
        present = list_keys(text)
        keys = [key for key in TOP_KEYS if key not in present]
        found = sorted(
            NameTable(keys).find(place.query), key=lambda m: (m.kind, TOP_KEYS.index(m.name))
        )
        return tuple(_make_match(place, match, f"{match.name}:") for match in found)
    if place.kind is PlaceKind.PLATFORM:
        present = _list_others(text, "platforms", line)
        table = NameTable(KNOWN_SUBDIRS - present)
        matches = table.find(place.query, limit=MAX_ITEMS, favoured=("linux-64",))
        return tuple(_make_match(place, match) for match in matches)
    return ()


def _list_others(text: str, section: str, line: int) -> frozenset[str]:
    """List what stands in a section on other lines."""
    return frozenset(item for number, item in list_section(text, section) if number != line)


def _offer_channels(question: Question) -> Offer:
    settings, text = question.settings, question.text
    items = [item for _, item in list_section(text, "dependencies")]
    used = [item.partition("::")[0].strip() for item in items if "::" in item]
    present = _list_others(text, "channels", question.line)
    names = {*settings.channels.known_names, *CHANNELS, *used}
    matches = NameTable(_keep_shown(names - present)).find(question.place.query, favoured=CHANNELS)
    return _offer_matches(question, matches, lambda name: _say_channel(name, question))


def _say_channel(name: str, question: Question) -> str:
    states = {channel.group.name: channel for channel in question.index.channels}
    parts = [CHANNELS.get(name, "")]
    if not parts[0] and is_anaconda(read_channel(name)):
        parts = ["Anaconda's terms of service apply"]
    if name in states:
        parts.append(_say_channel_state(states[name]))
    return clean("  ".join(part for part in parts if part), limit=200)


def _say_channel_state(state: ChannelState) -> str:
    if state.is_missing:
        return "no index cached"
    return f"index {say_age(state.age_s)}" if state.age_s is not None else ""


def _offer_packages(question: Question) -> Offer:
    place, index = question.place, question.index
    if place.channel:
        named = _find_named_channel(place.channel, index)
        if named is None:
            return Offer()
        index = index.only(named)
    matches = index.names.find(place.query, limit=MAX_ITEMS, favoured=PACKAGES)
    ends = time.monotonic() + DETAILS_BUDGET_S
    return _offer_matches(question, matches, lambda name: _say_package(name, index, ends))


def _find_named_channel(channel: str, index: PackageIndex) -> ChannelState | None:
    target = find_target(channel, [state.group for state in index.channels])
    for state in index.channels:
        if target == state.group.name or target in state.group.urls:
            return state
    return None


def _say_package(name: str, index: PackageIndex, ends: float) -> str:
    having = index.channels_with(name)
    channels = ", ".join(state.group.name for state in having)
    newest = index.newest(name, until=ends)
    return clean(f"{newest}  {channels}" if newest else channels, limit=120)


def _offer_pip_names(question: Question) -> Offer:
    place, index = question.place, question.index
    found = index.names.find(place.query, limit=MAX_ITEMS, favoured=PACKAGES)
    from_conda = [pypi_name_of(match.name) for match in found if not match.name.startswith("_")]
    names = {*from_conda, *PIP_PACKAGES, *CONDA_OF_PYPI, *PYPI_OF_CONDA.values()}
    matches = NameTable(names).find(place.query, limit=MAX_ITEMS, favoured=PIP_PACKAGES)
    ends = time.monotonic() + DETAILS_BUDGET_S
    return _offer_matches(question, matches, lambda name: _say_pip_name(name, index, ends))


def _say_pip_name(name: str, index: PackageIndex, ends: float) -> str:
    conda = conda_name_of(name)
    if not index.channels_with(conda):
        return "not in these channels; PyPI is not asked"
    shown = "" if conda == name else f" as {conda}"
    return clean(f"conda has it too{shown}: {_say_package(conda, index, ends)}", limit=160)


def _find_builds(question: Question, spec: str) -> tuple[Build, ...]:
    """Find the builds of a spec; those of the channel that wins come first."""
    place = question.place
    text = f"{place.channel}::{spec}" if place.channel else spec
    try:
        matches = find_matches(question.index, text)
    except MatchSpecError:
        return ()
    winner = choose_channel(matches, question.settings.channels.priority).channel
    return tuple(sorted(matches.accepted, key=lambda build: build.channel != winner))


def _offer_versions(question: Question) -> Offer:
    place = question.place
    builds = _find_builds(question, place.name)
    query = place.query.lower().rstrip("*").rstrip(".")
    items, seen = [], set[str]()
    by_channel = _group(builds, lambda build: build.channel)
    for channel, inside in by_channel.items():
        note = channel if len(by_channel) > 1 else ""
        by_version = _group(inside, lambda build: build.version)
        for version in list_versions(inside):
            if _fits_version(query, version) and version not in seen and _is_plain(version):
                seen.add(version)
                detail = "  ".join(part for part in (say_builds(by_version[version]), note) if part)
                items.append(_make_item(place, version, detail))
    return Offer(tuple(items[:MAX_ITEMS]), max(0, len(items) - MAX_ITEMS))


def _fits_version(query: str, version: str) -> bool:
    return version.lower().startswith(query)


def _offer_builds(question: Question) -> Offer:
    place = question.place
    version = place.version.rstrip("*").rstrip(".")
    builds = _find_builds(question, f"{place.name}=={version}" if version else place.name)
    if not builds and version:
        builds = _find_builds(question, f"{place.name}={version}")
    query = place.query.lower().strip("*")
    fitting = [build for build in builds if query in build.build.lower() and _is_plain(build.build)]
    # A stable sort: those that begin so come first, the rest stays in the solver's order.
    fitting.sort(key=lambda build: not build.build.lower().startswith(query))
    items = [*_offer_patterns(place, builds, query)]
    items += [
        _make_item(place, text, _say_build(same[0]))
        for text, same in _group(fitting, lambda build: build.build).items()
    ]
    return Offer(tuple(items[:MAX_ITEMS]), max(0, len(items) - MAX_ITEMS))


def _offer_patterns(place: Place, builds: Sequence[Build], query: str) -> Iterable[CompletionItem]:
    """Offer `*cuda*` and its like where it tells builds apart."""
    for word in _PATTERNS:
        having = [build for build in builds if word in build.build.lower()]
        if having and len(having) < len(builds) and word.startswith(query):
            yield _make_item(place, f"*{word}*", say_builds(having))


def _say_build(build: Build) -> str:
    virtual = [text for text in build.depends if text.startswith("__")]
    parts = [
        say_pythons(list_pythons([build])) if build.python else "",
        *virtual,
        say_date(build.timestamp_ms) if build.timestamp_ms else "",
        say_size(build.size_bytes) if build.size_bytes else "",
        build.channel,
    ]
    return "  ".join(part for part in parts if part)


_ANSWERS: dict[PlaceKind, Callable[[Question], Offer]] = {
    PlaceKind.CHANNEL: _offer_channels,
    PlaceKind.PACKAGE: _offer_packages,
    PlaceKind.PIP_NAME: _offer_pip_names,
    PlaceKind.VERSION: _offer_versions,
    PlaceKind.BUILD: _offer_builds,
}


def _group(builds: Iterable[Build], key: Callable[[Build], str]) -> dict[str, list[Build]]:
    groups: dict[str, list[Build]] = {}
    for build in builds:
        groups.setdefault(key(build), []).append(build)
    return groups


def _is_plain(text: str) -> bool:
    """Tell whether a text can be written into a spec without quotes."""
    return text.isascii() and text.isprintable() and not set(text) & set(" \"'#,=|[]")


def _keep_shown(names: Iterable[str]) -> list[str]:
    """Keep names that can be written as they are shown, secrets in them left out."""
    return [
        name
        for name in names
        if name and " " not in name and name == clean(redact_url(name), limit=300)
    ]


def _offer_matches(
    question: Question, matches: Sequence[FuzzyMatch], say: Callable[[str], str]
) -> Offer:
    place = question.place
    return Offer(tuple(_make_match(place, m, detail=say(m.name)) for m in matches[:MAX_ITEMS]))


def _make_match(
    place: Place, match: FuzzyMatch, insert: str = "", *, detail: str = ""
) -> CompletionItem:
    name = match.name
    return CompletionItem(insert or name, name, detail, place.start_column, match.positions)


def _make_item(place: Place, text: str, detail: str) -> CompletionItem:
    positions = tuple(range(len(place.query))) if text.startswith(place.query) else ()
    return CompletionItem(text, text, clean(detail, limit=200), place.start_column, positions)
