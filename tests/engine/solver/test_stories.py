"""How a core is told: each arrow a dependency, the nearest meeting, and nothing that is not so."""

from dataclasses import replace

import pytest

from envbench.engine.solver.client import SolverProcess
from envbench.model.conflict import Conflict, Core, CoreKind
from tests.engine.solver.asking import HOST, STRICT, make_request, write_channel

PYTHONS = [("python", version) for version in ("3.10", "3.11", "3.12")]


@pytest.fixture
def tell(shared_solver, tmp_path):
    def ask(world: list[tuple[object, ...]], *specs: str, **fields: object) -> Core:
        channels = {"main": write_channel(tmp_path / "main", world)}
        outcome = shared_solver.solve(make_request(specs, channels, **fields))
        assert isinstance(outcome, Conflict)
        (core,) = outcome.cores
        return core

    return ask


def ways(core: Core) -> dict[str, list[str]]:
    return {
        chain.line.text: [f"{link.package}: {link.needs}" for link in chain.links]
        for chain in core.chains
    }


def test_a_way_begins_at_the_line_that_has_the_dependency(tell):
    world = [
        *PYTHONS,
        ("numpy", "1"),
        ("numpy", "2"),
        ("numba", "1", ["python 3.10", "numpy"], {"build": "a"}),
        ("numba", "1", ["python 3.12", "numpy 1"], {"build": "b"}),
    ]
    core = tell(world, "python=3.12", "numba", "numpy=2")
    assert ways(core) == {"python=3.12": [], "numba": ["numba 1: python 3.10"], "numpy=2": []}
    assert core.explanation[0] == (
        "With numpy=2 (line 12), numba (line 11) needs python 3.10,"
        " which python=3.12 (line 10) rules out."
    )


def test_the_package_of_a_line_comes_before_what_both_need_of_another(tell):
    world = [
        ("abseil", "1"),
        ("abseil", "2"),
        ("lib", "1", ["abseil 1"]),
        ("lib", "2", ["abseil 2"]),
        ("app", "1", ["lib 1", "abseil 1"]),
    ]
    core = tell(world, "app", "lib=2")
    assert (core.meeting, ways(core)) == ("lib", {"app": ["app 1: lib 1"], "lib=2": []})


def test_each_version_for_a_reason_of_its_own(tell):
    world = [
        *[(name, version) for name in ("old", "new") for version in "12"],
        ("geo", "1.1", ["old 1"]),
        ("geo", "1.2", ["new 1"]),
        ("raster", "1", ["old 2", "new 2"]),
    ]
    core = tell(world, "geo=1", "raster")
    assert core.meeting == "geo"
    assert core.explanation[:3] == (
        "No version of geo that geo=1 (line 10) allows goes with raster (line 11).",
        "geo 1.1 needs old 1. raster (line 11) needs old 2. No old satisfies both.",
        "geo 1.2 needs new 1. raster (line 11) needs new 2. No new satisfies both.",
    )


def test_what_goes_with_none_of_another_package(tell):
    world = [("cpuonly", "1"), ("torch", "1", [], {"constrains": ["cpuonly <0"]})]
    core = tell(world, "torch", "cpuonly")
    assert core.explanation[0] == (
        "torch (line 10) does not go with any cpuonly, which cpuonly (line 11) asks for."
    )


def test_the_nearest_of_what_exists_where_nothing_is_as_needed(tell):
    world = [("cudart", "11.6"), ("cudart", "11.8"), ("app", "1", ["cudart >=11.7,<11.8"])]
    core = tell(world, "app")
    assert core.explanation[1] == ("There is no such cudart: main has 11.8, 11.6 (nearest first).")


def test_a_box_that_is_too_old_where_the_need_has_an_end(tell):
    world = [("lib", "1", ["__glibc >=2.28,<3.0.a0"]), ("app", "1", ["lib"])]
    core = tell(world, "app", host=replace(HOST, glibc="2.17"))
    assert (core.kind, core.meeting) == (CoreKind.MISSING_VIRTUAL, "__glibc")
    assert core.explanation[-1] == "This host has __glibc 2.17."


def test_a_package_for_another_system(tell):
    core = tell([("wincert", "1", ["__win"])], "wincert")
    assert core.kind is CoreKind.PLATFORM
    assert core.explanation == (
        "wincert (line 10): wincert is for Windows only; this is linux-64.",
    )


def test_builds_of_one_version_that_would_do(tell):
    world = [
        ("mutex", "1", [], {"build": "cpu"}),
        ("mutex", "1", [], {"build": "cuda"}),
        ("torch", "2", ["mutex 1 cpu"], {"build": "cpu_h1234567_0"}),
        ("torch", "2", ["mutex 1 cuda"], {"build": "cuda12_h1234567_0"}),
        ("vision", "1", ["mutex 1 cuda"]),
    ]
    core = tell(world, "torch=2=cpu*", "vision")
    assert (
        "Of torch 2 only builds like cuda12_h1234567_0 can go with vision" in core.explanation[-1]
    )


def test_what_strict_priority_hides_is_named(shared_solver, tmp_path):
    first = write_channel(tmp_path / "first", [("dev", "1", ["toolkit 1"]), ("toolkit", "1")])
    second = write_channel(
        tmp_path / "second",
        [("dev", "2", ["toolkit 2"]), ("toolkit", "2"), ("app", "1", ["dev"])],
    )
    request = make_request(
        ["app", "toolkit=2"], {"first": first, "second": second}, channel_priority=STRICT
    )
    (core,) = shared_solver.solve(request).cores
    assert core.kind is CoreKind.CHANNEL_PRIORITY
    assert core.explanation[1] == (
        "second has dev 2, but under strict channel priority only first counts, which comes first"
        " and has dev 1."
    )
    assert core.available == ("second::dev",)


def test_what_was_asked_before_changes_nothing(settings, tmp_path):
    """What a process knows of the channels grows with each question."""
    world = [
        *PYTHONS,
        ("a", "1", ["python 3.10", "shared"]),
        ("b", "1", ["python >=3.11"], {"constrains": ["c <2"]}),
        *[("c", version, ["shared"]) for version in "123"],
        ("shared", "1"),
    ]
    channels = {"main": write_channel(tmp_path / "main", world)}
    asked = [("a", "python=3.12"), ("b", "a"), ("b", "c=3"), ("a", "b", "c>=2", "python=3.11")]
    with SolverProcess(settings) as long_lived:
        grown = [long_lived.solve(make_request(list(specs), channels)).cores for specs in asked]
    for specs, cores in zip(asked, grown, strict=True):
        with SolverProcess(settings) as fresh:
            assert fresh.solve(make_request(list(specs), channels)).cores == cores
