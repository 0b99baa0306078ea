"""Ways out of conflicts over small channels, proved by the real solver."""

import threading
import time
from dataclasses import replace

import pytest

from envbench.engine.errors import SolverStoppedError
from envbench.engine.repair import Proof, RepairSearch, RepairTask, SolverTrials
from envbench.engine.solver.client import SolverProcess
from envbench.model.channel import ChannelGroup, ChannelPriority
from envbench.model.conflict import Conflict
from envbench.model.repair import MoveKind
from tests.engine.repair.repairing import RequestProver, change, lines_of, make_search, search
from tests.engine.solver.asking import HOST, make_request

PACKAGES = [
    *[("python", f"3.{minor}.1") for minor in (8, 9, 10, 11, 12)],
    ("numpy", "1.24.4", ["python >=3.8,<3.12"]),
    ("numpy", "1.26.4", ["python >=3.9"]),
    ("numpy", "2.0.2", ["python >=3.9"]),
    ("numpy", "2.3.1", ["python >=3.11"]),
    ("torch", "1.13.1", ["python >=3.8,<3.11", "numpy <2"], {"build": "cuda_0"}),
    ("torch", "2.0.1", ["python >=3.8,<3.11", "numpy <2"], {"build": "cpu_0"}),
    ("torch", "2.2.2", ["python >=3.11", "numpy <2"], {"build": "cuda_0"}),
    ("torch", "2.4.1", ["python >=3.8", "numpy"], {"build": "cuda_0"}),
    ("scipy", "1.10.1", ["numpy <2"]),
    ("scipy", "1.13.1", ["numpy >=1.22"]),
    ("driver", "1.0", ["__cuda >=12.6"]),
    ("pandas", "2.2.3", ["numpy"]),
    ("yaml", "6.0"),
    ("tool", "1.0", ["numpy >=2.3"]),
]


@pytest.fixture
def channel(write):
    return write("channel", PACKAGES)


@pytest.fixture
def ask(channel, shared_solver):
    """Search for fixes of lines; gives the last snapshot."""

    def run(*specs, **options):
        request = make_request(specs, {"c": channel}, host=HOST)
        return search(request, shared_solver, **options)[0]

    return run


def titles(progress):
    return [fix.title for fix in progress.fixes]


def test_a_missing_version_goes_to_the_nearest_on_both_sides(ask):
    found = ask("python=3.10", "numpy=1.25", "pandas")
    assert titles(found)[:2] == ["line 11  numpy=1.25 → =1.26", "line 11  numpy=1.25 → =1.24"]
    assert "line 11  remove numpy" in titles(found)
    assert all(fix.cost.lines == 1 for fix in found.fixes)


def test_each_line_of_a_conflict_is_a_way_out(ask):
    found = ask("python=3.9", "pandas", "numpy>=2.3")
    assert titles(found)[0] == "line 12  numpy>=2.3 → >=2.0"
    assert "line 10  python=3.9 → =3.11" in titles(found)
    (python,) = [fix for fix in found.fixes if fix.title.endswith("python=3.9 → =3.11")]
    assert python.cost.python_changes == 1
    assert python.cost.distance == (2, 0, 0)
    assert "line 12  numpy>=2.3 → 2.2" not in [failed.title for failed in found.failed]


def test_a_fix_that_falls_to_a_cpu_build_is_marked_and_passed(ask):
    """2.0 is nearest and computes on the CPU; 2.4 lies further and keeps the GPU."""
    found = ask("python=3.9", "torch=1.14")
    first, *_ = found.fixes
    assert first.title == "line 11  torch=1.14 → =1.13"
    assert not first.loses_gpu
    by_title = {fix.title: fix for fix in found.fixes}
    cpu = by_title["line 11  torch=1.14 → =2.0"]
    gpu = by_title["line 11  torch=1.14 → =2.4"]
    assert cpu.loses_gpu and not gpu.loses_gpu
    assert [s.name for s in cpu.effect.shifts if s.lost_gpu] == ["torch"]
    assert gpu.cost < cpu.cost


def test_two_conflicts_need_two_lines(ask):
    found = ask("python=3.9", "numpy=1.25", "scippy", "yaml=7")
    best = found.fixes[0]
    assert [move.line for move in best.moves] == [11, 12, 13]
    assert best.moves[1].kind is MoveKind.RENAME and best.moves[1].new == "scipy"
    assert best.cost.lines == 3
    assert {fix.cost.lines for fix in found.fixes} == {3}


def test_what_cannot_go_newer_alone_does_with_another_line(ask):
    found = ask("python=3.10", "numpy=2.2", "scipy")
    pair = [fix for fix in found.fixes if len(fix.moves) == 2]
    assert [fix.title for fix in pair] == [
        "line 11  numpy=2.2 → =2.3; line 10  python=3.10 → =3.11"
    ]
    assert found.fixes.index(pair[0]) == len(found.fixes) - 1


def test_a_box_that_lacks_something_may_be_another_one(ask):
    found = ask("driver", "yaml")
    removal, host = found.fixes
    assert removal.title == "line 10  remove driver"
    assert host.title == "if it is meant for another box: __cuda=12.6"
    assert (host.cost.hosts, host.cost.distance) == (1, (0, 0, 0))


def test_of_the_boxes_that_would_do_the_least_one_is_told(write, shared_solver):
    needs = [("driver", f"1.{n}", [f"__cuda >=12.{n}"]) for n in (3, 4, 6)]
    request = make_request(["driver"], {"c": write("drivers", needs)}, host=HOST)
    found, _ = search(replace(request, host=replace(HOST, cuda="12.0")), shared_solver)
    boxes = [fix.moves[0].new for fix in found.fixes if fix.cost.hosts]
    assert boxes == ["__cuda=12.3"]


def test_a_box_of_another_microarchitecture(write, shared_solver):
    wide = write("wide", [("fast", "1.0", ["__archspec 1 x86_64_v4"])])
    found, _ = search(make_request(["fast"], {"c": wide}, host=HOST), shared_solver)
    assert [fix.moves[0].new for fix in found.fixes if fix.cost.hosts] == ["__archspec=x86_64_v4"]


def test_strict_priority_that_hides_a_build(write, channel, shared_solver):
    first = write("first", [("numpy", "1.26.4", ["python >=3.9"])])
    request = make_request(
        ["python=3.11", "numpy", "tool"],
        {"first": first, "c": channel},
        channel_priority=ChannelPriority.STRICT,
        host=HOST,
    )
    found, _ = search(request, shared_solver)
    kinds = {fix.moves[0].kind for fix in found.fixes}
    assert {MoveKind.PRIORITY, MoveKind.RAISE_CHANNEL, MoveKind.SET_CHANNEL} <= kinds
    assert all(fix.cost.distance == (0, 0, 0) for fix in found.fixes[:3])


def test_a_channel_that_is_not_listed(write, channel, shared_solver):
    further = ChannelGroup("extra", (write("extra", [("numpy", "1.25.2", ["python"])]),))
    gone = ChannelGroup("gone", ("file:///nowhere/at/all",))
    request = make_request(["python=3.10", "numpy=1.25"], {"c": channel}, host=HOST)
    conflict = shared_solver.solve(request)
    notes: list[str] = []
    trials = SolverTrials(
        request, shared_solver, ends=time.monotonic() + 60, unreached=notes.append
    )

    class Prover(RequestProver):
        def __call__(self, moves, timeout_s: float) -> Proof:
            self.request = request
            if moves[0].kind is MoveKind.ADD_CHANNEL:
                channels = (*request.channels, further)
                self.request = type(request)(
                    **{n: getattr(request, n) for n in request.__slots__} | {"channels": channels}
                )
            return super().__call__([m for m in moves if m.line is not None], timeout_s)

    task = RepairTask(
        request=request, lines=lines_of(request), conflict=conflict, further=(gone, further)
    )
    *_, last = RepairSearch(task, trials, Prover(request, shared_solver)).run()
    assert titles(last)[0] == "add the channel extra"
    assert notes == []


def test_every_fix_solves_in_a_fresh_process(channel, shared_solver, tmp_path):
    request = make_request(
        ["python=3.9", "numpy>=2.3", "torch=1.12", "pandas"], {"c": channel}, host=HOST
    )
    found, _ = search(request, shared_solver)
    assert found.fixes
    with SolverProcess(shared_solver.settings) as fresh:
        for fix in found.fixes:
            assert not isinstance(fresh.solve(change(request, fix.moves)), Conflict), fix.title


def test_the_same_again(ask):
    def in_short(progress):
        return [(fix.title, fix.cost, fix.effect, fix.gains) for fix in progress.fixes]

    lines = ("python=3.9", "numpy>=2.3", "torch=1.12", "pandas")
    assert in_short(ask(*lines)) == in_short(ask(*lines))


def test_first_the_conflict_then_fix_after_fix(channel, shared_solver):
    request = make_request(["python=3.9", "numpy>=2.3"], {"c": channel}, host=HOST)
    found, _, _ = make_search(request, shared_solver)
    counts = [len(progress.fixes) for progress in found.run()]
    assert counts[0] == 0 and counts == sorted(counts) and counts[-1] >= 3
    assert {a - b for a, b in zip(counts[1:], counts, strict=False)} <= {0, 1}


def test_without_a_budget_it_is_said_what_was_not_tried(ask):
    found = ask("python=3.9", "numpy>=2.3", budget_s=0.0)
    assert found.fixes == () and found.is_over
    assert {"changes of line 10  python=3.9", "changes of line 11  numpy>=2.3"} <= set(
        found.not_tried
    )


def test_cancelling_ends_the_search(channel, tmp_path):
    from envbench.engine.engine_settings import EngineSettings

    settings = EngineSettings(pkgs_dir=str(tmp_path / "p"), repodata_dir=str(tmp_path / "r"))
    with SolverProcess(settings) as solver:
        request = make_request(["python=3.9", "numpy>=2.3"], {"c": channel}, host=HOST)
        found, _, _ = make_search(request, solver)
        ended = threading.Event()

        def cancel_again_and_again() -> None:
            # One that comes between two questions ends a process that nobody waits for.
            while not ended.wait(0.005):
                solver.cancel()

        thread = threading.Thread(target=cancel_again_and_again)
        thread.start()
        try:
            with pytest.raises(SolverStoppedError):
                list(found.run())
        finally:
            ended.set()
            thread.join(20)


def test_the_effect_may_be_told_against_an_environment(channel, shared_solver):
    request = make_request(["python=3.9", "numpy>=2.3"], {"c": channel}, host=HOST)
    installed = shared_solver.solve(make_request(["python=3.9", "yaml"], {"c": channel})).packages
    conflict = shared_solver.solve(request)
    trials = SolverTrials(request, shared_solver, ends=time.monotonic() + 60)
    task = RepairTask(
        request=request, lines=lines_of(request), conflict=conflict,
        installed=installed, against="work",
    )  # fmt: skip
    *_, last = RepairSearch(task, trials, RequestProver(request, shared_solver)).run()
    best = last.fixes[0]
    assert best.title == "line 11  numpy>=2.3 → >=2.0"
    assert best.effect.against == "work"
    assert [(s.name, s.wished, s.got) for s in best.effect.shifts] == [
        ("numpy", "", "2.0.2"),
        ("yaml", "6.0", ""),
    ]
    assert (best.effect.added, best.effect.removed, best.cost.packages) == (1, 1, 2)
