"""Which channel a line's package would come from, compared with what the solver takes."""

from pathlib import Path

import pytest

from envbench.engine.package_index.build_values import find_python
from envbench.engine.package_index.index import load_channels
from envbench.engine.package_index.matching import (
    choose_channel,
    find_for_python,
    find_matches,
    find_runnable,
)
from envbench.engine.package_index.store import IndexStore
from envbench.engine.solver.client import SolverProcess
from envbench.model.channel import ChannelGroup, ChannelPriority
from envbench.model.host import VirtualPackage
from envbench.model.matchspec import MatchSpecError
from envbench.model.plan import Plan
from tests.engine.solver.asking import HOST, make_request, write_channel

ONE = [
    ("both", "1.0"),
    ("both", "1.1", [], {"build": "cuda_0"}),
    ("gpu", "2.0", ["__cuda >=99"]),
    ("mine", "1.0"),
]
TWO = [("both", "2.0"), ("both", "1.1", [], {"build": "cpu_0"}), ("gpu", "2.0"), ("yours", "3.0")]
LINES = (
    "both", "both=1.1", "both>=2", "both=1.1=cpu*", "two::both", "one::both>=1", "mine", "yours<9",
    "gpu", "two::mine", "both=9",
)  # fmt: skip


@pytest.fixture
def groups(tmp_path: Path) -> list[ChannelGroup]:
    packages = {"one": ONE, "two": TWO}
    return [
        ChannelGroup(name, (write_channel(tmp_path / name, found),))
        for name, found in packages.items()
    ]


@pytest.mark.parametrize("priority", list(ChannelPriority))
@pytest.mark.parametrize("line", LINES)
def test_the_solver_takes_it_from_the_same_channel(
    shared_solver: SolverProcess,
    groups: list[ChannelGroup],
    store: IndexStore,
    line: str,
    priority: ChannelPriority,
) -> None:
    index = load_channels(store, groups, HOST.platform)
    matches = find_matches(index, line)
    runnable = find_runnable(matches.accepted, HOST.virtual_packages())
    choice = choose_channel(matches, priority, runnable.builds)
    channels = {group.name: group.urls for group in groups}
    outcome = shared_solver.solve(make_request([line], channels, channel_priority=priority))
    taken = outcome.packages[0].channel if isinstance(outcome, Plan) else ""
    assert choice.channel == taken, choice.why
    if isinstance(outcome, Plan):
        inside = [build for build in runnable.builds if build.channel == taken]
        best = max(inside, key=lambda build: build.rank)
        assert (best.version, best.build) == (
            outcome.packages[0].version,
            outcome.packages[0].build,
        )


def test_a_channel_that_nobody_knows_accepts_nothing(
    groups: list[ChannelGroup], store: IndexStore
) -> None:
    matches = find_matches(load_channels(store, groups, "linux-64"), "three::both")
    assert matches.accepted == ()
    assert len(matches.named) == 4


@pytest.mark.parametrize("text", ["", "=1", "both=", "both[", "-c x", "both=>1"])
def test_no_match_spec(groups: list[ChannelGroup], store: IndexStore, text: str) -> None:
    with pytest.raises(MatchSpecError):
        find_matches(load_channels(store, groups, "linux-64"), text)


def test_what_a_box_lacks_is_counted(groups: list[ChannelGroup], store: IndexStore) -> None:
    builds = load_channels(store, groups, "linux-64").builds("gpu")
    poor = find_runnable(builds, ())
    assert [build.channel for build in poor.builds] == ["two"]
    assert poor.lacking == (("__cuda >=99", 1),)
    rich = find_runnable(builds, (VirtualPackage("__cuda", "100.0", "0"),))
    assert len(rich.builds) == 2


@pytest.mark.parametrize(
    ("depends", "build", "python"),
    [
        (["python >=3.9,<3.10.0a0"], "", "3.9"),
        (["libc", "python 3.11.*", "python_abi 3.11.* *_cp311"], "", "3.11"),
        (["python >=3.8"], "pyhd8ed1ab_0", ">=3.8"),
        (["python >=3.9,<3.13"], "py_0", ">=3.9,<3.13"),
        (["python"], "py27h1_0", "2.7"),
        (["python"], "py3.9_cuda11.7_0", "3.9"),
        (["python"], "0", ""),
        (["zlib"], "py39_0", ""),
    ],
)
def test_the_python_of_a_build(depends: list[str], build: str, python: str) -> None:
    assert find_python(depends, build) == python


def test_builds_for_a_python(tmp_path: Path, store: IndexStore) -> None:
    url = write_channel(
        tmp_path / "c",
        [
            ("python", "3.9.18"),
            ("python", "3.11.4"),
            ("a", "1", ["python >=3.9,<3.10.0a0"], {"build": "x39"}),
            ("a", "1", ["python >=3.11,<3.12.0a0"], {"build": "x311"}),
            ("a", "1", ["python >=3.10"], {"build": "any"}),
            ("a", "1", [], {"build": "none"}),
        ],
    )
    index = load_channels(store, [ChannelGroup("c", (url,))], "linux-64")
    old = find_matches(index, "python=3.9").accepted
    kept = find_for_python(index.builds("a"), old)
    assert {build.build for build in kept} == {"x39", "none"}
