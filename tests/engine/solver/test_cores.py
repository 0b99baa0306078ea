"""All cores of a conflict, each smallest, told the same way every time."""

import asyncio
import math
import random
from dataclasses import replace

import pytest
from rattler.exceptions import SolverError

from envbench.engine.backends.rattler.conflicts.cores import FoundCores, find_cores
from envbench.engine.backends.rattler.conflicts.judge import Judge, OutOfTimeError
from envbench.model.channel import ChannelPriority
from envbench.model.conflict import Conflict, Core, CoreKind
from envbench.model.plan import Plan
from tests.engine.solver.asking import HOST, STRICT, make_request, write_channel

WORLD = [
    ("python", "3.9"),
    ("python", "3.12"),
    ("numpy", "1.23", ["python <3.12"]),
    ("numpy", "2.1", ["python >=3.10"]),
    ("scipy", "1.9", ["numpy <2"]),
    ("pandas", "2.2", ["numpy >=2"]),
    ("left", "1", ["middle <2"]),
    ("right", "1", ["bridge"]),
    ("bridge", "1", ["middle >=2"]),
    *[("middle", version) for version in ("1", "2", "3")],
    ("x", "1", ["z 1", "w 1"]),
    ("x", "2", ["z 2", "w 2"]),
    ("y", "1", ["z 1", "w 2"]),
    ("y", "2", ["z 2", "w 1"]),
    *[(name, version) for name in "zw" for version in "12"],
    ("ox", "1", ["x"]),
    ("oy", "1", ["y"]),
    ("pair", "1", ["left", "right"]),
    ("low", "1", ["numpy <2", "python 3.12"]),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> str:
    return write_channel(tmp_path_factory.mktemp("cores"), WORLD)


@pytest.fixture
def conflict(shared_solver, url):
    def ask(*specs: str, **fields: object) -> Conflict:
        outcome = shared_solver.solve(make_request(specs, {"main": url}, **fields))
        assert isinstance(outcome, Conflict)
        return outcome

    return ask


def lines(conflict: Conflict) -> list[list[int | None]]:
    return [[line.line for line in core.lines] for core in conflict.cores]


def told(core: Core) -> list[tuple[str, list[str], str]]:
    return [
        (chain.line.text, [f"{link.package}: {link.needs}" for link in chain.links], chain.demand)
        for chain in core.chains
    ]


def test_two_conflicts_that_share_no_line(conflict):
    found = conflict("python=3.12", "left", "scipy", "right", "numpy")
    assert lines(found) == [[10, 12], [11, 13]]
    assert all(core.is_minimal and core.is_independent for core in found.cores)
    assert found.is_proven and not found.note and found.seconds > 0 and found.solves >= 2
    assert "1 more conflict" in found.summary


def test_conflicts_that_share_a_line(conflict):
    found = conflict("python=3.12", "scipy", "numpy>=2", "pandas")
    assert lines(found) == [[10, 11], [11, 12], [11, 13]]
    assert [core.is_independent for core in found.cores] == [True, False, False]


def test_a_line_that_fails_alone_and_a_conflict_of_others(conflict):
    found = conflict("numpi", "left", "right")
    assert lines(found) == [[10], [11, 12]]
    assert [core.kind for core in found.cores] == [
        CoreKind.MISSING_PACKAGE,
        CoreKind.INCOMPATIBLE,
    ]


def test_the_way_of_each_line_to_where_they_meet(conflict):
    (core,) = conflict("left", "right").cores
    assert core.meeting == "middle"
    assert told(core) == [
        ("left", ["left 1: middle <2"], "middle <2"),
        ("right", ["right 1: bridge", "bridge 1: middle >=2"], "middle >=2"),
    ]
    assert core.explanation[:3] == (
        "left (line 10) needs middle <2.",
        "right (line 11) needs middle >=2 through bridge 1.",
        "No middle satisfies both.",
    )
    assert "right" in core.solver_text


def test_a_line_that_asks_for_the_meeting_itself(conflict):
    (core,) = conflict("python=3.12", "scipy").cores
    assert told(core) == [
        ("python=3.12", [], "python=3.12"),
        ("scipy", ["scipy 1.9: numpy <2", "numpy 1.23: python <3.12"], "python <3.12"),
    ]
    assert core.explanation == (
        "scipy (line 11) needs python <3.12 through numpy 1.23,"
        " which python=3.12 (line 10) rules out.",
        "No scipy can go with python=3.12 (line 10).",
    )


def test_three_lines_of_which_one_makes_the_others_meet(shared_solver, tmp_path):
    world = [
        ("python", "3.9"),
        ("python", "3.12"),
        ("numpy", "1"),
        ("numpy", "2"),
        ("a", "1", ["python 3.9", "numpy 1"], {"build": "py39"}),
        ("a", "1", ["python 3.12", "numpy"], {"build": "py312"}),
        ("b", "1", ["python 3.9", "numpy 2"], {"build": "py39"}),
        ("b", "1", ["python 3.12", "numpy"], {"build": "py312"}),
    ]
    channels = {"main": write_channel(tmp_path / "main", world)}
    found = shared_solver.solve(make_request(["a", "python=3.9", "b"], channels))
    (core,) = found.cores
    assert [line.text for line in core.lines] == ["a", "python=3.9", "b"]
    assert (core.meeting, core.kind) == ("numpy", CoreKind.INCOMPATIBLE)
    assert core.explanation[0] == "With python=3.9 (line 11), a (line 10) needs numpy 1."


def test_a_choice_of_which_every_end_is_dead(conflict):
    (core,) = conflict("ox", "oy").cores
    assert [line.text for line in core.lines] == ["ox", "oy"]
    assert core.meeting in {"w", "x", "y", "z"}
    assert f"No version of {core.meeting} works" in " ".join(core.explanation)


@pytest.mark.parametrize("spec", ["pair", "low"])
def test_a_line_that_contradicts_itself(conflict, spec):
    (core,) = conflict("middle", spec).cores
    assert [line.text for line in core.lines] == [spec]
    assert (core.meeting, len(core.chains)) == ("middle" if spec == "pair" else "python", 2)
    assert f"No {core.meeting} satisfies both." in core.explanation


def test_the_order_of_lines_does_not_matter(conflict):
    specs = ["python=3.12", "left", "scipy", "right", "numpy>=2", "pandas", "ox", "oy", "middle"]
    answers = set()
    for seed in range(6):
        shuffled = random.Random(seed).sample(specs, len(specs))
        found = conflict(*shuffled)
        answers.add(frozenset(frozenset(line.text for line in core.lines) for core in found.cores))
        again = conflict(*shuffled)
        assert replace(again, seconds=0.0) == replace(found, seconds=0.0)
    assert len(answers) == 1 and len(answers.pop()) == 5


def test_of_many_conflicts_a_handful_is_told(shared_solver, tmp_path):
    world = [("t", "1"), ("t", "2"), ("old", "1", ["t 1"])]
    names = [f"new{number}" for number in range(12)]
    world += [(name, "1", ["t 2"]) for name in names]
    channels = {"main": write_channel(tmp_path / "main", world)}
    found = shared_solver.solve(make_request(["old", *names], channels))
    assert len(found.cores) == 8 and "may be further" in found.note


def search(judge: Judge) -> FoundCores:
    judge.take_for_granted(range(4), solvable=False)
    return asyncio.run(find_cores(judge, [], range(4)))


async def answer_too_late(_: tuple[int, ...]) -> None:
    raise OutOfTimeError("late")


def test_lines_are_candidates_when_there_is_no_time():
    found = search(Judge(answer_too_late, ends=math.inf))
    assert (found.cores, found.is_complete) == ((), False)
    assert found.unfinished == frozenset(range(4))


def test_what_follows_without_solving_is_told_when_there_is_no_time():
    pair = frozenset({1, 2})
    found = search(Judge(answer_too_late, ends=math.inf, refutes=lambda part: pair <= part))
    assert (found.cores, found.unproven, found.unfinished) == ((pair,), {pair}, frozenset())
    assert not found.is_complete


def test_a_core_that_holds_a_smaller_one_gives_way_to_it():
    async def solve(part: tuple[int, ...]) -> None:
        if 2 in part:
            raise SolverError("Cannot solve the request because of 2")

    pair = frozenset({1, 2})
    found = search(Judge(solve, ends=math.inf, refutes=lambda part: pair <= part))
    assert (found.cores, found.is_complete) == ((frozenset({2}),), True)


@pytest.mark.parametrize(
    ("need", "fields", "kind"),
    [
        ("__cuda >=13", {}, CoreKind.MISSING_VIRTUAL),
        ("__glibc >=2.35", {}, CoreKind.MISSING_VIRTUAL),
        ("__archspec 1 x86_64_v4", {}, CoreKind.MISSING_VIRTUAL),
        ("nowhere", {}, CoreKind.INCOMPATIBLE),
        ("__cuda >=13", {"host": replace(HOST, cuda=None)}, CoreKind.MISSING_VIRTUAL),
    ],
)
def test_what_the_box_lacks_deep_down(shared_solver, tmp_path, need, fields, kind):
    world = [("deep", "1", ["middle"]), ("middle", "1", ["low"]), ("low", "1", [need]), ("a", "1")]
    channels = {"main": write_channel(tmp_path / "main", world)}
    (core,) = shared_solver.solve(make_request(["a", "deep"], channels, **fields)).cores
    assert (core.kind, core.meeting) == (kind, need.split()[0])
    assert told(core) == [
        ("deep", ["deep 1: middle", "middle 1: low", f"low 1: {need}"], need),
    ]


def test_a_build_for_gpus_on_a_box_without(shared_solver, tmp_path):
    world = [
        ("python", "3.9"),
        ("python", "3.12"),
        ("torch", "2", ["python 3.9"], {"build": "cpu_0"}),
        ("torch", "2", ["python 3.9", "gpu"], {"build": "cuda_0"}),
        ("torch", "2", ["python 3.12", "gpu"], {"build": "cuda_1"}),
        ("gpu", "1", ["__cuda >=12"]),
    ]
    channels = {"main": write_channel(tmp_path / "main", world)}
    request = make_request(["python=3.12", "torch"], channels, host=replace(HOST, cuda=None))
    (core,) = shared_solver.solve(request).cores
    assert (core.kind, core.meeting) == (CoreKind.MISSING_VIRTUAL, "__cuda")
    assert [line.text for line in core.lines] == ["python=3.12", "torch"]
    assert isinstance(shared_solver.solve(replace(request, host=HOST)), Plan)


def test_what_a_package_does_not_allow_of_the_box(shared_solver, tmp_path):
    world = [
        ("jax", "1", ["__cuda", "cuda-version >=12"]),
        ("cuda-version", "12", [], {"constrains": ["__cuda >=12"]}),
    ]
    channels = {"main": write_channel(tmp_path / "main", world)}
    host = replace(HOST, cuda="11.8")
    (core,) = shared_solver.solve(make_request(["jax"], channels, host=host)).cores
    assert (core.kind, core.meeting) == (CoreKind.MISSING_VIRTUAL, "__cuda")
    assert core.explanation == (
        "jax (line 10) allows only __cuda >=12 through cuda-version 12.",
        "This host has __cuda 11.8.",
    )


def test_a_package_for_other_platforms_only(shared_solver, tmp_path):
    channel = write_channel(tmp_path / "main", [("a", "1")])
    other = tmp_path / "main" / "osx-arm64"
    other.mkdir()
    (other / "repodata.json").write_text(
        (tmp_path / "main" / "noarch" / "repodata.json")
        .read_text()
        .replace('"a"', '"metal"')
        .replace("noarch", "osx-arm64")
        .replace('"osx-arm64": "generic", ', "")
        .replace("a-1-0", "metal-1-0")
    )
    (core,) = shared_solver.solve(make_request(["a", "metal"], {"main": channel})).cores
    assert (core.kind, core.available) == (CoreKind.PLATFORM, ("osx-arm64",))
    assert "exists for osx-arm64, not for linux-64" in core.explanation[0]


def test_both_neighbours_of_a_missing_version(conflict):
    (core,) = conflict("middle=2.5").cores
    assert core.kind is CoreKind.MISSING_VERSION and core.available == ("2", "3", "1")
    (core,) = conflict("middle>=7").cores
    assert "nothing newer" in " ".join(core.explanation)


CHANNELS = ("conda-forge", "pytorch", "nvidia")


@pytest.mark.parametrize(
    ("specs", "meeting", "words"),
    [
        (
            ["python=3.9", "pandas", "numpy>=2.3"],
            "python",
            "numpy>=2.3 (line 12) allows only python 3.11 ... 3.14"
            " through python_abi 3.11 ... 3.14, which python=3.9 (line 10) rules out.",
        ),
        (
            ["tensorflow=2.13.1", "typing-extensions>=4.6"],
            "typing_extensions",
            "tensorflow=2.13.1 (line 10) needs typing_extensions >=3.6.6,<4.6.0"
            " through tensorflow-base 2.13.1.",
        ),
        (
            ["pytorch=2.1", "torchvision=0.14.1"],
            "pytorch",
            "torchvision=0.14.1 (line 11) needs pytorch 1.13.1,"
            " which pytorch=2.1 (line 10) rules out.",
        ),
    ],
)
def test_words_over_real_metadata(shared_solver, real_channels, specs, meeting, words):
    channels = {name: f"file://{real_channels}/{name}" for name in CHANNELS}
    (core,) = shared_solver.solve(make_request(specs, channels)).cores
    assert (core.kind, core.meeting) == (CoreKind.INCOMPATIBLE, meeting)
    assert core.explanation[0] == words


def test_strict_priority_over_real_metadata(shared_solver, real_channels):
    channels = {name: f"file://{real_channels}/{name}" for name in ("main", *CHANNELS)}
    request = make_request(["numpy=1.23.*"], channels, channel_priority=STRICT)
    (core,) = shared_solver.solve(request).cores
    assert (core.kind, core.meeting) == (CoreKind.CHANNEL_PRIORITY, "python")
    assert core.available == ("conda-forge::python",)
    flexible = replace(request, channel_priority=ChannelPriority.FLEXIBLE)
    assert isinstance(shared_solver.solve(flexible), Plan)
