"""Solving through the process against the bare library in one run; prints ratios."""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.solver.client import SolverProcess
from envbench.model.plan import Plan, SolveRequest
from tests.engine.solver.asking import _BARE, ARTICLE, make_request, write_channel
from tests.engine.solver.conftest import real_channels  # noqa: F401 - a fixture

ROUNDS = 7


def synthetic(directory: Path) -> SolveRequest:
    """A channel of 6,000 records in layers, each depending on the one below."""
    packages = [
        (
            f"p{layer}x{number}",
            f"{version}.0",
            [f"p{layer - 1}x{number % 20} >={version - 1}"] * bool(layer),
        )
        for layer in range(10)
        for number in range(20)
        for version in range(1, 31)
    ]
    url = write_channel(directory / "synthetic", packages)
    return make_request([f"p9x{number}" for number in range(20)], {"synthetic": url})


def measure_bare(request: SolveRequest, cache: Path) -> list[float]:
    sources = [[group.name, list(group.urls)] for group in request.channels]
    virtual = [list(package) for package in request.host.virtual_packages()]
    given = [sources, [s.text for s in request.specs], virtual, request.channel_priority.value]
    child = subprocess.run(
        [sys.executable, "-c", _BARE, json.dumps(given), str(cache)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"ATTEMPTS": str(ROUNDS)},
    )
    return [float(line.split()[1]) for line in child.stdout.splitlines() if line.startswith("sec")]


def measure_process(request: SolveRequest, root: Path) -> tuple[float, list[float]]:
    settings = EngineSettings(pkgs_dir=str(root / "pkgs"), repodata_dir=str(root / "repodata"))
    with SolverProcess(settings) as solver:
        began = time.perf_counter()
        solver.start()
        start_s = time.perf_counter() - began
        seconds = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            assert isinstance(solver.solve(request), Plan)
            seconds.append(time.perf_counter() - began)
    return start_s, seconds


@pytest.mark.bench
@pytest.mark.parametrize("world", ["synthetic", "article"])
def test_solving_through_the_process(tmp_path, request, world):
    if world == "synthetic":
        wanted = synthetic(tmp_path)
    else:
        base = request.getfixturevalue("real_channels")
        names = ("conda-forge", "pytorch", "nvidia")
        wanted = make_request(ARTICLE, {name: f"file://{base}/{name}" for name in names})
    bare = measure_bare(wanted, tmp_path / "bare")
    start_s, process = measure_process(wanted, tmp_path)
    warm_bare, warm = statistics.median(bare[1:]), statistics.median(process[1:])
    print(f"\n{world}: start of the process {start_s:.3f} s")
    print(f"  cold {process[0]:.3f} s, bare {bare[0]:.3f} s, ratio {process[0] / bare[0]:.2f}")
    print(f"  warm {warm:.3f} s, bare {warm_bare:.3f} s, ratio {warm / warm_bare:.2f}")
