"""What a case of the table is made of."""

import re
from dataclasses import dataclass
from pathlib import Path

from envbench.model.channel import ChannelGroup, ChannelPriority
from envbench.model.conflict import CoreKind
from envbench.model.host import HostProfile
from envbench.model.plan import RequestedSpec, SolveRequest
from tests.conflicts.oracle import World

EXACT = "channels-exact"
WIDE = "channels"

QUICK = "quick"
"""A plain solve takes below 0.2 s on an idle box."""
HEAVY = "heavy"
"""A plain solve takes longer than that."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One core: what kind, and the packages whose lines take part, in the file's order."""

    kind: CoreKind
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One file without a solution, and what is known of it."""

    name: str
    text: str
    """An `environment.yml`."""
    cores: tuple[Expected, ...]
    """All smallest unsolvable sets, whether or not they share lines."""
    tree: str = EXACT
    priority: str = "flexible"
    glibc: str | None = "2.31"
    cuda: str | None = "12.4"
    archspec: str | None = "x86_64_v3"
    platform: str = "linux-64"
    fix: tuple[str, ...] = ()
    """Names of the lines that the best fix touches, where that is beyond doubt."""
    time_class: str = QUICK
    daily: bool = False
    """Whether it is part of the default lane."""

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(read_parts(self.text)[0])

    @property
    def lines(self) -> tuple[tuple[int, str], ...]:
        """Number and text of each conda dependency, found without envbench's own reader."""
        return tuple(read_parts(self.text)[1])

    @property
    def pip_lines(self) -> tuple[tuple[int, str], ...]:
        return tuple(read_parts(self.text)[2])

    def world(self, shared: Path) -> World:
        """Tell the oracle where to look."""
        return World(
            tree=shared / self.tree,
            channels=self.channels,
            priority=self.priority,
            platform=self.platform,
            glibc=self.glibc,
            cuda=self.cuda,
            archspec=self.archspec,
        )

    def host(self) -> HostProfile:
        return HostProfile(
            platform=self.platform,
            linux="5.15.0",
            glibc=self.glibc,
            cuda=self.cuda,
            archspec=self.archspec,
        )

    def request(self, shared: Path, *, order: tuple[int, ...] | None = None) -> SolveRequest:
        """Ask envbench the same; `order` gives the lines in another order."""
        lines = self.lines if order is None else tuple(self.lines[index] for index in order)
        return SolveRequest(
            specs=tuple(RequestedSpec(text, number) for number, text in lines),
            channels=tuple(
                ChannelGroup(name, (f"file://{shared / self.tree / name}",))
                for name in self.channels
            ),
            host=self.host(),
            channel_priority=ChannelPriority(self.priority),
            timeout_s=120.0,
        )


def name_of(spec: str) -> str:
    """Read the package's name out of a spec."""
    found = re.match(r"(?:[^\s\[\]=<>!~]+::)?([A-Za-z0-9_.-]+)", spec)
    assert found, spec
    return found[1].lower()


def read_parts(
    text: str,
) -> tuple[list[str], list[tuple[int, str]], list[tuple[int, str]]]:
    channels: list[str] = []
    conda: list[tuple[int, str]] = []
    pip: list[tuple[int, str]] = []
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        bare = re.sub(r"(^|\s)#.*", "", line).rstrip()
        if not bare:
            continue
        if not bare.startswith((" ", "-")):
            section = bare.partition(":")[0]
            continue
        item = bare.strip().removeprefix("- ").strip().strip("\"'")
        if section == "channels":
            channels.append(item)
        elif section == "dependencies" and item != "pip:":
            deeper = len(bare) - len(bare.lstrip()) >= 6
            (pip if deeper else conda).append((number, item))
    return channels, conda, pip
