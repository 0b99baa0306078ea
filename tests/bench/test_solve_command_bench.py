"""`envbench solve` end to end against the bare library, both from nothing to the printed answer."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest

from envbench.machine import host_file
from tests.bench.test_solver_bench import synthetic
from tests.engine.solver.asking import _BARE, ARTICLE, HOST, make_request
from tests.engine.solver.conftest import real_channels  # noqa: F401 - a fixture
from tests.workbench.conftest import Box, box  # noqa: F401 - a fixture

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]
ROUNDS = 7


def write_world(box: Box, request, world: str) -> tuple[Path, str]:  # noqa: F811
    """Give the spec file, and what the bare library is asked for."""
    if world == "synthetic":
        wanted = synthetic(box.root)
        names = [group.urls[0] for group in wanted.channels]
        specs = [spec.text for spec in wanted.specs]
    else:
        base = request.getfixturevalue("real_channels").as_uri()
        names = ["conda-forge", "pytorch", "nvidia"]
        specs = list(ARTICLE)
        wanted = make_request(specs, {name: f"{base}/{name}" for name in names})
        custom = "".join(f"  {name}: {base}\n" for name in names)
        (Path.home() / ".condarc").write_text(f"custom_channels:\n{custom}")
    lines = ["name: env", "channels:", *(f"  - {name}" for name in names), "dependencies:"]
    spec = box.root / "solve.yml"
    spec.write_text("\n".join([*lines, *(f"  - {text}" for text in specs)]) + "\n")
    sources = [[group.name, list(group.urls)] for group in wanted.channels]
    virtual = [list(package) for package in wanted.host.virtual_packages()]
    return spec, json.dumps([sources, specs, virtual, wanted.channel_priority.value])


def measure(argv: list[str]) -> tuple[float, str]:
    began = time.perf_counter()
    child = subprocess.run(argv, check=True, capture_output=True, text=True)
    return time.perf_counter() - began, child.stdout


@pytest.mark.parametrize("world", ["synthetic", "article"])
def test_solve_command_against_the_library(
    box: Box,  # noqa: F811
    request: pytest.FixtureRequest,
    world: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spec, asked = write_world(box, request, world)
    host = box.root / "host.toml"
    host.write_text(host_file.write(HOST))
    python, repodata = sys.executable, str(box.root / "bare")
    works = {
        "bare": [python, "-c", _BARE, asked, repodata],
        "ours": [python, "-m", "envbench", "solve", str(spec), "--host", str(host), "--json"],
        "python -c pass": [python, "-c", "pass"],
        "import of the library": [python, "-c", "import rattler, os; os._exit(0)"],
    }
    os.environ.pop("ATTEMPTS", None)
    taken: dict[str, list[float]] = {name: [] for name in works}
    inner = []
    for number in range(ROUNDS + 1):
        said = {}
        for name, argv in works.items():
            seconds, said[name] = measure(argv)
            if number:  # the first round fills caches
                taken[name].append(seconds)
        inner.append(float(said["bare"].split()[1]))
        theirs = set(json.loads(said["bare"].splitlines()[-1]))
        ours = {package["url"] for package in json.loads(said["ours"])["plan"]["packages"]}
        assert ours == theirs
    pairs = [one / other for one, other in zip(taken["ours"], taken["bare"], strict=True)]
    with capsys.disabled():
        print(f"\n{world}: {len(ours)} packages; `envbench solve` {median(pairs):.2f} x the bare")
        for name, seconds in taken.items():
            print(f"  {name:24} {median(seconds) * 1000:7.0f} ms")
        print(f"  {'bare, the solve alone':24} {median(inner[1:]) * 1000:7.0f} ms")
