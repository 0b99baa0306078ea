"""Frameworks from the public index in an environment of envbench's own, proved by its probes."""

import os

import pytest

from envbench.model.build import PipSettings
from envbench.model.job import JobState
from envbench.model.probe import ProbeStatus
from envbench.workbench.building import read_build_result
from envbench.workbench.probing import read_probe_results, submit_probe
from tests.workbench.conftest import Box

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.timeout(1800)]

LIMIT_S = 900.0
# Folders with wheels that this box gives to pip; the box of the test is told of no variables.
FIND_LINKS = tuple(os.environ.get("PIP_FIND_LINKS", "").split())

PROVED = {
    "numpy": "numpy",
    "scipy": "scipy",
    "pandas": "pandas",
    "scikit-learn": "sklearn",
    "onnxruntime": "onnxruntime",
    "xgboost-cpu": "xgboost",
    "jax": "jax",
    "ipykernel": "ipykernel",
}
"""Probes by what they prove; none needs GPU libraries."""
HEAVY = {"torch==2.13.0": "torch", "transformers": "transformers"}
"""Only where a folder of wheels holds a PyTorch without them."""


def test_what_envbench_builds_is_healthy(
    box: Box, python_channel, capsys: pytest.CaptureFixture[str]
):
    wanted = PROVED | (HEAVY if FIND_LINKS else {})
    spec = box.write_spec("python", "pip", channel=python_channel.as_uri(), pip=tuple(wanted))
    build = box.submit(spec, PipSettings(find_links=FIND_LINKS), probes=("python", "pip"))
    result = build.wait(LIMIT_S)
    assert result is not None
    assert result.state is JobState.DONE, result
    assert [p.status for p in read_build_result(result).probes] == [ProbeStatus.OK] * 2

    job = submit_probe("env", (), None, box.settings)
    found = {each.probe: each for each in read_probe_results(job.wait(LIMIT_S))}
    with capsys.disabled():
        for each in found.values():
            print(f"\n{each.probe:<14}{each.status.value:<10}{each.duration_s:>6.1f} s", end="")
    assert {"python", "pip", *wanted.values()} <= set(found)
    assert {name: r.reason for name, r in found.items() if r.status is not ProbeStatus.OK} == {}
    for name in wanted.values():
        assert found[name].facts["outside_prefix"] == []
        assert all(check.error is not None for check in found[name].checks if not check.skipped)
