"""Frameworks on a real GPU: every number on the device against its reference."""

import os

import pytest

from envbench.model.probe import ProbeResult, ProbeStatus
from envbench.probes.catalog import find_probe
from envbench.probes.runner import ProbeOrder, run_probe

pytestmark = [pytest.mark.gpu, pytest.mark.timeout(900)]

FRAMEWORKS = (
    "torch",
    "jax",
    "cupy",
    "triton",
    "onnxruntime",
    "transformers",
    "tensorflow",
    "numba",
)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_framework_computes_on_the_gpu(name: str, gpus, framework_prefixes):
    results = [_run(name, prefix, gpus[0].uuid, len(gpus)) for prefix in framework_prefixes]
    found = [result for result in results if result.status is not ProbeStatus.NOT_INSTALLED]
    if not found:
        pytest.skip(f"{name} is in none of the environments (ENVBENCH_GPU_ENVS)")
    for result in found:
        print("\n" + _describe(result))
        assert result.status is ProbeStatus.OK, result.reason
        assert not result.diagnoses
        on_gpu = [check for check in result.checks if check.device != "cpu" and not check.skipped]
        assert on_gpu, "nothing was computed on the GPU"


def _run(name: str, prefix, uuid: str, count: int) -> ProbeResult:
    order = ProbeOrder(
        probe=find_probe(name), prefix=prefix, environ=dict(os.environ), host_gpus=count, gpu=uuid
    )
    return run_probe(order)


def _describe(result: ProbeResult) -> str:
    lines = [f"{result.probe} {result.status} {result.duration_s:.1f} s {result.distributions}"]
    for check in result.checks:
        told = check.skipped or f"off by {check.error} of at most {check.tolerance}"
        lines.append(f"  {check.name} on {check.device}: {told}, {check.duration_s:.2f} s")
    lines += [f"  not checked: {each}" for each in result.unchecked]
    return "\n".join(lines)
