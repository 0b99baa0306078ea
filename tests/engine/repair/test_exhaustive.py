"""The search against all combinations of the same changes, on channels made by chance."""

import random
from dataclasses import replace

import pytest

from envbench.model.channel import ChannelPriority
from envbench.model.conflict import Conflict
from envbench.model.repair_words import title_of
from tests.engine.repair.repairing import lines_of, search, search_everything
from tests.engine.solver.asking import HOST, make_request

NAMES = ("python", "numpy", "torch", "scipy", "keras")


def make_channel(chance: random.Random) -> list[tuple]:
    """A few packages with a few versions that ask for each other's versions."""
    versions = {
        name: sorted({f"{chance.randint(1, 2)}.{chance.randint(0, 4)}" for _ in range(4)})
        for name in NAMES
    }
    packages = []
    for place, name in enumerate(NAMES):
        for version in versions[name]:
            depends = []
            for other in NAMES[:place]:
                if chance.random() < 0.55:
                    pivot = chance.choice(versions[other])
                    depends.append(f"{other} {chance.choice(['>=', '<=', '=='])}{pivot}")
            flavour = chance.choice(["cuda", "cpu"]) if name == "torch" else "h"
            packages.append(
                (name, version, depends, {"build": f"{flavour}_0", "size": 1000 + place})
            )
    return packages


def make_lines(chance: random.Random, packages: list[tuple]) -> list[str]:
    lines = []
    for name in chance.sample(NAMES, chance.randint(2, 4)):
        version = chance.choice([p[1] for p in packages if p[0] == name])
        style = chance.choice(["=", ">=", "<", "", " ==", "=*="])
        if style == "=*=" and name == "torch":
            lines.append("torch=*=*cuda*")
        elif style in {"", "=*="}:
            lines.append(name)
        else:
            lines.append(f"{name}{style}{version}" + (".*" if style == "=" else ""))
    if chance.random() < 0.3:
        lines[0] = f"{lines[0].split('=')[0].strip('<> ')}=7.1"
    return lines


def find_conflict(seed: int, write, solver, priority: ChannelPriority):
    """Make channels and lines until there is no solution."""
    chance = random.Random(seed)
    for attempt in range(60):
        packages = make_channel(chance)
        channels = {"one": write(f"one-{seed}-{attempt}", packages)}
        if priority is ChannelPriority.STRICT or seed % 2:
            channels = {"first": write(f"first-{seed}-{attempt}", packages[3:9]), **channels}
        lines = make_lines(chance, packages)
        request = make_request(lines, channels, channel_priority=priority, host=HOST)
        if isinstance(solver.solve(request, explain=False), Conflict):
            return request
    raise AssertionError("no conflict in sixty channels")


def assert_best(request, solver, *, most: int) -> None:
    last, found = search(request, solver)
    everything = search_everything(request, solver, found, most=most)
    said = [line.text for line in lines_of(request)]
    if not everything:
        assert not last.fixes or min(fix.cost.lines for fix in last.fixes) > most, said
        return
    assert last.fixes, (said, everything[0])
    best = last.fixes[0]
    # What only the text tells apart costs the same: of two bounds, the nearer one is offered.
    cost, moves = everything[0]
    assert replace(best.cost, text="") == replace(cost, text=""), (
        said, best.title, best.cost, title_of(moves), cost,
    )  # fmt: skip
    solved = {moves for _, moves in everything}
    for fix in last.fixes:
        if len(fix.moves) <= most:
            assert fix.moves in {tuple(m) for m in solved} or _is_permuted(fix.moves, solved), said
    assert not last.not_tried


def _is_permuted(moves, solved) -> bool:
    return any(set(moves) == set(other) for other in solved)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("priority", [ChannelPriority.FLEXIBLE, ChannelPriority.STRICT])
def test_the_best_fix_is_the_best_of_all(seed, priority, write, shared_solver):
    request = find_conflict(seed, write, shared_solver, priority)
    assert_best(request, shared_solver, most=2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 160))
@pytest.mark.parametrize("priority", [ChannelPriority.FLEXIBLE, ChannelPriority.STRICT])
def test_the_best_fix_is_the_best_of_all_many_times(seed, priority, write, shared_solver):
    request = find_conflict(seed, write, shared_solver, priority)
    assert_best(request, shared_solver, most=2)
