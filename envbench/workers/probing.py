"""Runs probes over a prefix and tells their results as they come."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from envbench.model.errors import NotFineError
from envbench.model.gpu_trace import TraceSummary
from envbench.model.probe import ProbeResult, ProbeStatus
from envbench.probes.catalog import PROBES, find_probe
from envbench.probes.runner import ProbeOrder, run_probe
from envbench.workers.gpu_recording import GpuRecorder
from envbench.workers.phases import Phases


def run_probes(  # noqa: PLR0913 - one order for all probes is stated in full
    prefix: Path,
    names: Sequence[str],
    environ: Mapping[str, str],
    phases: Phases,
    *,
    timeout_s: float | None = None,
    host_gpus: int | None = None,
    gpu: str = "",
    recorder: GpuRecorder | None = None,
) -> tuple[ProbeResult, ...]:
    """Run probes one after the other.

    Args:
        prefix: The environment.
        names: Which; empty means every probe whose framework is installed.
        environ: The variables of the activated environment.
        phases: Where to tell about it.
        timeout_s: Limit for each probe; None takes its own.
        host_gpus: GPUs that this box is known to have; None when unknown.
        gpu: UUID of the one GPU to use; empty lets each probe see all.
        recorder: Records the GPUs meanwhile, and is running; None where nobody does.

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
            probe=probe,
            prefix=prefix,
            environ=environ,
            timeout_s=timeout_s,
            host_gpus=host_gpus,
            gpu=gpu,
        )
        result = _run_recorded(order, recorder)
        if not names and result.status is ProbeStatus.NOT_INSTALLED:
            continue
        results.append(result)
        reason = f": {result.reason}" if result.reason else ""
        phases.say(f"probe {probe.name}: {result.status.value}{reason}")
    phases.progress(len(probes), len(probes), unit="probes")
    return tuple(results)


def _run_recorded(order: ProbeOrder, recorder: GpuRecorder | None) -> ProbeResult:
    """Run a probe, and put what the GPUs did meanwhile into its result."""
    if recorder is None:
        return run_probe(order)
    with recorder.record_part() as part:
        result = run_probe(order)
    summary = part.summary
    if summary is None or not summary.gpus or result.status is ProbeStatus.NOT_INSTALLED:
        return result
    return replace(result, trace=_keep_used(summary, order.gpu))


def _keep_used(summary: TraceSummary, gpu: str) -> TraceSummary:
    """Keep the GPUs that the probe used or was given: a result has little room."""
    kept = tuple(each for each in summary.gpus if each.was_used or each.uuid == gpu != "")
    reason = "" if kept else "no process of the probe was seen on a GPU"
    return replace(summary, gpus=kept, reason=reason)


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
