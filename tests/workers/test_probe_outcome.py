"""What a job that probes says of its outcome in one line."""

from envbench.model.probe import ProbeResult, ProbeStatus
from envbench.workers.probe import say_not_fine


def result(probe: str, status: ProbeStatus) -> ProbeResult:
    return ProbeResult(probe=probe, prefix="/e", status=status)


def test_what_is_not_ok_is_named():
    results = (
        result("numpy", ProbeStatus.OK),
        result("torch", ProbeStatus.DEGRADED),
        result("jax", ProbeStatus.NOT_INSTALLED),
    )
    assert say_not_fine(results) == "torch degraded, jax not installed"
    assert say_not_fine(results[:1]) == ""
    assert say_not_fine(()) == "nothing was probed"


def test_many_are_counted():
    results = [result(f"p{number}", ProbeStatus.FAILED) for number in range(8)]
    assert say_not_fine(results).endswith("p5 failed, 2 more")
