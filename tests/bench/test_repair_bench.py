"""From a conflict to its first core and its first proved fix, against one solve of the same spec.

Over the largest real metadata at hand; prints ratios. The reference is a solve of the same spec
that only says no, asked in turn with the searches, through a process whose indexes are warm.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.engine.solver.client import SolverProcess
from envbench.model.channel import ChannelGroup
from envbench.model.conflict import Conflict
from envbench.model.plan import RequestedSpec, SolveRequest
from tests.conflicts.case import WIDE, Case
from tests.conflicts.cases import CASES
from tests.conflicts.conftest import shared_channels  # noqa: F401 - a fixture
from tests.conflicts.fixer import Fixer

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
ROUNDS = 5

ARTICLE = Case(
    name="article",
    text="""\
name: ai_dev_env
channels:
  - main
  - conda-forge
  - pytorch
dependencies:
  - python=3.9
  - pip
  - jupyterlab
  - numpy=1.23.*
  - pandas
  - matplotlib
  - scikit-learn
  - pytorch::pytorch=1.13.1
  - pytorch::torchvision=0.14.1
  - tensorflow=2.13.0
""",
    cores=(),
    tree=WIDE,
)


@pytest.fixture(scope="module")
def fixers(
    tmp_path_factory: pytest.TempPathFactory,
    shared_channels: Path,  # noqa: F811
) -> Iterator[dict[str, Fixer]]:
    root = tmp_path_factory.mktemp("fixers")
    made = {tree: Fixer(root, shared_channels, tree) for tree in {c.tree for c in CASES} | {WIDE}}
    yield made
    for fixer in made.values():
        fixer.close()


def measure_refusal(solver: SolverProcess, request: SolveRequest) -> float:
    began = time.perf_counter()
    assert isinstance(solver.solve(request, explain=False), Conflict)
    return time.perf_counter() - began


def ask_like_the_front_door(case: Case, shared: Path) -> SolveRequest:
    """Ask for a case with the channel of the fixers' condarc behind those of the spec."""
    request = case.request(shared)
    if any(group.name == "conda-forge" for group in request.channels):
        return request
    further = ChannelGroup("conda-forge", (f"file://{shared / case.tree / 'conda-forge'}",))
    return replace(request, channels=(*request.channels, further))


def peak_mb(pid: int | None) -> float:
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(text.split("VmHWM:")[1].split()[0]) / 1024


def test_first_core_and_first_fix(
    fixers: dict[str, Fixer],
    shared_channels: Path,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = []
    for case in (ARTICLE, *CASES):
        fixer, request = fixers[case.tree], ask_like_the_front_door(case, shared_channels)
        if case.pip_lines:
            continue
        measure_refusal(fixer.solver, request)
        before = [measure_refusal(fixer.solver, request) for _ in range(ROUNDS)]
        asked = fixer.ask(case, budget_s=30.0)
        after = [measure_refusal(fixer.solver, request) for _ in range(ROUNDS)]
        one = statistics.median(before + after)
        found = len(asked.report.fixes)
        fix = asked.first_fix_s
        rows.append((case.name, one, asked.first_core_s, fix, asked.report.solves, found))
    cores = [core / one for _, one, core, *_ in rows]
    fixes = [fix / one for _, one, _, fix, *_ in rows if fix is not None]
    with capsys.disabled():
        print(f"\n{'case':40} {'one solve':>9} {'core':>6} {'fix':>6} {'solves':>6} {'fixes':>5}")
        for name, one, core, fix, solves, found in rows:
            first = f"{fix / one:5.1f}x" if fix is not None else "     -"
            print(f"{name:40} {one * 1000:6.0f} ms {core / one:5.1f}x {first} {solves:6} {found:5}")
        for what, ratios in (("first core", cores), ("first proved fix", fixes)):
            ordered = sorted(ratios)
            print(
                f"{what}: median {statistics.median(ordered):.1f}, nine of ten below"
                f" {ordered[int(len(ordered) * 0.9)]:.1f}, worst {ordered[-1]:.1f} solves"
            )
        for tree, fixer in fixers.items():
            print(f"solver process of {tree}: peak {peak_mb(fixer.solver.pid):.0f} MiB")


def test_tries_a_second_with_and_without_pruning(
    fixers: dict[str, Fixer],
    shared_channels: Path,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    solver = fixers[WIDE].solver
    asked = ARTICLE.request(shared_channels)
    versions = [f"tensorflow=2.{minor}.*" for minor in range(20)]
    requests = [
        replace(asked, specs=(*asked.specs[:-1], RequestedSpec(text, 16))) for text in versions
    ]
    kept = tuple(range(len(asked.specs) - 1))
    spent: dict[str, float] = {}
    records: dict[str, int] = {}
    answers: dict[str, list[bool]] = {}
    for way, keep in (("whole index", ()), ("pruned index", kept)):
        began = time.perf_counter()
        solver.try_request(requests[0], kept=keep)
        first_s = time.perf_counter() - began
        began = time.perf_counter()
        tried = [solver.try_request(request, kept=keep) for request in requests]
        spent[way] = (time.perf_counter() - began) / len(requests)
        records[way] = tried[-1].records
        answers[way] = [one.is_solvable for one in tried]
        with capsys.disabled():
            print(
                f"\n{way}: first {first_s:.3f} s, then {1 / spent[way]:.1f} tries a second,"
                f" {records[way] or 'all'} records"
            )
    assert answers["whole index"] == answers["pruned index"]
    with capsys.disabled():
        print(f"pruning: {spent['whole index'] / spent['pruned index']:.1f} x as many tries")
