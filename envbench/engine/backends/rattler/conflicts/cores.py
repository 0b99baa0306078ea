"""All smallest parts of a request that have no solution by themselves.

Source: U. Junker, "QuickXplain: preferred explanations and relaxations for over-constrained
problems" (AAAI 2004) for one; R. Reiter, "A theory of diagnosis from first principles" (1987) for
the walk over all of them: to find another one, leave out one line of each that is known.
"""

import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from envbench.engine.backends.rattler.conflicts.judge import Judge, Part
from envbench.engine.errors import SolveTimeoutError

MAX_CORES = 8
MAX_STEPS = 64
"""Ways of leaving out lines that are looked at before the search for more is given up."""


@dataclass(frozen=True, slots=True)
class FoundCores:
    """What the search came to."""

    cores: tuple[Part, ...]
    """Each smallest, in the order in which they were found."""
    is_complete: bool
    """Whether there are no others."""
    unfinished: Part = frozenset()
    """Lines without a solution in which time was up; empty when it was not."""
    unproven: frozenset[Part] = frozenset()
    """Cores of which it is not known whether a smaller part would do."""


def _make_refuter(judge: Judge) -> Judge:
    """Make one that takes everything for solvable of which the contrary does not follow at once."""

    async def take_for_solvable(_: tuple[int, ...]) -> None:
        return

    return Judge(
        take_for_solvable,
        judge.ends,
        judge.refutes,
        is_monotone=judge.is_monotone,
        max_solves=sys.maxsize,
    )


async def find_cores(
    judge: Judge, suspects: Sequence[int], everything: Sequence[int]
) -> FoundCores:
    """Find all smallest parts without a solution, up to a bound.

    Args:
        judge: Decides.
        suspects: Where to look first.
        everything: All specs.
    """
    cores: list[Part] = []
    search = _Search(judge, suspects, everything, cores)
    try:
        # What follows without solving is found in no time, and all of it; the solver is then
        # asked only whether anything else is wrong.
        is_complete = await _Search(_make_refuter(judge), (), everything, cores).find_all()
        is_complete = await search.find_all() and is_complete
        while await search.replace_one():
            is_complete = await search.find_all() and is_complete
    except SolveTimeoutError:
        unproven = frozenset(core for core in cores if not _is_proven(judge, core))
        return FoundCores(tuple(cores), False, search.narrowed, unproven)
    return FoundCores(tuple(cores), is_complete)


def _is_proven(judge: Judge, core: Part) -> bool:
    return all(judge.recall(core - {index}) for index in core)


class _Search:
    """The cores found so far, and what is being narrowed."""

    def __init__(
        self, judge: Judge, suspects: Sequence[int], everything: Sequence[int], cores: list[Part]
    ) -> None:
        self.cores = cores
        self.narrowed: Part = frozenset()
        self._judge = judge
        self._suspects = suspects
        self._everything = everything
        self._finds_independent = False

    async def find_all(self) -> bool:
        """Find cores that share no line, then the others; tell whether these are all."""
        # Once some are known, each way of leaving out lines of theirs is looked at anyway.
        while not self.cores or self._finds_independent:
            if len(self.cores) >= MAX_CORES:
                break
            if await self._find_one(frozenset().union(*self.cores)) is None:
                break
            self._finds_independent = True
        self._finds_independent = False
        return await self._find_overlapping()

    async def replace_one(self) -> bool:
        """Replace a core that holds a smaller one; tell whether there was any."""
        for place, core in enumerate(self.cores):
            for index in sorted(core):
                fewer = core - {index}
                if fewer and not await self._judge.is_solvable(fewer):
                    self.narrowed = core
                    self.cores[place] = frozenset(await self._narrow_down(sorted(fewer)))
                    self.narrowed = frozenset()
                    self.cores[:] = _drop_supersets(self.cores)
                    return True
        return False

    async def _find_overlapping(self) -> bool:
        waiting: deque[Part] = deque([frozenset()])
        seen: set[Part] = {frozenset()}
        steps = 0
        while waiting:
            left_out = waiting.popleft()
            core = next((core for core in self.cores if not core & left_out), None)
            if core is None:
                steps += 1
                if len(self.cores) >= MAX_CORES or steps > MAX_STEPS:
                    return False
                core = await self._find_one(left_out)
            if core is not None:
                _leave_out_more(left_out, core, waiting, seen)
        return True

    async def _find_one(self, left_out: Part) -> Part | None:
        rest = [index for index in self._everything if index not in left_out]
        if not rest or await self._judge.is_solvable(rest):
            return None
        self.narrowed = frozenset(rest)
        core = frozenset(await self._narrow_down(rest))
        self.narrowed = frozenset()
        self.cores.append(core)
        return core

    async def _narrow_down(self, part: list[int]) -> list[int]:
        suspects = [index for index in self._suspects if index in part]
        return await find_core(self._judge, suspects, part)


def _drop_supersets(cores: Sequence[Part]) -> list[Part]:
    kept: list[Part] = []
    for core in sorted(cores, key=lambda part: (len(part), sorted(part))):
        if not any(smaller <= core for smaller in kept):
            kept.append(core)
    return kept


def _leave_out_more(left_out: Part, core: Part, waiting: deque[Part], seen: set[Part]) -> None:
    for index in sorted(core):
        more = left_out | {index}
        if more not in seen:
            seen.add(more)
            waiting.append(more)


async def find_core(judge: Judge, suspects: Sequence[int], everything: Sequence[int]) -> list[int]:
    """Find a part without a solution in which every spec is needed for that.

    Args:
        judge: Decides.
        suspects: Where to look first.
        everything: All specs, known to have no solution together.

    Raises:
        OutOfTimeError: Time is up.
    """
    start = list(everything)
    if suspects and not await judge.is_solvable(suspects):
        start = list(suspects)
    core = await _narrow(judge, [], start, changed=False)
    if not judge.is_monotone:
        if await judge.is_solvable(core):
            core = list(everything)
        core = await _drop_needless(judge, core)
    return sorted(core)


async def _drop_needless(judge: Judge, core: list[int]) -> list[int]:
    """Drop specs, one at a time, as long as what stays has no solution."""
    for index in core:
        fewer = [other for other in core if other != index]
        if fewer and not await judge.is_solvable(fewer):
            return await _drop_needless(judge, fewer)
    return core


async def _narrow(
    judge: Judge, kept: list[int], suspects: list[int], *, changed: bool
) -> list[int]:
    if changed and not await judge.is_solvable(kept):
        return []
    if len(suspects) == 1:
        return suspects
    middle = len(suspects) // 2
    first, second = suspects[:middle], suspects[middle:]
    from_second = await _narrow(judge, kept + first, second, changed=bool(first))
    from_first = await _narrow(judge, kept + from_second, first, changed=bool(from_second))
    return from_second + from_first
