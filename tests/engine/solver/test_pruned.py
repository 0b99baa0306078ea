"""A try on the small index says what a try on the whole one says."""

import random
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from envbench.engine.solver.client import SolverProcess
from envbench.engine.solver.protocol import Tried
from envbench.model.channel import ChannelPriority
from envbench.model.plan import Plan, SolveRequest
from tests.engine.solver.asking import HOST, STRICT, make_request, write_channel
from tests.engine.solver.test_conflicts import age, law, wishes, worlds

REAL = ("conda-forge", "main", "pytorch", "nvidia")
LINES = {
    "python": ["", "=3.8", "=3.9", "=3.10", "=3.11", "=3.12", ">=3.9,<3.11"],
    "numpy": ["", "=1.23.*", "=1.26", ">=2", "<1.22", "=2.1"],
    "pandas": ["", "=1.5.*", ">=2", "=2.2", "<1.3"],
    "scikit-learn": ["", "=1.2.*", ">=1.4", "<1"],
    "scipy": ["", "<1.9", ">=1.11", "=1.10"],
    "matplotlib": ["", "=3.7", ">=3.9", "<3.5"],
    "pytorch": ["", "=1.13.1", "=2.1", "=2.4=*cuda*", "<1.12", "=*=*cpu*"],
    "tensorflow": ["", "=2.9.*", "=2.13.1", ">=2.15", "=2.12.1=cuda*"],
    "jupyterlab": ["", "=3", ">=4"],
    "transformers": ["", "<4.30", ">=4.40"],
    "pillow": ["", "<9", ">=10"],
    "conda-forge::protobuf": ["", "<4", ">=4.25"],
    "typing-extensions": ["", "<4.6", ">=4.10"],
    "pytorch::torchvision": ["", "=0.14.1"],
}


def draw(chance: random.Random, count: int) -> list[str]:
    return [name + chance.choice(LINES[name]) for name in chance.sample(sorted(LINES), count)]


def try_small(solver: SolverProcess, request: SolveRequest, kept: tuple[int, ...]) -> Tried:
    """Try until the small index is used, which it is for more than one request of a kind only."""
    first = solver.try_request(request, kept=kept)
    return first if first.records or not kept else solver.try_request(request, kept=kept)


def compare(solver: SolverProcess, request: SolveRequest, kept: tuple[int, ...]) -> tuple[int, int]:
    """Both answers; returns how many records there were, and whether there is a solution."""
    small, whole = try_small(solver, request, kept), solver.try_request(request)
    assert small.is_solvable == whole.is_solvable, [spec.text for spec in request.specs]
    if small.is_solvable:
        picked = {(p.name, p.version, p.build, p.channel) for p in small.picks}
        named = {
            spec.text.split("::")[-1].split("=")[0].split("<")[0].split(">")[0]
            for spec in request.specs
        }
        assert named <= {pick[0] for pick in picked}
        assert {pick[3] for pick in picked} <= {group.name for group in request.channels}
    return small.records, small.is_solvable


@pytest.mark.parametrize("priority", list(ChannelPriority))
@pytest.mark.parametrize("seed", [1, pytest.param(range(2, 30), marks=pytest.mark.slow)])
def test_random_lines_over_real_metadata(shared_solver, real_channels, priority, seed):
    channels = {name: f"file://{real_channels}/{name}" for name in REAL}
    solvable = []
    for number in seed if isinstance(seed, range) else [seed]:
        chance = random.Random(f"{number}{priority}")
        kept = draw(chance, 4)
        for _ in range(6 if isinstance(seed, range) else 3):
            lines = [line for line in draw(chance, 4) if line.split("=")[0] not in str(kept)]
            if chance.random() < 0.3:
                lines.append(chance.choice(["numpy<2", "python>=3.9", "tensorflow-base"]))
            request = make_request([*kept, *lines], channels, channel_priority=priority)
            records, answer = compare(shared_solver, request, tuple(range(len(kept))))
            assert records > 0
            solvable.append(answer)
    assert {True, False} <= set(solvable) or not isinstance(seed, range)


@hypothesis_settings(law, max_examples=40)
@given(
    worlds(circles=False),
    wishes,
    st.sampled_from(list(ChannelPriority)),
    st.integers(1, 4),
    st.sampled_from([None, 3, 5]),
    st.booleans(),
)
def test_random_lines_over_random_channels(
    shared_solver, world, wish, priority, kept, step, installed
):
    with TemporaryDirectory() as folder:
        aged = age(world, step) if step else world
        thirds = [aged[: len(aged) // 2], aged[len(aged) // 2 :], aged[::3]]
        channels = {
            "one": write_channel(Path(folder) / "one", thirds[0]),
            "two": [
                write_channel(Path(folder) / "two", thirds[1]),
                write_channel(Path(folder) / "three", thirds[2]),
            ],
        }
        fields = {"channel_priority": priority}
        if installed:
            plan = shared_solver.solve(make_request([wish[0]], channels), explain=False)
            fields["installed"] = plan.packages if isinstance(plan, Plan) else ()
        if step:
            fields["exclude_newer"] = "2021-01-01T00:00:00Z"
        for specs in (wish, wish[::-1], [*wish[:-1], f"two::{wish[-1]}"]):
            request = make_request(specs, channels, **fields)
            small = try_small(shared_solver, request, tuple(range(kept)))
            assert small.is_solvable == shared_solver.try_request(request).is_solvable


def test_strict_priority_hides_the_same(shared_solver, tmp_path):
    """The first channel's `b` can't be installed, and still hides the second channel's."""
    channels = {
        "one": write_channel(tmp_path / "one", [("a", "1", ["b"]), ("b", "1", ["nowhere"])]),
        "two": write_channel(tmp_path / "two", [("b", "2"), ("c", "1")]),
    }
    for specs, answer in ((["c", "a"], False), (["c", "b"], False), (["c", "b=2"], True)):
        request = make_request(specs, channels, channel_priority=STRICT)
        assert compare(shared_solver, request, (0,))[1] is answer
        assert compare(shared_solver, request, (1,))[1] is answer


def test_channels_of_lines_are_found_again(shared_solver, tmp_path):
    main = write_channel(tmp_path / "pkgs" / "main", [("x", "1"), ("y", "1")])
    r = write_channel(tmp_path / "pkgs" / "r", [("x", "2"), ("y", "2")])
    channels = {"defaults": [main, r], "side": write_channel(tmp_path / "side", [("x", "3")])}
    for spec, version in (
        ("defaults::x", "2"),
        (f"{main}::x", "1"),
        ("pkgs/main::x", "1"),
        ("side::x", "3"),
        ("x[channel=side]", "3"),
    ):
        request = make_request(["y", spec], channels)
        for kept in ((0,), (1,), ()):
            picks = try_small(shared_solver, request, kept).picks
            assert {p.name: p.version for p in picks} == {"x": version, "y": "2"}


def test_a_changed_channel_gives_no_old_answer(shared_solver, tmp_path):
    request = make_request(["a", "b"], {"c": write_channel(tmp_path / "c", [("a", "1")])})
    assert not try_small(shared_solver, request, (0,)).is_solvable
    write_channel(tmp_path / "c", [("a", "1"), ("a", "2"), ("b", "1")])
    picks = try_small(shared_solver, request, (0,)).picks
    assert [(p.name, p.version) for p in picks] == [("a", "2"), ("b", "1")]


def test_another_box_is_another_search(shared_solver, tmp_path):
    url = write_channel(tmp_path / "c", [("a", "1", ["__cuda >=13"]), ("b", "1")])
    request = make_request(["b", "a"], {"c": url})
    assert not try_small(shared_solver, request, (0,)).is_solvable
    other = replace(request, host=replace(HOST, cuda="13.0"))
    assert try_small(shared_solver, other, (0,)).is_solvable


def test_the_first_try_takes_the_whole_index_and_nothing_is_left_on_disk(
    solver, tmp_path, monkeypatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    url = write_channel(tmp_path / "c", [("a", "1"), ("b", "1")])
    request = make_request(["a", "b"], {"c": url})
    assert solver.try_request(request, kept=(0,)).records == 0
    assert solver.try_request(request, kept=(0,)).records == 2
    assert [path for path in (tmp_path / "scratch").iterdir() if path.is_dir()] == []
