"""What a fix costs, and in which order fixes stand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.conflict import SpecLine
from envbench.model.plan import PackageRecord
from envbench.model.repair import Fix, FixCost, FixEffect, Move, MoveKind, PackageShift
from envbench.model.repair_choice import MOST_FIXES, choose_fixes, kind_of
from envbench.model.repair_cost import (
    Outcome,
    Wish,
    asked_version,
    describe_effect,
    measure_cost,
    wishes_gpu,
)
from envbench.model.repair_words import gains_of, title_of
from envbench.model.version_steps import (
    add_distances,
    choose_level,
    distance_from,
    series_of,
    step_between,
)

LINES = (
    SpecLine(text="python=3.9", name="python", line=5),
    SpecLine(text="torch=1.13", name="torch", line=6),
    SpecLine(text="numpy", name="numpy", line=7),
)


def record(name, version, build="0", depends=(), size=100):
    return PackageRecord(
        name=name, version=version, build=build, build_number=0, subdir="linux-64",
        file_name="", url="", channel="c", depends=tuple(depends), size_bytes=size,
    )  # fmt: skip


def pin(name, old, new, line=6):
    return Move(kind=MoveKind.PIN, name=name, old=old, new=new, line=line)


def cost_of(moves, packages, wish, existing=None):
    outcome = Outcome(packages=tuple(packages), download_bytes=7)
    return measure_cost(moves, outcome, wish, LINES, existing or {})


@pytest.mark.parametrize(
    ("asked", "got", "name", "step"),
    [
        ("2.13.0", "2.13.0", "", (0, 0, 0)),
        ("2.13.0", "2.13.2", "", (0, 0, 2)),
        ("2.13.0", "2.9.1", "", (0, 4, 0)),
        ("1.26", "2.0", "", (1, 0, 0)),
        ("3.9", "3.11.4", "python", (2, 0, 0)),
        ("3.9.1", "3.9.4", "python", (0, 3, 0)),
        ("1.0.0.1", "1.0.0.9", "", (0, 0, 1)),
        ("1.0", "1.0.0", "", (0, 0, 0)),
        ("1.0", "1.0.post1", "", (0, 0, 1)),
    ],
)
def test_steps_are_counted_where_versions_differ_first(asked, got, name, step):
    assert step_between(asked, got, name=name) == step
    assert step_between(got, asked, name=name) == step


def test_the_distance_is_that_to_what_was_asked_for():
    existing = ("2.3.1", "2.1.0", "2.0.0", "1.26.4", "1.20.0", "1.19.0")
    assert distance_from(">=1.20,<2", "1.26.4", existing) == (0, 0, 0)
    assert distance_from(">=1.20,<2", "1.19.0", existing) == (0, 1, 0)
    # Of another major version, the series that lie nearer are further steps.
    assert distance_from(">=1.20,<2", "2.0.0", existing) == (1, 0, 0)
    assert distance_from(">=1.20,<2", "2.3.1", existing) == (1, 2, 0)
    assert distance_from("2.13.0.*", "2.9.1", ("2.12.1", "2.9.1")) == (0, 4, 0)
    assert distance_from(None, "7", existing) == (0, 0, 0)
    assert add_distances([(1, 2, 3), (0, 1, 1)]) == (1, 3, 4)


def test_series():
    assert choose_level(["12", "11"]) == 1
    assert choose_level(["12", "11.8"]) == 2
    assert series_of("2.14.1+cpu", 2) == "2.14"


def test_gpu_builds_that_become_cpu_builds_are_counted():
    wish = Wish(packages=(record("numpy", "1"),), gpu=frozenset({"torch"}))
    packages = [record("numpy", "1"), record("torch", "1.13", "cpu_py39_0")]
    cost = cost_of([pin("torch", "torch=1.13", "torch=1.12")], packages, wish)
    assert cost.gpu_losses == 1
    lost = describe_effect(Outcome(packages=tuple(packages)), wish, LINES).shifts
    assert [(s.name, s.lost_gpu) for s in lost] == [("torch", True)]
    on_gpu = [record("numpy", "1"), record("torch", "1.13", "cuda112py39_0")]
    assert cost_of([pin("torch", "torch=1.13", "torch=1.12")], on_gpu, wish).gpu_losses == 0
    assert wishes_gpu(SpecLine(text="torch=1.13=*cuda*", name="torch"))
    assert wishes_gpu(SpecLine(text="tensorflow-gpu", name="tensorflow-gpu"))
    assert not wishes_gpu(SpecLine(text="cudatoolkit=11", name="cudatoolkit"))


def test_what_moves_back_and_what_python_becomes():
    wish = Wish(
        packages=(record("python", "3.9.18"), record("numpy", "1.26.4"), record("zlib", "1.3")),
        asked={"torch": "1.13.1"},
    )
    packages = [record("python", "3.10.2"), record("numpy", "1.24.0"), record("torch", "1.13.1")]
    cost = cost_of([pin("python", "python=3.9", "python=3.10", 5)], packages, wish)
    assert (cost.lines, cost.removals, cost.distance) == (1, 0, (1, 0, 0))
    assert (cost.moved_back, cost.python_changes) == (1, 1)
    assert cost.packages == 3  # python, numpy, zlib; torch is what was wished
    assert (cost.order, cost.download_bytes) == ((5,), 7)
    effect = describe_effect(Outcome(packages=tuple(packages)), wish, LINES)
    assert [s.name for s in effect.shifts] == ["numpy", "python", "zlib"]
    assert (effect.added, effect.removed, effect.changed) == (0, 1, 2)


def test_a_move_between_sections_touches_two_places():
    move = Move(kind=MoveKind.TO_PIP, name="torch", old="torch=1.13", new="torch==1.13.*", line=6)
    assert cost_of([move], [], Wish()).lines == 2


def test_what_a_line_asked_for():
    line = SpecLine(text="numpy>=1.20,<2", name="numpy")
    assert asked_version(line, ("2.0", "1.26.4", "1.20")) == "1.26.4"
    assert asked_version(SpecLine(text="tf=2.13.0", name="tf"), ("2.14",)) == "2.13.0"
    assert asked_version(SpecLine(text="tf", name="tf"), ("2.14",)) == ""


def make_fix(*moves, lines=1, removals=0, distance=(0, 0, 0), got="1"):
    cost = FixCost(
        lines=lines, removals=removals, gpu_losses=0, distance=distance, moved_back=0,
        python_changes=0, packages=0, download_bytes=0, text=title_of(moves),
    )  # fmt: skip
    return Fix(
        moves=moves, title=title_of(moves), cost=cost, effect=FixEffect(added=len(got)), gains=""
    )


COSTS = st.builds(
    FixCost,
    lines=st.integers(1, 3), removals=st.integers(0, 2), gpu_losses=st.integers(0, 1),
    distance=st.tuples(*[st.integers(0, 2)] * 3), moved_back=st.integers(0, 2),
    python_changes=st.integers(0, 1), packages=st.integers(0, 3), download_bytes=st.integers(0, 3),
    order=st.tuples(st.integers(1, 3)), text=st.sampled_from("abc"),
)  # fmt: skip


@given(COSTS, COSTS, COSTS)
def test_costs_are_in_one_order(one, two, three):
    assert (one < two) + (two < one) + (one == two) == 1
    if one <= two <= three:
        assert one <= three
    if one.lines != two.lines:
        assert (one < two) == (one.lines < two.lines)


def test_at_most_nine_are_offered_and_one_of_each_kind():
    pins = [
        make_fix(pin("torch", "torch=1.13", f"torch=1.{n}"), distance=(0, n, 0), got="1" * n)
        for n in range(1, 15)
    ]
    removal = make_fix(
        Move(kind=MoveKind.REMOVE, name="torch", old="torch=1.13", line=6), removals=1
    )
    python = make_fix(pin("python", "python=3.9", "python=3.12", 5), distance=(3, 0, 0))
    flexible = make_fix(
        Move(kind=MoveKind.PRIORITY, name="channel_priority", old="strict", new="flexible"), lines=3
    )
    others = [make_fix(pin(f"p{n}", "p=1", "p=2", 20 + n), lines=2) for n in range(9)]
    chosen = choose_fixes([flexible, removal, python, *pins, *others])
    assert len(chosen) == MOST_FIXES
    assert chosen[0] is pins[0]
    assert sum(fix in pins for fix in chosen) == 1
    assert {"version", "remove", "python", "sources"} <= {kind_of(fix) for fix in chosen}
    assert list(chosen) == sorted(chosen, key=lambda fix: fix.cost)


def test_what_does_the_same_and_more_is_left_out():
    one = make_fix(pin("torch", "torch=1.13", "torch=1.12"))
    more = make_fix(*one.moves, pin("python", "python=3.9", "python=3.10", 5), lines=2)
    assert choose_fixes([more, one]) == (one,)
    release = make_fix(
        Move(kind=MoveKind.RELEASE, name="torch", old="torch=1.13", new="torch", line=6),
        distance=(0, 0, 1),
    )
    assert choose_fixes([release, one]) == (one,)


def test_a_release_that_gives_the_user_the_same_versions_is_no_other_fix():
    release = Move(kind=MoveKind.RELEASE, name="torch", old="torch=1.13", new="torch", line=6)

    def make(move, torch, below):
        shifts = (
            PackageShift(name="torch", wished="1.13", got=torch, is_direct=True),
            PackageShift(name="zlib", wished="1", got=below),
        )
        loosened = int(move.kind is MoveKind.RELEASE)
        fix = make_fix(move)
        cost = replace(fix.cost, loosened=loosened)
        return replace(fix, cost=cost, effect=FixEffect(shifts=shifts))

    one = make(pin("torch", "torch=1.13", "torch=1.12"), "1.12", "2")
    assert choose_fixes([make(release, "1.12", "3"), one]) == (one,)
    assert len(choose_fixes([make(release, "1.11", "2"), one])) == 2


def test_versions_of_one_change_leave_room_for_other_ways():
    pins = [
        make_fix(pin("torch", "torch=1.13", f"torch=1.{n}"), distance=(0, n, 0), got="1" * n)
        for n in range(1, 6)
    ]
    assert choose_fixes(pins) == tuple(pins[:2])


def test_a_change_of_the_same_line_with_the_same_plan_is_no_other_fix():
    line = "torch=1.13.1=py39_0"
    build = make_fix(
        Move(kind=MoveKind.DROP_BUILD, name="torch", old=line, new="torch=1.13.1", line=6)
    )
    series = make_fix(pin("torch", line, "torch=1.13.*"))
    assert choose_fixes([series, build]) == (build,)
    removal = make_fix(Move(kind=MoveKind.REMOVE, name="torch", old=line, line=6), removals=1)
    assert choose_fixes([removal, build]) == (build, removal)


def test_what_keeps_the_version_comes_before_what_loses_it():
    moves = [
        Move(kind=MoveKind.RENAME, name="torch", old="torch=2.1", new=new, line=6)
        for new in ("pytorch", "pytorch=2.1")
    ]
    outcome = [record("pytorch", "2.1.0")]
    bare, kept = (cost_of([move], outcome, Wish()) for move in moves)
    assert kept < bare and (kept.loosened, bare.loosened) == (0, 1)


def test_another_box_comes_behind_what_can_be_written():
    host = Move(kind=MoveKind.HOST, name="__cuda", new="__cuda=12.4")
    removal = Move(kind=MoveKind.REMOVE, name="torch", old="torch", line=6)
    assert cost_of([removal], [], Wish()) < cost_of([host], [], Wish())


def test_titles_and_gains():
    moves = (
        pin("tensorflow", "tensorflow=2.13.1", "tensorflow=2.14.*", 12),
        Move(kind=MoveKind.REMOVE, name="keras", old="keras", line=13),
    )
    assert title_of(moves) == "line 12  tensorflow=2.13.1 → =2.14.*; line 13  remove keras"
    assert gains_of(moves, ["numpy", "torch"], {"tensorflow": "2.14.1", "numpy": "1.26.4"}) == (
        "tensorflow 2.14.1, no keras, numpy 1.26.4"
    )
    host = Move(kind=MoveKind.HOST, name="__cuda", new="__cuda=12.4")
    assert title_of([host]) == "if it is meant for another box: __cuda=12.4"
    moved = Move(kind=MoveKind.TO_PIP, name="pytorch", old="pytorch=1.*", new="torch==1.*", line=3)
    assert gains_of([moved], [], {"torch": "1.13.1"}) == "torch 1.13.1"
