"""Jobs by their ids: submit and cancel for those who keep names, not open jobs."""

from envbench.model.job import JobResult
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
    reference: str, names: tuple[str, ...], timeout_s: float | None, settings: Settings
) -> SubmittedJob:
    """Start a job that probes an environment.

    Args:
        reference: Name, `NAME@GENERATION`, or path.
        names: Which probes; empty means every one whose framework is installed.
        timeout_s: Limit for each; None takes its own.
        settings: The user's settings.

    Raises:
        UsageError: There is no such environment or probe.
        PreventedError: No job can be started.
    """
    job = submit_probe(reference, names, timeout_s, settings)
    return SubmittedJob(id=job.id, environment=reference, directory=str(job.directory))


def cancel_job_named(job_id: str, settings: Settings) -> JobResult:
    """Cancel a job, and wait until nothing of it is left.

    Raises:
        UsageError: There is no such job.
        PreventedError: It cannot be cancelled from here, or does not end.
    """
    return cancel_job(find_job(job_id, settings), settings)
