"""What a line of a spec accepts of what the channels have, and which channel it would come from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envbench.engine.backends.rattler.candidates import Host
from envbench.engine.channels import find_target, strip_channel
from envbench.engine.package_index.build_values import Build
from envbench.engine.package_index.index import PackageIndex
from envbench.model.channel import ChannelPriority
from envbench.model.host import VirtualPackage
from envbench.model.matchspec import MatchSpec, MatchSpecError, parse_match_spec

if TYPE_CHECKING:
    from rattler import MatchSpec as LibrarySpec


@dataclass(frozen=True, slots=True)
class Matches:
    """A line and the builds of its package."""

    spec: MatchSpec
    target: str | None
    """The channel that the line asks for: the name of a group or the address of a member; None
    when it asks for none, or for one that nobody knows."""
    named: tuple[Build, ...]
    """All builds of the package, channel by channel, the best first."""
    accepted: tuple[Build, ...]
    """Those that the line accepts, in the same order."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The channel that a package would come from."""

    channel: str
    """Empty when none has anything that fits."""
    why: str
    """In words."""


def find_matches(index: PackageIndex, text: str) -> Matches:
    """Compare a match spec with what the channels have.

    Raises:
        MatchSpecError: The text is no match spec.
    """
    spec = parse_match_spec(text)
    library_spec = _parse(strip_channel(text))
    groups = [channel.group for channel in index.channels]
    target = find_target(spec.channel, groups) if spec.channel else None
    named = index.builds(spec.name)
    is_lost = bool(spec.channel) and target is None
    inside = [b for b in named if target is None or target in {b.channel, b.channel_url}]
    accepted = [build for build in inside if library_spec.matches(build.record)]
    return Matches(spec, target, named, () if is_lost else tuple(accepted))


def choose_channel(
    matches: Matches, priority: ChannelPriority, usable: Sequence[Build] | None = None
) -> Choice:
    """Say which channel a package would come from, other lines left aside.

    Args:
        matches: The line.
        priority: How the order of the channels binds.
        usable: Those accepted builds that the box can run; all by default.
    """
    usable = matches.accepted if usable is None else usable
    having = list(dict.fromkeys(build.channel for build in matches.named))
    first_fit = usable[0].channel if usable else ""
    if matches.spec.channel:
        return Choice(first_fit, "the line asks for this channel")
    if len(having) <= 1:
        return Choice(first_fit, "no other listed channel has it")
    if priority is ChannelPriority.DISABLED:
        best = max(usable, key=lambda build: build.rank, default=None)
        why = "channel priority is disabled, so the newest wins"
        return Choice(best.channel if best else "", why)
    first_match = matches.accepted[0].channel if matches.accepted else ""
    if priority is ChannelPriority.STRICT and first_fit != first_match:
        why = f"nothing of {first_match} runs on this box, and strict priority asks no other"
        return Choice("", why)
    return Choice(first_fit, _say_order(having[0], first_fit, priority))


def _say_order(first: str, taken: str, priority: ChannelPriority) -> str:
    if taken in {first, ""}:
        return f"it is listed first of those that have it ({priority} priority)"
    # The solver sees only what the line accepts, so that strict priority is blind for the rest.
    beside = "; conda's own strict priority would stop there"
    return f"{first} is listed first, but nothing there fits" + (
        beside if priority is ChannelPriority.STRICT else ""
    )


def is_met(dependency: str, virtual: Sequence[VirtualPackage]) -> bool:
    """Tell whether a box has what a spec of a virtual package asks for (`__cuda >=12`)."""
    return Host(virtual).satisfies(dependency)


def find_runnable(builds: Iterable[Build], virtual: Sequence[VirtualPackage]) -> "Runnable":
    """Split builds by whether a box has the virtual packages (`__cuda`, ...) that they ask for."""
    host = Host(virtual)
    answers: dict[str, bool] = {}
    fitting: list[Build] = []
    lacking: dict[str, int] = {}
    for build in builds:
        missing = ""
        for text in build.depends:
            if text.startswith("__"):
                if text not in answers:
                    answers[text] = host.satisfies(text)
                missing = missing or ("" if answers[text] else text)
        if missing:
            lacking[missing] = lacking.get(missing, 0) + 1
        else:
            fitting.append(build)
    return Runnable(tuple(fitting), tuple(lacking.items()))


@dataclass(frozen=True, slots=True)
class Runnable:
    """Builds that a box can run, and what it lacks for the others."""

    builds: tuple[Build, ...]
    lacking: tuple[tuple[str, int], ...]
    """Dependency that the box does not meet (`__cuda >=12`), and how many builds have it."""


def find_for_python(builds: Iterable[Build], pythons: Sequence[Build]) -> tuple[Build, ...]:
    """Keep the builds that work with one of these builds of `python`."""
    answers: dict[str, bool] = {"": True}
    kept = []
    for build in builds:
        if build.python not in answers:
            answers[build.python] = _has_python(build.python, pythons)
        if answers[build.python]:
            kept.append(build)
    return tuple(kept)


def _has_python(constraint: str, pythons: Sequence[Build]) -> bool:
    text = f"python {constraint}.*" if constraint[0].isdigit() else f"python {constraint}"
    try:
        spec = _parse(text)
    except MatchSpecError:
        return True
    return any(spec.matches(python.record) for python in pythons)


def _parse(text: str) -> "LibrarySpec":
    from rattler import MatchSpec as LibrarySpec
    from rattler.exceptions import InvalidMatchSpecError

    try:
        return LibrarySpec(text)
    except InvalidMatchSpecError:
        raise MatchSpecError("the solver cannot read this") from None
