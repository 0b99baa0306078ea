"""Proving an environment: a job, so that a hang or a lost terminal loses nothing."""

import os
from collections.abc import Mapping, Sequence

import msgspec

from envbench.jobs.job import Job
from envbench.jobs.launching import build_command
from envbench.jobs.store import JobStore
from envbench.machine.gpus import ask_driver
from envbench.model.document import from_builtins, to_builtins
from envbench.model.job import JobRequest, JobResult
from envbench.model.probe import ProbeRequest, ProbeResult
from envbench.probes.catalog import find_probe
from envbench.settings.load import Settings
from envbench.workbench.environments import find_prefix
from envbench.workbench.job_environment import select_variables


def submit_probe(
    reference: str,
    names: Sequence[str],
    timeout_s: float | None,
    settings: Settings,
    *,
    environ: Mapping[str, str] | None = None,
    gpu: str = "",
    record: bool = True,
) -> Job:
    """Start a job that probes an environment.

    Args:
        reference: Name, `NAME@GENERATION`, or path.
        names: Which probes; empty means every one whose framework is installed.
        timeout_s: Limit for each; None takes its own.
        settings: The user's settings.
        environ: What the probes see of the outside; None takes the variables of this process.
        gpu: UUID of the one GPU to use; empty lets each probe see all.
        record: Whether to record what the GPUs do meanwhile.

    Raises:
        UsageError: There is no such environment or probe.
        PreventedError: No job can be started.
    """
    for name in names:
        find_probe(name)
    request = ProbeRequest(
        prefix=str(find_prefix(reference, settings)),
        probes=tuple(names),
        timeout_s=timeout_s,
        host_gpus=_count_gpus(),
        gpu=gpu,
        record=record,
    )
    return JobStore(settings.paths.jobs_dir).submit(
        JobRequest(
            kind="probe",
            title=f"probe {reference}: {', '.join(names) or 'all installed'}",
            argv=build_command("envbench.workers.probe"),
            payload=to_builtins(request),
            environment=reference,
            env=select_variables(os.environ if environ is None else environ, settings),
            # A probe that starves behind a training run proves nothing about the environment.
            low_priority=False,
        )
    )


def read_probe_results(result: JobResult) -> tuple[ProbeResult, ...]:
    """Read what the probe worker said last; empty when it said nothing."""
    try:
        return from_builtins(result.payload.get("results", []), tuple[ProbeResult, ...])
    except msgspec.ValidationError:
        return ()


def _count_gpus() -> int | None:
    """Count the GPUs of this box; None when its driver does not answer."""
    facts = ask_driver(os.environ)
    return len(facts.gpus) if facts.gpus or not facts.reason else None
