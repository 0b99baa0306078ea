"""Real frameworks in real environments: healthy ones pass, and what each costs is printed.

pytest -s -m "slow and network" tests/probes/payloads/test_healthy.py
"""

import os
from pathlib import Path

import pytest

from envbench.model.probe import ProbeResult, ProbeStatus
from envbench.probes.catalog import find_probe
from envbench.probes.runner import ProbeOrder, run_probe
from tests.probes.payloads.environments import RECIPES, Recipe, make_environment

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_what_is_healthy_passes(recipe: Recipe, capsys: pytest.CaptureFixture[str]):
    prefix = make_environment(recipe)
    results = [probe(prefix, name) for name in recipe.probes]
    with capsys.disabled():
        print(f"\n{tabulate(recipe.name, results)}")
    assert {r.probe: f"{r.status} {r.reason}" for r in results if not is_fine(r)} == {}


def probe(prefix: Path, name: str) -> ProbeResult:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return run_probe(ProbeOrder(probe=find_probe(name), prefix=prefix, environ=kept))


def is_fine(result: ProbeResult) -> bool:
    """Tell whether a result is right for a healthy environment on this very box."""
    computed = [check for check in result.checks if not check.skipped]
    if not computed or not all(check.ok for check in computed) or not result.facts["origins"]:
        return False
    if result.facts["outside_prefix"]:
        return False
    falls_back = result.facts.get("gpu_build") and result.facts["device_used"] == "cpu"
    if falls_back:
        return result.status is ProbeStatus.DEGRADED and bool(result.unchecked)
    return result.status is ProbeStatus.OK


def tabulate(title: str, results: list[ProbeResult]) -> str:
    head = f"{title:<16}{'version':<16}{'status':<10}{'import s':>9}{'checks s':>9}{'all s':>7}{'MB':>6}  worst error of its tolerance"
    return "\n".join([head, *(describe(result) for result in results)])


def describe(result: ProbeResult) -> str:
    seconds = {stage.name: stage.duration_s for stage in result.stages}
    checks = sum(spent for name, spent in seconds.items() if name.startswith("check:"))
    shares = [
        (check.error / check.tolerance if check.tolerance else check.error, check.name)
        for check in result.checks
        if check.error is not None
    ]
    share, worst = max(shares, default=(0.0, "-"))
    return (
        f"{result.probe:<16}{str(result.facts.get('version', '?'))[:15]:<16}"
        f"{result.status.value:<10}{seconds.get('import', 0.0):>9.2f}{checks:>9.2f}"
        f"{result.duration_s:>7.1f}{(result.memory_peak_bytes or 0) / 1e6:>6.0f}  {worst} {share:.1e}"
    )
