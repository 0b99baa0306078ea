"""The worker of `envbench probe`: `envbench.workers.probe`, run isolated."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from envbench.envs.activated_environment import activated_environment
from envbench.jobs import layout
from envbench.jobs.worker import WorkerContext, run_worker
from envbench.machine.gpu_presence import may_have_gpus
from envbench.model.document import from_builtins, to_builtins
from envbench.model.errors import ExitCode
from envbench.model.job import JobResult, JobState
from envbench.model.probe import ProbeRequest, ProbeResult, ProbeStatus
from envbench.workers.gpu_recording import FIRST_LOOK_S, PROBE_PERIOD_S, GpuRecorder
from envbench.workers.phases import Phases
from envbench.workers.probing import run_probes

_MOST_NAMED = 6


def probe(context: WorkerContext) -> JobResult:
    """Run the probes of a request; the job is done also when a verdict is bad."""
    request = from_builtins(context.request.payload, ProbeRequest)
    prefix = Path(request.prefix)
    phases = Phases(context.emit)
    with phases.run("probe"), _record(context, request) as recorder:
        results = run_probes(
            prefix,
            request.probes,
            activated_environment(prefix, dict(os.environ)),
            phases,
            timeout_s=request.timeout_s,
            host_gpus=request.host_gpus,
            gpu=request.gpu,
            recorder=recorder,
        )
    fine = bool(results) and all(result.status is ProbeStatus.OK for result in results)
    return JobResult(
        state=JobState.DONE,
        code=int(ExitCode.FINE if fine else ExitCode.NOT_FINE),
        reason=say_not_fine(results),
        payload={"results": to_builtins(results)},
    )


def say_not_fine(results: Sequence[ProbeResult]) -> str:
    """Name the probes that are not ok, so that a list of jobs shows none of them as well."""
    bad = [result for result in results if result.status is not ProbeStatus.OK]
    named = [f"{each.probe} {each.status.value.replace('_', ' ')}" for each in bad[:_MOST_NAMED]]
    more = [f"{len(bad) - _MOST_NAMED} more"] if len(bad) > _MOST_NAMED else []
    return ", ".join((*named, *more)) or ("" if results else "nothing was probed")


@contextmanager
def _record(context: WorkerContext, request: ProbeRequest) -> Iterator[GpuRecorder | None]:
    """Record the GPUs into the job's directory, where there may be some."""
    if not request.record or not may_have_gpus(os.environ):
        yield None
        return
    path = context.directory / layout.GPU_TRACE
    recorder = GpuRecorder(os.environ, root_pid=os.getpid(), path=path, period_s=PROBE_PERIOD_S)
    recorder.start()
    recorder.wait_first(FIRST_LOOK_S)
    try:
        yield recorder
    finally:
        recorder.stop()


if __name__ == "__main__":
    run_worker(probe)
