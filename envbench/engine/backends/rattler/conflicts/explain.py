"""From the solver's refusal to the lines of the user's file that cause it.

First each line is looked at by itself: does the package exist, does a build match, does the box
have what every such build needs? A line that fails there is a conflict of its own. The other lines
are then searched for the smallest sets that have no solution together, by solving. A line is never
named on the solver's word alone.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

from envbench.engine.backends.rattler.attempt import Attempt
from envbench.engine.backends.rattler.candidates import Host, Line, look_up_lines
from envbench.engine.backends.rattler.conflicts.core_words import list_causes, summarise
from envbench.engine.backends.rattler.conflicts.cores import FoundCores, find_cores
from envbench.engine.backends.rattler.conflicts.judge import Judge, Part
from envbench.engine.backends.rattler.conflicts.lone_lines import judge_line
from envbench.engine.backends.rattler.conflicts.quick_solves import QuickSolves
from envbench.engine.backends.rattler.conflicts.refusal import Refusal
from envbench.engine.backends.rattler.conflicts.supplies import pick_unordered
from envbench.engine.backends.rattler.conflicts.tell_core import tell_core
from envbench.engine.backends.rattler.narrowing.propagation import Propagation
from envbench.engine.backends.rattler.solver_memory import SolverMemory
from envbench.engine.channels import ChannelNames
from envbench.engine.conflict_text import read_conflict, trim_text
from envbench.engine.errors import SolveTimeoutError
from envbench.model.conflict import Conflict, Core, CoreKind

EXPLAIN_S = 30.0
"""Most time for narrowing a conflict down."""


async def explain_conflict(
    memory: SolverMemory, attempt: Attempt, solver_text: str, started: float
) -> Conflict:
    """Make a conflict that names lines out of a solve that failed.

    Args:
        memory: What the process keeps.
        attempt: What was solved.
        solver_text: The solver's explanation.
        started: `time.monotonic()` of the request.
    """
    lines = await look_up_lines(attempt)
    host = Host(attempt.request.host.virtual_packages())
    alone: dict[int, Core] = {}
    for line in lines:
        if core := await judge_line(attempt, line, host):
            alone[line.index] = core
    rest = [line for line in lines if line.index not in alone]
    plain = Judge(attempt.run, _find_end(attempt))
    if alone and await _is_fine(plain, rest):
        between, found = [], FoundCores((), is_complete=True)
    else:
        refusal = await _open_refusal(memory, attempt, lines, solver_text)
        found = await _search_twice(memory, refusal, rest, plain)
        between = await _tell_all(refusal, plain, found)
    text = next((core.solver_text for core in between if core.solver_text), "")
    cores = _mark_independent([*alone.values(), *between])
    return Conflict(
        summary=summarise(cores),
        causes=list_causes(cores),
        solver_text=text or trim_text(read_conflict(solver_text).text),
        is_proven=all(core.is_minimal for core in cores),
        cores=cores,
        note=_say_what_is_open(found),
        solves=plain.solves + 1,
        seconds=time.monotonic() - started,
    )


async def _is_fine(judge: Judge, rest: Sequence[Line]) -> bool:
    """Tell whether nothing else is wrong; False also when there is no time to find out."""
    try:
        return await judge.is_solvable(line.index for line in rest)
    except SolveTimeoutError:
        return False


async def _open_refusal(
    memory: SolverMemory, attempt: Attempt, lines: tuple[Line, ...], solver_text: str
) -> Refusal:
    universe = await memory.searches.find_universe(attempt, memory.stamp(attempt.request))
    return Refusal(
        attempt=attempt,
        lines=lines,
        host=universe.host,
        read=read_conflict(solver_text),
        names=ChannelNames(attempt.request.channels),
        propagation=Propagation(universe, {line.index: line.text for line in lines}),
        ends=_find_end(attempt),
    )


def _find_end(attempt: Attempt) -> float:
    patience_s = EXPLAIN_S if attempt.lessons.narrow else 0.0
    return min(attempt.ends, time.monotonic() + patience_s)


async def _search_twice(
    memory: SolverMemory, refusal: Refusal, rest: Sequence[Line], plain: Judge
) -> FoundCores:
    """Search with everything that makes it quick; verify; search plainly if that was wrong."""
    quick = QuickSolves(memory, refusal)
    judge = Judge(quick.solve, refusal.ends, quick.refutes, is_monotone=_is_monotone(refusal))
    found = await _find_between(judge, refusal, rest)
    plain.solves += judge.solves
    text = refusal.read.text if len(rest) == len(refusal.lines) else ""
    if not quick.was_slow:
        # It was asked about everything that the channels have: what it said, it said for good.
        plain.refusals.update(judge.refusals)
    if await _all_hold(plain, quick, found, text):
        return found
    return await _find_between(plain, refusal, rest)


async def _find_between(judge: Judge, refusal: Refusal, rest: Sequence[Line]) -> FoundCores:
    # The order in which lines are looked at decides which core is found first, and must not
    # depend on the order of the file.
    ordered = sorted(rest, key=lambda line: (line.name, line.text, line.index))
    suspects = [line.index for line in ordered if line.name in refusal.read.names]
    if len(rest) == len(refusal.lines):
        judge.take_for_granted(range(len(rest)), solvable=False)
    return await find_cores(judge, suspects, [line.index for line in ordered])


async def _all_hold(plain: Judge, quick: QuickSolves, found: FoundCores, refusal_text: str) -> bool:
    """Ask the solver itself, on everything the channels have, about cores that do not follow.

    Of a single one it spoke when it refused the whole.
    """
    parts = _sort_parts(found.cores)
    try:
        if refusal_text and len(parts) == 1:
            plain.refusals.setdefault(parts[0], refusal_text)
        for part in parts:
            is_known = part in plain.refusals or quick.refutes(part)
            if not is_known and await plain.ask_solver(part):
                return False
    except SolveTimeoutError:
        return True
    return True


def _is_monotone(refusal: Refusal) -> bool:
    """Tell whether more lines can never have a solution where fewer have none.

    Under strict priority a line can bring in the channel from which another line needs something.
    """
    universe = refusal.propagation.universe
    return not universe.is_strict or all(
        len(universe.tiers.get(line.name, ())) < 2 for line in refusal.lines
    )


async def _tell_all(refusal: Refusal, judge: Judge, found: FoundCores) -> list[Core]:
    together = frozenset().union(*found.cores)
    # What solves all of them solves each.
    picks = await pick_unordered(refusal, together) if len(found.cores) > 1 else None
    told = []
    for part in _sort_parts(found.cores):
        core = await tell_core(refusal, judge, part, unordered=picks)
        told.append(replace(core, is_minimal=part not in found.unproven))
    if found.unfinished:
        told.append(_unfinished_core(refusal, found.unfinished))
    return told


def _sort_parts(parts: Sequence[Part]) -> list[Part]:
    return sorted(parts, key=sorted)


def _mark_independent(cores: Sequence[Core]) -> tuple[Core, ...]:
    marked: list[Core] = []
    for core in cores:
        taken = {line for before in marked for line in before.lines}
        marked.append(replace(core, is_independent=not taken & set(core.lines)))
    return tuple(marked)


def _unfinished_core(refusal: Refusal, part: Part) -> Core:
    chosen = [line for line in refusal.lines if line.index in part]
    named = [line for line in chosen if line.name in refusal.read.names] or chosen
    return Core(
        kind=CoreKind.INCOMPATIBLE,
        lines=tuple(line.spec_line for line in named),
        explanation=(
            "Some of these lines cannot be combined; there was no time to find out which.",
        ),
        is_minimal=False,
    )


def _say_what_is_open(found: FoundCores) -> str:
    if found.is_complete:
        return ""
    if found.unfinished:
        return "There was no time to narrow everything down."
    return "There may be further conflicts: the search for more was given up."
