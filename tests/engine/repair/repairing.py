"""Searches over real solver processes, a prover without files, and the search of all combinations."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

from envbench.engine.repair import Proof, RepairSearch, RepairTask, SolverTrials
from envbench.engine.repair.contexts import list_contexts
from envbench.engine.solver.client import SolverProcess
from envbench.model.channel import ChannelPriority
from envbench.model.conflict import Conflict, SpecLine
from envbench.model.matchspec import parse_match_spec
from envbench.model.plan import Plan, RequestedSpec, SolveRequest
from envbench.model.repair import Fix, Move, MoveKind
from envbench.model.repair_cost import Outcome, measure_cost
from envbench.model.repair_moves import list_candidates


def lines_of(request: SolveRequest) -> tuple[SpecLine, ...]:
    return tuple(
        SpecLine(text=spec.text, name=parse_match_spec(spec.text).name, line=spec.line)
        for spec in request.specs
    )


def change(request: SolveRequest, moves: Sequence[Move]) -> SolveRequest:
    """Make the moves on the request itself; written apart from what the search does."""
    specs = list(request.specs)
    for move in moves:
        if move.kind is MoveKind.PRIORITY:
            request = replace(request, channel_priority=ChannelPriority(move.new))
        elif move.kind is MoveKind.HOST:
            name, _, version = move.new.removeprefix("__").partition("=")
            request = replace(request, host=replace(request.host, **{name: version}))
        elif move.kind is MoveKind.RAISE_CHANNEL:
            first = [group for group in request.channels if group.name == move.new]
            rest = [group for group in request.channels if group.name != move.new]
            request = replace(request, channels=(*first, *rest))
        else:
            (place,) = [i for i, spec in enumerate(specs) if spec.line == move.line]
            if move.kind is MoveKind.REMOVE:
                del specs[place]
            else:
                specs[place] = RequestedSpec(move.new, move.line)
    return replace(request, specs=tuple(specs))


@dataclass
class RequestProver:
    """Proves fixes of a request that stands in no file."""

    request: SolveRequest
    solver: SolverProcess
    calls: int = 0

    def __call__(self, moves: Sequence[Move], timeout_s: float) -> Proof:
        self.calls += 1
        request = change(self.request, moves)
        if not request.specs:
            plan = Plan(
                platform=request.host.platform,
                packages=(),
                channels=request.channels,
                channel_priority=request.channel_priority,
                host=request.host,
            )
            return Proof(plan=plan)
        outcome = self.solver.solve(replace(request, timeout_s=timeout_s), explain=False)
        if isinstance(outcome, Conflict):
            return Proof(refusal="no solution on the whole index", is_unsolvable=True)
        sizes = [package.size_bytes or 0 for package in outcome.packages]
        return Proof(plan=outcome, download_bytes=sum(sizes))


def make_search(
    request: SolveRequest, solver: SolverProcess, *, budget_s: float = 60.0
) -> tuple[RepairSearch, SolverTrials, RequestProver]:
    conflict = solver.solve(request)
    assert isinstance(conflict, Conflict)
    trials = SolverTrials(request, solver, ends=time.monotonic() + budget_s)
    prover = RequestProver(request, solver)
    task = RepairTask(request=request, lines=lines_of(request), conflict=conflict)
    return RepairSearch(task, trials, prover), trials, prover


def search(request: SolveRequest, solver: SolverProcess, *, budget_s: float = 60.0):
    """Search to the end; gives the last snapshot and the search."""
    found, _, _ = make_search(request, solver, budget_s=budget_s)
    last = list(found.run())[-1]
    assert last.is_over
    return last, found


def search_everything(
    request: SolveRequest, solver: SolverProcess, found: RepairSearch, *, most: int
) -> list[Fix]:
    """Solve every combination of at most `most` changes, and rank what has a solution."""
    trials = SolverTrials(request, solver, ends=time.monotonic() + 600)
    prover = RequestProver(request, solver)
    lines = lines_of(request)
    strict = request.channel_priority is ChannelPriority.STRICT
    existing = {line.name: trials.supply(line.name).versions for line in lines}
    by_line = [
        [c.move for c in list_candidates(line, trials.supply(line.name), strict=strict)]
        for line in lines
    ]
    beside = [context.moves[0] for context in list_contexts(request, found._task.conflict.cores)]
    places = [*by_line, beside] if beside else by_line
    solved = []
    for size in range(1, most + 1):
        for chosen in combinations(places, size):
            for moves in product(*chosen):
                proof = prover(moves, 60.0)
                if proof.plan is None:
                    continue
                outcome = Outcome(packages=proof.plan.packages, download_bytes=proof.download_bytes)
                assert found.ledger.wish is not None
                cost = measure_cost(moves, outcome, found.ledger.wish, lines, existing)
                solved.append((cost, moves))
    return sorted(solved, key=lambda pair: pair[0])
