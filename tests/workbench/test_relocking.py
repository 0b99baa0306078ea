"""A lock that is made anew changes what it must, and nothing else."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.solver.client import SolverProcess
from envbench.model.conflict import Conflict
from envbench.model.plan import PackageRecord, Plan, SolveRequest
from envbench.workbench.locks.keeping import KeptPlan, plan_keeping
from tests.engine.solver.asking import ARTICLE, STRICT, make_request, write_channel
from tests.engine.solver.conftest import real_channels as real_channels

World = Mapping[str, Mapping[int, Mapping[str, frozenset[int]]]]
"""Name to version to what it needs: name to the versions that will do."""
VERSIONS = (1, 2, 3)
SEEDS = (5, 11, 19, 25, 37)
"""Channels with a solution of at least 30 packages; a changed line moves up to 12 of them."""
_MOST_STEPS = 20_000


@pytest.fixture(scope="module")
def solver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SolverProcess]:
    root = tmp_path_factory.mktemp("solver")
    settings = EngineSettings(pkgs_dir=str(root / "pkgs"), repodata_dir=str(root / "repodata"))
    with SolverProcess(settings) as process:
        yield process


def make_world(seed: int, size: int = 36) -> World:
    """A channel in which packages need some versions of later ones."""
    dice = random.Random(seed)
    names = [f"p{number:02}" for number in range(size)]
    world: dict[str, dict[int, dict[str, frozenset[int]]]] = {}
    for place, name in enumerate(names):
        later = names[place + 1 : place + 12]
        needed = dice.sample(later, min(len(later), dice.randint(1, 3)))
        world[name] = {
            version: {
                other: frozenset(dice.sample(VERSIONS, dice.choice((1, 2, 2, 2, 3))))
                for other in needed
            }
            for version in VERSIONS
        }
    return world


def publish(world: World, folder: Path) -> str:
    packages = [
        (name, f"{version}.0", [write(other, some) for other, some in sorted(needs.items())])
        for name, by_version in world.items()
        for version, needs in by_version.items()
    ]
    return write_channel(folder, packages)


def write(name: str, allowed: frozenset[int]) -> str:
    return f"{name} {'|'.join(f'=={version}.0' for version in sorted(allowed))}"


def count_fewest(
    world: World, roots: Mapping[str, frozenset[int]], locked: Mapping[str, int]
) -> int | None:
    """Count by trying everything how many locked packages must at least have another version.

    None when there is no solution, or when finding that out takes too long.
    """
    steps = [_MOST_STEPS]
    for budget in range(len(locked) + 1):
        if _can(world, dict(roots), {}, locked, budget, steps):
            return budget
        if steps[0] < 0:
            return None
    return None


def _can(
    world: World,
    wanted: dict[str, frozenset[int]],
    chosen: dict[str, int],
    locked: Mapping[str, int],
    budget: int,
    steps: list[int],
) -> bool:
    steps[0] -= 1
    if steps[0] < 0:
        return False
    open_names = [name for name in wanted if name not in chosen]
    if not open_names:
        return True
    name = min(open_names, key=lambda each: (len(wanted[each]), each))
    before = locked.get(name)
    for version in sorted(wanted[name], key=lambda each: each != before):
        cost = int(before is not None and version != before)
        if cost > budget:
            continue
        more = dict(wanted)
        for other, allowed in world[name][version].items():
            more[other] = more.get(other, frozenset(VERSIONS)) & allowed
        fits = all(more[other] and chosen.get(other, min(more[other])) in more[other]
                   for other in world[name][version])  # fmt: skip
        if fits and _can(world, more, {**chosen, name: version}, locked, budget - cost, steps):
            return True
    return False


def plan_of(outcome: object) -> Plan:
    assert not isinstance(outcome, Conflict), outcome.solver_text
    return outcome.plan if isinstance(outcome, KeptPlan) else outcome


def versions(plan: Plan) -> dict[str, int]:
    return {package.name: int(float(package.version)) for package in plan.packages}


@pytest.mark.parametrize(
    "seed", [*SEEDS[:2], *(pytest.param(seed, marks=pytest.mark.slow) for seed in SEEDS[2:])]
)
def test_one_changed_line_moves_as_few_packages_as_can_be(
    solver: SolverProcess, tmp_path: Path, seed: int
):
    """Checked against trying everything, over channels made by chance."""
    world = make_world(seed)
    address = publish(world, tmp_path)
    roots = {name: frozenset(VERSIONS) for name in ("p00", "p01", "p02", "p03")}
    first = plan_of(solver.solve(make_request([*roots], {"main": address})))
    locked, dice, counts = versions(first), random.Random(seed), []
    assert len(locked) >= 30
    for name in dice.sample(sorted(locked), 5):
        other = frozenset({dice.choice([v for v in VERSIONS if v != locked[name]])})
        changed = {**roots, name: other}
        fewest = count_fewest(world, changed, locked)
        if fewest is None:
            continue
        specs = [write(each, allowed) for each, allowed in changed.items()]
        again = plan_keeping(make_request(specs, {"main": address}), solver, first.packages)
        now = versions(plan_of(again))
        differ = {each for each, version in locked.items() if now.get(each, version) != version}
        assert len(differ) == fewest, (name, differ)
        assert differ == {*again.moved, name} and again.is_fewest
        counts.append(fewest)
    # The chance must have made some that can be solved.
    assert counts


def test_an_unchanged_spec_keeps_everything_although_there_is_newer(
    solver: SolverProcess, write_world
):
    request, first = write_world(
        ("app", "1.0", ["lib"]), ("lib", "1.0"), newer=[("lib", "2.0"), ("app", "2.0", ["lib"])]
    )
    again = plan_keeping(request, solver, first.packages)
    assert versions(plan_of(again)) == {"app": 1, "lib": 1} and not again.moved
    assert versions(plan_of(plan_keeping(request, solver, ()))) == {"app": 2, "lib": 2}


def test_update_takes_what_a_fresh_lock_would(solver: SolverProcess, write_world):
    request, first = write_world(
        ("app", "1.0", ["lib"]), ("lib", "1.0"), ("side", "1.0"),
        newer=[("lib", "2.0"), ("app", "2.0", ["lib >=2"]), ("side", "2.0")],
        specs=("app", "side"),
    )  # fmt: skip
    again = plan_keeping(request, solver, first.packages, ["app"])
    # The new app needs the new lib; side stays.
    assert versions(plan_of(again)) == {"app": 2, "lib": 2, "side": 1}
    assert again.moved == ("lib",) and again.is_fewest
    again = plan_keeping(request, solver, first.packages, ["lib"])
    assert versions(plan_of(again)) == {"app": 1, "lib": 2, "side": 1} and not again.moved


def test_what_a_line_rules_out_is_free_without_a_word(solver: SolverProcess, write_world):
    request, first = write_world(
        ("app", "1.0", ["lib"]), ("lib", "1.0"), newer=[("app", "2.0", ["lib"]), ("lib", "2.0")]
    )
    again = plan_keeping(make_like(request, "app=2"), solver, first.packages)
    assert versions(plan_of(again)) == {"app": 2, "lib": 1} and not again.moved


def test_what_the_channel_withdrew_is_replaced(solver: SolverProcess, write_world):
    request, first = write_world(("app", "2.0", ["lib"]), ("lib", "1.0"), ("app", "1.0", ["lib"]))
    gone = replace(first.packages[-1], sha256="f" * 64)
    assert gone.name == "app"
    again = plan_keeping(request, solver, [gone, *first.packages[:-1]])
    assert again.moved == ("app",) and versions(plan_of(again)) == {"app": 2, "lib": 1}


def test_a_lock_of_versions_alone_is_kept_too(solver: SolverProcess, write_world):
    request, first = write_world(
        ("app", "1.0", ["lib"]), ("lib", "1.0"), newer=[("app", "2.0", ["lib"]), ("lib", "2.0")]
    )
    bare = [
        PackageRecord(name=p.name, version=p.version, build="", build_number=0, subdir="",
                      file_name="", url="", channel="")
        for p in first.packages
    ]  # fmt: skip
    again = plan_keeping(request, solver, bare)
    assert versions(plan_of(again)) == {"app": 1, "lib": 1}


def test_a_spec_without_solution_is_a_conflict_as_ever(solver: SolverProcess, write_world):
    request, first = write_world(("app", "1.0", ["lib"]), ("lib", "1.0"), ("lib", "2.0"))
    outcome = plan_keeping(make_like(request, "app", "nothing"), solver, first.packages)
    assert isinstance(outcome, Conflict) and outcome.is_proven
    updated = plan_keeping(make_like(request, "nothing"), solver, first.packages, ["lib"])
    assert isinstance(updated, Conflict)


@pytest.mark.slow
def test_one_line_of_a_real_lock(solver: SolverProcess, real_channels: Path):
    """The article's environment, moved to another minor version of one library."""
    channels = {
        name: (real_channels / name).as_uri()
        for name in ("pytorch", "conda-forge")
        if (real_channels / name).is_dir()
    }
    request = make_request(ARTICLE, channels, channel_priority=STRICT)
    first = solver.solve(request)
    if isinstance(first, Conflict):
        pytest.skip(f"the metadata at hand has no solution: {first.summary}")
    assert len(first.packages) >= 30
    specs = [*ARTICLE, "pandas<2"]
    again = plan_keeping(make_like(request, *specs), solver, first.packages)
    before = {p.name: p.dist_name for p in first.packages}
    after = {p.name: p.dist_name for p in plan_of(again).packages}
    differ = {name for name in before if after.get(name, before[name]) != before[name]}
    assert differ == {"pandas", *again.moved} and again.is_fewest
    # Not one of those that moved could have stayed beside all the others.
    for name in again.moved:
        kept = tuple(p for p in first.packages if p.name not in differ - {name})
        pinned = replace(make_like(request, *specs), pinned=kept)
        assert not solver.try_request(pinned).is_solvable, name


def make_like(request: SolveRequest, *specs: str) -> SolveRequest:
    return replace(request, specs=make_request(specs, {"main": "file:///"}).specs)


@pytest.fixture
def write_world(solver: SolverProcess, tmp_path: Path):
    """Lock a small channel, and let it grow afterwards."""

    def ask(*packages, newer=(), specs=("app",)) -> tuple[SolveRequest, Plan]:
        old = write_channel(tmp_path / "old", packages)
        plan = plan_of(solver.solve(make_request(specs, {"main": old})))
        new = write_channel(tmp_path / "new", [*packages, *newer])
        return make_request(specs, {"main": new}), plan

    return ask
