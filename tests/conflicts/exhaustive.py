"""Every way out of a small conflict, by trying all of them with the bare library.

The space is that of the repair: the rules of `model.repair_moves` say which changes a line has. How
it is searched is not shared: here each set of lines that meets every core is taken, and every
combination of its changes is solved.
"""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from envbench.engine.search import sort_versions
from envbench.model.conflict import SpecLine
from envbench.model.known_names import CONDA_OF_PYPI, NOT_IN_CONDA
from envbench.model.line_texts import read_line
from envbench.model.repair import Move, MoveKind
from envbench.model.repair_candidate import Candidate
from envbench.model.repair_moves import Supply, list_candidates
from envbench.model.version_steps import Distance, add_distances, distance_from
from tests.conflicts.case import Case, name_of
from tests.conflicts.oracle import Oracle, Outcome, World

GPU_BUILD = re.compile(r"(?:^|_)(?:cuda|gpu|cu\d{2,3}(?=_|$))")
CPU_BUILD = re.compile(r"(?:^|_)cpu(?![a-z])")
MOST_SOLVES = 600


@dataclass(frozen=True, slots=True)
class Way:
    """One way out, and what is known of its cost without a wish."""

    moves: tuple[Move, ...]
    lines: int
    removals: int
    distance: Distance
    outcome: Outcome


def read_versions(world: World) -> dict[str, dict[str, set[str]]]:
    """Read what there is: package to channel to versions."""
    found: dict[str, dict[str, set[str]]] = {}
    for channel in world.channels:
        for subdir in (world.platform, "noarch"):
            path = world.tree / channel / subdir / "repodata.json"
            if not path.is_file():
                continue
            document = json.loads(path.read_text())
            for part in ("packages", "packages.conda"):
                for record in document[part].values():
                    versions = found.setdefault(record["name"], {}).setdefault(channel, set())
                    versions.add(record["version"])
    return found


def supply_of(
    name: str, world: World, versions: dict[str, dict[str, set[str]]], close: tuple[str, ...] = ()
) -> Supply:
    """Say what there is of a package, as the repair is told it."""
    mine = versions.get(name, {})
    by_channel = tuple(
        (channel, tuple(sort_versions(mine[channel])))
        for channel in world.channels
        if channel in mine
    )
    everything = tuple(sort_versions({v for _, listed in by_channel for v in listed}))
    known = (NOT_IN_CONDA.get(name), CONDA_OF_PYPI.get(name))
    names = tuple(dict.fromkeys((*(k for k in known if k and k != name), *close)))
    return Supply(
        by_channel=by_channel, versions=everything, close_names=() if everything else names
    )


def list_changes(
    case: Case, shared: Path, close: dict[str, tuple[str, ...]]
) -> dict[int, tuple[Candidate, ...]]:
    """List the changes of each line that takes part in a core, by its place in the file."""
    world = case.world(shared)
    versions = read_versions(world)
    named = {name for core in case.cores for name in core.names}
    found = {}
    for place, (number, text) in enumerate(case.lines):
        name = name_of(text)
        if name in named:
            line = SpecLine(text=text, name=name, line=number)
            supply = supply_of(name, world, versions, close.get(name, ()))
            found[place] = list_candidates(line, supply, strict=case.priority == "strict")
    return found


def count_combinations(case: Case, changes: dict[int, tuple[Candidate, ...]], size: int) -> int:
    total = 0
    for chosen in hitting_sets(case, size):
        product = 1
        for place in chosen:
            product *= len(changes[place])
        total += product
    return total


def hitting_sets(case: Case, size: int) -> Iterator[tuple[int, ...]]:
    """Give the sets of lines, of one size, that have a line of every core."""
    places = {name_of(text): place for place, (_, text) in enumerate(case.lines)}
    cores = [{places[name] for name in core.names} for core in case.cores]
    members = sorted({place for core in cores for place in core})
    for chosen in itertools.combinations(members, size):
        if all(core & set(chosen) for core in cores):
            yield chosen


def find_ways(
    case: Case,
    shared: Path,
    oracle: Oracle,
    changes: dict[int, tuple[Candidate, ...]],
    size: int,
) -> list[Way]:
    """Solve all combinations of changes of so many lines; what has a solution comes back."""
    world = case.world(shared)
    texts = [text for _, text in case.lines]
    versions = read_versions(world)
    ways = []
    for chosen in hitting_sets(case, size):
        for combination in itertools.product(*(changes[place] for place in chosen)):
            specs = list(texts)
            for place, candidate in zip(chosen, combination, strict=True):
                specs[place] = candidate.move.new
            outcome = oracle.solve(world, [spec for spec in specs if spec])
            if outcome.is_solvable:
                ways.append(_measure(combination, outcome, world, versions))
    return ways


def _measure(
    combination: tuple[Candidate, ...],
    outcome: Outcome,
    world: World,
    versions: dict[str, dict[str, set[str]]],
) -> Way:
    distances = []
    for candidate in combination:
        move = candidate.move
        read = read_line(move.old)
        if move.kind is MoveKind.REMOVE or read is None:
            continue
        name = name_of(move.new) if move.kind is MoveKind.RENAME else move.name
        got = outcome.pick(name)
        if got is not None:
            existing = supply_of(name, world, versions).versions
            distances.append(distance_from(read.match.version, got[1], existing, name=name))
    return Way(
        moves=tuple(candidate.move for candidate in combination),
        lines=sum(candidate.lines for candidate in combination),
        removals=sum(candidate.removals for candidate in combination),
        distance=add_distances(distances),
        outcome=outcome,
    )


def asks_for_gpu(text: str) -> bool:
    """Tell whether a line asks for a GPU build in so many words."""
    build = re.search(r"=[^=\s]*[=\s]([^=\s\[\]]+)$", text)
    asked = build is not None and re.search(r"(?:^|[^a-z])(?:cuda|gpu|cu\d{2,3})", build[1])
    return bool(asked) or name_of(text).endswith("-gpu")


def computes_on(pick: tuple[str, str, str, str] | None) -> str:
    """Read out of a build string what it is for: `gpu`, `cpu`, or nothing that it says."""
    if pick is None:
        return ""
    if GPU_BUILD.search(pick[2]):
        return "gpu"
    return "cpu" if CPU_BUILD.search(pick[2]) else ""
