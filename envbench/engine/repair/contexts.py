"""Ways out beside the lines: channels, their priority, the box."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from envbench.engine.repair.variants import Variant
from envbench.model.channel import ChannelGroup, ChannelPriority
from envbench.model.conflict import Core, CoreKind
from envbench.model.host import HostProfile
from envbench.model.package_needs import name_of
from envbench.model.plan import SolveRequest
from envbench.model.repair import Move, MoveKind
from envbench.model.repair_candidate import Candidate
from envbench.model.version import compare_versions

_BOUND = re.compile(
    r"__(?P<name>cuda|glibc|archspec|cuda_arch)\b\s*(?:>=|==|=|>)?\s*(?P<version>\d[\d.]*)?"
)
_ARCHSPEC = re.compile(r"__archspec\b[\s=]*(?:1(?:\.\*)?[\s=]+)?\*?([a-z][a-z0-9_]*)")
_FIELDS = {"cuda": "cuda", "glibc": "glibc", "cuda_arch": "cuda_arch"}
_ANY_CUDA = "12.4"
"""Taken where a build needs a driver of whatever version."""
_ABSENT = frozenset(
    {
        CoreKind.MISSING_PACKAGE,
        CoreKind.MISSING_VERSION,
        CoreKind.MISSING_BUILD,
        CoreKind.WRONG_CHANNEL,
    }
)
_MOST_HOSTS = 3
_NOTHING = re.compile(r"Nothing provides ([a-z0-9_.-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Changes beside the versions of lines, and what a try of them asks."""

    moves: tuple[Move, ...]
    texts: tuple[tuple[int, str], ...] = ()
    """Index of a line, and the text that it has here: it asks for another channel."""
    channels: tuple[ChannelGroup, ...] | None = None
    priority: ChannelPriority | None = None
    host: HostProfile | None = None

    @property
    def indexes(self) -> frozenset[int]:
        """Name the lines that it changes."""
        return frozenset(index for index, _ in self.texts)

    def vary(self, texts: tuple[str | None, ...]) -> Variant:
        """Make the variant of a request whose lines are these."""
        variant = Variant(
            texts=texts, channels=self.channels, priority=self.priority, host=self.host
        )
        for index, text in self.texts:
            variant = variant.with_text(index, text)
        return variant


def list_contexts(request: SolveRequest, cores: Sequence[Core]) -> tuple[Context, ...]:
    """List what may be changed beside the lines without another index.

    Args:
        request: The request as it stands.
        cores: What has no solution.
    """
    return (
        *_list_priorities(request),
        *_list_raised(request),
        *_list_hosts(request, cores),
    )


def list_channel_contexts(
    candidates: Sequence[tuple[int, Candidate]], most: int
) -> tuple[Context, ...]:
    """List what may be done by naming channels of lines, where channel priority is strict.

    The records of a channel that a line names are let in for all that needs the package, which a
    mere removal of the line would not do.

    Args:
        candidates: Index of a line, and a change that names its channel.
        most: So many lines together, at most.
    """
    found = []
    for size in range(1, most + 1):
        for chosen in combinations(candidates, size):
            if len({index for index, _ in chosen}) == size:
                moves = tuple(candidate.move for _, candidate in chosen)
                texts = tuple((index, candidate.move.new) for index, candidate in chosen)
                found.append(Context(moves=moves, texts=texts))
    return tuple(found)


def add_channel(request: SolveRequest, group: ChannelGroup) -> Context:
    """Make the change that adds a channel behind those that are there."""
    move = Move(kind=MoveKind.ADD_CHANNEL, name=group.name, new=group.name)
    return Context(moves=(move,), channels=(*request.channels, group))


def list_lacking(core: Core) -> Iterator[str]:
    """Name the packages that another channel would have to have, were it to help."""
    if core.kind in _ABSENT:
        yield from (line.name for line in core.lines if not line.is_pip)
    elif core.kind is CoreKind.INCOMPATIBLE:
        for text in (core.meeting, *(chain.demand for chain in core.chains)):
            name = name_of(text)
            if name and not name.startswith("__") and name != "python":
                yield name
        for text in core.explanation:
            yield from (found[1] for found in _NOTHING.finditer(text))


def _list_priorities(request: SolveRequest) -> Iterator[Context]:
    if len(request.channels) < 2 or request.channel_priority is not ChannelPriority.STRICT:
        # Flexible priority hides nothing: to disable it lets nothing more in.
        return
    # Nor does it here let anything in that flexible priority does not.
    move = Move(
        kind=MoveKind.PRIORITY,
        name="channel_priority",
        old=request.channel_priority.value,
        new=ChannelPriority.FLEXIBLE.value,
    )
    yield Context(moves=(move,), priority=ChannelPriority.FLEXIBLE)


def _list_raised(request: SolveRequest) -> Iterator[Context]:
    if request.channel_priority is not ChannelPriority.STRICT:
        return
    for place, group in enumerate(request.channels):
        if place > 0:
            others = tuple(each for each in request.channels if each is not group)
            move = Move(kind=MoveKind.RAISE_CHANNEL, name=group.name, new=group.name)
            yield Context(moves=(move,), channels=(group, *others))


def _list_hosts(request: SolveRequest, cores: Sequence[Core]) -> Iterator[Context]:
    wanted: dict[str, list[str]] = {}
    texts = [
        text
        for core in cores
        if core.kind is CoreKind.MISSING_VIRTUAL or core.meeting.startswith("__")
        for text in _texts_of(core)
    ]
    yield from _list_architectures(request, texts)
    for found in (each for text in texts for each in _BOUND.finditer(text)):
        default = _ANY_CUDA if found["name"] == "cuda" else ""
        version = (found["version"] or default).rstrip(".")
        if version and version not in wanted.setdefault(found["name"], []):
            wanted[found["name"]].append(version)
    for name, versions in wanted.items():
        if name not in _FIELDS:
            continue
        current = getattr(request.host, _FIELDS[name]) or "0"
        # Of two numbers in a range, the one that the box has already is no way out.
        higher = [v for v in versions if compare_versions(current, v) > 0]
        for version in sorted(higher, key=_numbers)[:_MOST_HOSTS]:
            move = Move(kind=MoveKind.HOST, name=f"__{name}", new=f"__{name}={version}")
            field: dict[str, Any] = {_FIELDS[name]: version}
            host = replace(request.host, **field)
            yield Context(moves=(move,), host=host)


def _list_architectures(request: SolveRequest, texts: Sequence[str]) -> Iterator[Context]:
    names = dict.fromkeys(found[1] for text in texts for found in _ARCHSPEC.finditer(text))
    for name in sorted(names.keys() - {request.host.archspec})[:_MOST_HOSTS]:
        move = Move(kind=MoveKind.HOST, name="__archspec", new=f"__archspec={name}")
        yield Context(moves=(move,), host=replace(request.host, archspec=name))


def _texts_of(core: Core) -> Iterator[str]:
    yield from core.explanation
    yield core.meeting
    yield core.solver_text
    yield from core.available
    for chain in core.chains:
        yield chain.demand
        for link in chain.links:
            yield link.needs


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
