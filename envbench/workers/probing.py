"""Runs probes over a prefix and tells their results as they come."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from envbench.model.errors import NotFineError
from envbench.model.probe import ProbeResult, ProbeStatus
from envbench.probes.catalog import PROBES, find_probe
from envbench.probes.runner import ProbeOrder, run_probe
from envbench.workers.phases import Phases


def run_probes(
    prefix: Path,
    names: Sequence[str],
    environ: Mapping[str, str],
    phases: Phases,
    *,
    timeout_s: float | None = None,
    host_gpus: int | None = None,
) -> tuple[ProbeResult, ...]:
    """Run probes one after the other.

    Args:
        prefix: The environment.
        names: Which; empty means every probe whose framework is installed.
        environ: The variables of the activated environment.
        phases: Where to tell about it.
        timeout_s: Limit for each probe; None takes its own.
        host_gpus: GPUs that this box is known to have; None when unknown.

    Returns:
        The results in order; probes that were not asked for by name and whose framework is not
        installed are left out.

    Raises:
        UsageError: There is no probe of such a name.
    """
    probes = [find_probe(name) for name in names] if names else list(PROBES)
    results: list[ProbeResult] = []
    for number, probe in enumerate(probes):
        phases.progress(number, len(probes), unit="probes", item=probe.name)
        order = ProbeOrder(
            probe=probe, prefix=prefix, environ=environ, timeout_s=timeout_s, host_gpus=host_gpus
        )
        result = run_probe(order)
        if not names and result.status is ProbeStatus.NOT_INSTALLED:
            continue
        results.append(result)
        reason = f": {result.reason}" if result.reason else ""
        phases.say(f"probe {probe.name}: {result.status.value}{reason}")
    phases.progress(len(probes), len(probes), unit="probes")
    return tuple(results)


def refuse_unproved(results: Sequence[ProbeResult]) -> None:
    """Make sure that every probe ended `ok`.

    Raises:
        NotFineError: One did not; names it and why.
    """
    bad = [result for result in results if result.status is not ProbeStatus.OK]
    if bad:
        raise NotFineError(
            f"the probe {bad[0].probe} is {bad[0].status.value}, so the environment does not go live",
            why=bad[0].reason,
            hint="mend the spec, or build without --probe and look closer with envbench probe",
        )
