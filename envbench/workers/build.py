"""The worker of `envbench build`: `envbench.workers.build`, run isolated.

What only some builds need (the pip section, probes) is imported when a build needs it: each part of
a second counts when everything is in the cache.
"""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from envbench.engine.registry import open_backend
from envbench.envs.generations import StagedGeneration
from envbench.envs.verification import PrefixVerification, verify_prefix
from envbench.jobs.worker import WorkerContext, run_worker
from envbench.model.build import BuildRequest, BuildResult
from envbench.model.document import from_builtins, to_builtins
from envbench.model.errors import ExitCode
from envbench.model.job import JobResult, JobState
from envbench.model.lock import PipPackage
from envbench.model.probe import ProbeResult
from envbench.settings.load import Settings, load_settings
from envbench.workers.building import Build, BuildParts
from envbench.workers.bytecode_job import submit_bytecode
from envbench.workers.engine import describe_engine
from envbench.workers.phases import Phases


def build(context: WorkerContext) -> JobResult:
    """Build what the request says; whatever goes wrong leaves the live generation alone."""
    request = from_builtins(context.request.payload, BuildRequest)
    os.umask(request.umask)
    settings = load_settings()
    phases = Phases(context.emit)
    work = _Work(request, settings)
    _sweep_pip_runs(settings.paths.cache_dir / "work")
    engine = describe_engine(settings, offline=request.solve.offline)
    if request.locked is not None:
        engine = replace(engine, places=dict(request.locked.places))
    solving = request.locked is None or not request.locked.has_addresses
    with open_backend(request.backend, engine, solving=solving) as backend:
        parts = BuildParts(
            backend=backend,
            install_pip=work.install_pip,
            verify=_verify,
            prove=work.prove,
            uninterrupted=context.hold,
            announce=lambda built: _announce(built, context),
        )
        built = Build(request, parts, phases, job=context.directory.name).run()
    if built.conflict is not None:
        return _tell_conflict(built, request)
    submit_bytecode(built, settings.paths.jobs_dir, context.request.env, phases)
    return JobResult(state=JobState.DONE, payload=to_builtins(built))


def _announce(built: BuildResult, context: WorkerContext) -> None:
    with suppress(OSError):  # tried again at the end, where the log hears of it
        context.finish(JobResult(state=JobState.DONE, payload=to_builtins(built)))


class _Work:
    """The parts of a build that need the settings of the user."""

    def __init__(self, request: BuildRequest, settings: Settings) -> None:
        self._request = request
        self._settings = settings

    def install_pip(self, staged: StagedGeneration, phases: Phases) -> tuple[PipPackage, ...]:
        from envbench.workers.pip_part import install_pip_part

        return install_pip_part(self._request, self._settings, staged, phases)

    def prove(self, prefix: Path, phases: Phases) -> tuple[ProbeResult, ...]:
        from envbench.envs.activated_environment import activated_environment
        from envbench.workers.probing import refuse_unproved, run_probes

        environ = activated_environment(prefix, dict(os.environ))
        results = run_probes(prefix, self._request.probes, environ, phases)
        refuse_unproved(results)
        return results


def _sweep_pip_runs(work_dir: Path) -> None:
    """Remove what killed pip runs left; most often there is nothing."""
    if any(work_dir.glob("*")):
        from envbench.workers.pip_part import sweep_workspaces

        sweep_workspaces(work_dir)


def _verify(prefix: Path, phases: Phases) -> PrefixVerification:
    return verify_prefix(
        prefix, on_progress=lambda done, total: phases.progress(done, total, unit="files")
    )


def _tell_conflict(built: BuildResult, request: BuildRequest) -> JobResult:
    if built.conflict is None:
        raise ValueError("there is no conflict to tell")
    return JobResult(
        state=JobState.FAILED,
        exit_code=int(ExitCode.NOT_FINE),
        reason=f"{request.spec_path}: {built.conflict.summary}",
        hint="change one of the lines named above; envbench solve shows the conflict again"
        if request.locked is None
        else "the channels no longer have what is locked: make the lock again, in a format with"
        " addresses (conda-lock, pixi, explicit) if these packages are to be had later, too",
        code=int(ExitCode.NOT_FINE),
        payload=to_builtins(built),
    )


if __name__ == "__main__":
    run_worker(build)
