"""What is true of a conflict, found with the bare library and by brute force.

Nothing of envbench's engine is used, so that it can be held against it: channels are mapped here
(the tree's folders are the channels' names), specs are parsed by the library alone.

All smallest unsolvable sets of lines are found by going through the powerset. A part of a solvable
set is solvable, and what holds an unsolvable set is unsolvable (but for `channel::package`, which
may lift strict priority: `Oracle.find_cores` then looks at every set by itself); so each answer of
the solver settles many sets, and the walk ends when every set is settled.
"""

import itertools
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

CHILD = Path(__file__).with_name("plain_rattler.py")


@dataclass(frozen=True, slots=True)
class World:
    """Where is looked: channels in order, priority, and the box."""

    tree: Path
    """The folder whose folders are the channels."""
    channels: tuple[str, ...]
    priority: str = "flexible"
    platform: str = "linux-64"
    glibc: str | None = "2.31"
    cuda: str | None = "12.4"
    archspec: str | None = "x86_64_v3"

    def virtual_packages(self) -> list[list[str]]:
        found = [["__unix", "0", "0"], ["__linux", "5.15.0", "0"]]
        if self.glibc:
            found.append(["__glibc", self.glibc, "0"])
        if self.cuda:
            found.append(["__cuda", self.cuda, "0"])
        if self.archspec:
            found.append(["__archspec", "1", self.archspec])
        return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the bare library said."""

    picks: tuple[tuple[str, str, str, str], ...] | None
    """Name, version, build, channel; None when there is no solution."""
    text: str
    seconds: float

    @property
    def is_solvable(self) -> bool:
        return self.picks is not None

    def pick(self, name: str) -> tuple[str, str, str, str] | None:
        return next((pick for pick in self.picks or () if pick[0] == name), None)


class Oracle:
    """Asks the bare library in a child of its own; every answer is kept."""

    def __init__(self, cache: Path) -> None:
        self._child = subprocess.Popen(
            [sys.executable, str(CHILD), str(cache)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._world: World | None = None
        self._known: dict[tuple[World, tuple[str, ...]], Outcome] = {}
        self._solvable: dict[tuple[World, frozenset[str]], bool] = {}
        self.solves = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._child.stdin is not None
        self._child.stdin.close()
        self._child.wait(20)

    def solve(self, world: World, specs: Sequence[str], *, again: bool = False) -> Outcome:
        """Solve for specs as written; `again` asks the solver even when the answer is known."""
        # Which of several plans comes out depends on the order of the specs.
        key = (world, tuple(specs))
        if again or key not in self._known:
            self._known[key] = self._ask(world, key[1])
        return self._known[key]

    def is_solvable(self, world: World, specs: Sequence[str]) -> bool:
        key = (world, frozenset(specs))
        if specs and key not in self._solvable:
            self._solvable[key] = self.solve(world, specs).is_solvable
        return not specs or self._solvable[key]

    def find_cores(self, world: World, specs: Sequence[str]) -> list[tuple[int, ...]]:
        """Find all smallest unsolvable sets, as indexes of specs, by size and then by place."""
        assert len(specs) == len(set(specs)) <= 16
        if any("::" in spec for spec in specs) and world.priority == "strict":
            return self._find_cores_one_by_one(world, specs)
        return _Powerset(len(specs), lambda part: self.is_solvable(world, part), specs).cores()

    def _find_cores_one_by_one(self, world: World, specs: Sequence[str]) -> list[tuple[int, ...]]:
        """Without trust in monotony: a core is unsolvable, and solvable without any one line."""

        def is_solvable(part: tuple[int, ...]) -> bool:
            return self.is_solvable(world, [specs[index] for index in part])

        cores: list[tuple[int, ...]] = []
        for size in range(1, 5):
            for part in itertools.combinations(range(len(specs)), size):
                if any(set(core) <= set(part) for core in cores) or is_solvable(part):
                    continue
                cores.append(part)
        return cores

    def _ask(self, world: World, specs: tuple[str, ...]) -> Outcome:
        assert self._child.stdin is not None and self._child.stdout is not None
        if world != self._world:
            self._send(
                {
                    "sources": [[n, [f"file://{world.tree / n}"]] for n in world.channels],
                    "virtual": world.virtual_packages(),
                    "priority": world.priority,
                    "platform": world.platform,
                }
            )
            self._world = world
        self._send({"specs": list(specs)})
        answer = json.loads(self._child.stdout.readline())
        self.solves += 1
        picks = answer["picks"]
        return Outcome(
            None if picks is None else tuple(tuple(pick) for pick in picks),
            answer["text"],
            answer["seconds"],
        )

    def _send(self, message: object) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(message) + "\n")
        self._child.stdin.flush()


class _Powerset:
    """Which sets of lines are settled, one byte each; ends when none is open.

    Source: the map of MARCO (Liffiton, Previti, Malik, Marques-Silva, "Fast, flexible MUS
    enumeration", Constraints 2016), written out over the whole powerset.
    """

    def __init__(self, count, is_solvable, specs) -> None:
        self._count = count
        self._ask = is_solvable
        self._specs = specs
        self._is_open = bytearray(b"\x01") * (1 << count)
        # Largest first: a solvable one is then a largest solvable one.
        self._order = sorted(range(1 << count), key=lambda m: (-m.bit_count(), m))

    def cores(self) -> list[tuple[int, ...]]:
        found = []
        for mask in self._order:
            if not self._is_open[mask]:
                continue
            if self._is_solvable(mask):
                self._settle(lambda other, m=mask: other & m == other)
                continue
            core = self._shrink(mask)
            found.append(core)
            self._settle(lambda other, c=core: other & c == c)
        return sorted(
            (tuple(i for i in range(self._count) if core >> i & 1) for core in found),
            key=lambda core: (len(core), core),
        )

    def _is_solvable(self, mask: int) -> bool:
        return self._ask([self._specs[i] for i in range(self._count) if mask >> i & 1])

    def _shrink(self, mask: int) -> int:
        for index in range(self._count):
            smaller = mask & ~(1 << index)
            # A settled set below an open unsolvable one is solvable: no known core lies in it.
            if smaller != mask and self._is_open[smaller] and not self._is_solvable(smaller):
                mask = smaller
        return mask

    def _settle(self, holds) -> None:
        for mask in self._order:
            if self._is_open[mask] and holds(mask):
                self._is_open[mask] = 0
