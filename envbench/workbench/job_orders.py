"""Jobs by their ids: submit and cancel for those who keep names, not open jobs."""

from pathlib import Path

import msgspec

from envbench.jobs.job import Job
from envbench.model.build import BuildRequest, LockedInput
from envbench.model.document import from_builtins
from envbench.model.errors import UsageError
from envbench.model.job import JobResult
from envbench.model.probe import ProbeRequest
from envbench.settings.load import Settings
from envbench.workbench.building import SubmittedBuild, submit_build
from envbench.workbench.job_rows import SubmittedJob as SubmittedJob
from envbench.workbench.jobs import cancel_job, find_job
from envbench.workbench.locked_builds.submitting import submit_locked_build
from envbench.workbench.packs.building import submit_pack_build
from envbench.workbench.packs.making import PackOrder, submit_pack
from envbench.workbench.packs.opened import is_pack
from envbench.workbench.path_texts import read_path
from envbench.workbench.probing import submit_probe
from envbench.workbench.values.building import BuildOrder, LockedOrder


def submit_build_job(order: BuildOrder, settings: Settings) -> SubmittedJob:
    """Check a spec and hand it to a detached job; returns before the work begins.

    Raises:
        NotFineError: The spec has errors.
        UsageError: The file cannot be read, or the name is not allowed or taken by others.
        PreventedError: No job can be started.
    """
    return _name_build(submit_build(order, settings))


def submit_locked_build_job(
    lock: str, settings: Settings, *, name: str | None = None, allow_builds: bool = False
) -> SubmittedJob:
    """Hand a lock or a pack to a detached job that builds it as it stands.

    Args:
        lock: Its path.
        settings: The user's settings.
        name: Of the environment; None takes that of the lock.
        allow_builds: Let pip packages without a wheel run their code.

    Raises:
        UsageError: It cannot be read, or the name is not allowed or taken by others.
        NotFineError: It cannot be relied on, or is for other platforms.
        PreventedError: No job can be started.
    """
    path = read_path(lock)
    return _build_locked(LockedOrder(locks=(path,), name=name, allow_builds=allow_builds), settings)


def submit_pack_job(subject: str, output: str, settings: Settings) -> SubmittedJob:
    """Start a job that puts an environment, a spec's plan or a lock with its archives into a tar.

    Args:
        subject: Name or path of an environment; path of a spec or of a lock file.
        output: The folder that gets it.
        settings: The user's settings.

    Raises:
        UsageError: There is nothing of that name, or it is for no single platform.
        NotFineError: Something in it cannot be packed; all of it is named.
        PreventedError: No job can be started.
    """
    submitted = submit_pack(PackOrder(subject=subject, output=read_path(output)), settings)
    job = submitted.job
    return SubmittedJob(
        id=job.id,
        environment=submitted.name,
        directory=str(job.directory),
        warnings=submitted.warnings,
    )


def _build_locked(order: LockedOrder, settings: Settings) -> SubmittedJob:
    submit = submit_pack_build if is_pack(order.locks[0]) else submit_locked_build
    return _name_build(submit(order, settings))


def _name_build(submitted: SubmittedBuild) -> SubmittedJob:
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
    if build.locked is not None:
        return _build_locked(_find_locked_order(build, build.locked), settings)
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


def _find_locked_order(build: BuildRequest, locked: LockedInput) -> LockedOrder:
    """Give the order that a build from locks was made from."""
    folder = Path(build.spec_directory)
    names = dict.fromkeys(Path(path).name for path in (locked.path, locked.pip_path) if path)
    return LockedOrder(
        locks=tuple(folder / name for name in names),
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
