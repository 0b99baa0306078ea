"""Jobs by their ids: submit and cancel for those who keep names, not open jobs."""

from pathlib import Path

import msgspec

from envbench.jobs.job import Job
from envbench.model.build import BuildRequest
from envbench.model.document import from_builtins
from envbench.model.errors import UsageError
from envbench.model.job import JobResult
from envbench.model.probe import ProbeRequest
from envbench.settings.load import Settings
from envbench.workbench.building import submit_build
from envbench.workbench.job_rows import SubmittedJob as SubmittedJob
from envbench.workbench.jobs import cancel_job, find_job
from envbench.workbench.probing import submit_probe
from envbench.workbench.values.building import BuildOrder


def submit_build_job(order: BuildOrder, settings: Settings) -> SubmittedJob:
    """Check a spec and hand it to a detached job; returns before the work begins.

    Raises:
        NotFineError: The spec has errors.
        UsageError: The file cannot be read, or the name is not allowed or taken by others.
        PreventedError: No job can be started.
    """
    submitted = submit_build(order, settings)
    job = submitted.job
    return SubmittedJob(
        id=job.id,
        environment=submitted.environment,
        directory=str(job.directory),
        warnings=submitted.warnings,
    )


def submit_probe_job(
    reference: str,
    names: tuple[str, ...],
    timeout_s: float | None,
    settings: Settings,
    *,
    gpu: str = "",
) -> SubmittedJob:
    """Start a job that probes an environment.

    Args:
        reference: Name, `NAME@GENERATION`, or path.
        names: Which probes; empty means every one whose framework is installed.
        timeout_s: Limit for each; None takes its own.
        settings: The user's settings.
        gpu: UUID of the one GPU to use; empty lets each probe see all.

    Raises:
        UsageError: There is no such environment or probe.
        PreventedError: No job can be started.
    """
    job = submit_probe(reference, names, timeout_s, settings, gpu=gpu)
    return SubmittedJob(id=job.id, environment=reference, directory=str(job.directory))


def repeat_job(job_id: str, settings: Settings) -> SubmittedJob:
    """Submit again what a job was to do: a build of its spec as it is now, a probe as it was.

    Raises:
        UsageError: There is no such job, or none that can be repeated.
        NotFineError: The spec has errors.
        PreventedError: No job can be started.
    """
    job = find_job(job_id, settings)
    if job.damage or job.request.kind not in {"build", "probe"}:
        raise UsageError("this job cannot be repeated", where=job.id, why=job.damage)
    try:
        if job.request.kind == "probe":
            return _repeat_probe(job, settings)
        build = from_builtins(job.request.payload, BuildRequest)
    except msgspec.ValidationError:
        why = "its request was written by another version of envbench"
        raise UsageError("this job cannot be repeated", where=job.id, why=why) from None
    return submit_build_job(_find_order(build), settings)


def _find_order(build: BuildRequest) -> BuildOrder:
    """Give the order that a request was made from, as far as it is not in the settings."""
    return BuildOrder(
        spec=Path(build.spec_directory) / Path(build.spec_path).name,
        name=build.environment,
        probes=build.probes,
        offline=build.solve.offline,
        backend=build.backend,
        allow_builds=not build.pip.only_binary,
    )


def _repeat_probe(job: Job, settings: Settings) -> SubmittedJob:
    request = from_builtins(job.request.payload, ProbeRequest)
    return submit_probe_job(
        job.request.environment, request.probes, request.timeout_s, settings, gpu=request.gpu
    )


def cancel_job_named(job_id: str, settings: Settings) -> JobResult:
    """Cancel a job, and wait until nothing of it is left.

    Raises:
        UsageError: There is no such job.
        PreventedError: It cannot be cancelled from here, or does not end.
    """
    return cancel_job(find_job(job_id, settings), settings)
