"""What the last probes of an environment found, read from the jobs that ran them."""

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from envbench.envs.generation_catalog import StoredEnvironment
from envbench.envs.paths import GENERATIONS, split_generation
from envbench.jobs.job import Job
from envbench.jobs.store import JobStore
from envbench.model.cleaning import clean
from envbench.model.document import from_builtins
from envbench.model.errors import PreventedError
from envbench.model.job import JobResult, JobState
from envbench.model.probe import ProbeRequest, ProbeResult
from envbench.probes.catalog import PROBES
from envbench.settings.load import Settings
from envbench.workbench.building import read_build_result
from envbench.workbench.environment_details import find_stored
from envbench.workbench.environments import find_prefix
from envbench.workbench.probing import read_probe_results
from envbench.workbench.values.probe_records import ProbeChoice as ProbeChoice
from envbench.workbench.values.probe_records import ProbeRecord as ProbeRecord

_NOTES = 5
"""Most notes that a record carries; the newest ones."""


@dataclass(frozen=True, slots=True)
class _Target:
    """The environment that results are looked for of."""

    stored: StoredEnvironment | None
    prefix: str
    """Its real path; empty for one of envbench's own."""

    def is_meant_by(self, prefix: str) -> bool:
        """Tell whether a probed prefix is, or was, a generation of it."""
        if self.stored is None:
            return prefix == self.prefix
        path = Path(prefix)
        parts = split_generation(path.name)
        home = os.path.realpath(self.stored.path.parent / GENERATIONS)
        is_there = os.path.realpath(path.parent) == home
        return parts is not None and parts[0] == self.stored.name and is_there


@dataclass(frozen=True, slots=True)
class _Run:
    """What a job was asked to prove."""

    prefix: str
    """Empty for a build, which chooses its generation itself."""
    asked: tuple[str, ...]
    host_gpus: int | None = None


def list_probe_names() -> tuple[ProbeChoice, ...]:
    """List the probes there are."""
    return tuple(
        ProbeChoice(name=probe.name, title=probe.title, timeout_s=probe.timeout_s)
        for probe in PROBES
    )


def latest_probes(environment: str, settings: Settings) -> ProbeRecord | None:
    """Find the newest results of probes of an environment, whoever asked for them.

    Args:
        environment: Name, or path.
        settings: The user's settings.

    Returns:
        None when it was never probed. When no run has results, the newest run, which says why.

    Raises:
        UsageError: There is no such environment.
        PreventedError: The jobs cannot be listed.
    """
    stored = find_stored(environment, settings)
    target = _Target(stored, "" if stored else str(find_prefix(environment, settings)))
    notes: list[str] = []
    without: ProbeRecord | None = None
    for job in JobStore(settings.paths.jobs_dir).list():
        try:
            record = _read_record(job, target, environment)
        except _PassedOverError as fault:
            notes.append(f"job {job.id} was passed over: {fault}")
            continue
        if record is None:
            continue
        if record.results:
            return replace(record, notes=tuple(notes[:_NOTES]))
        without = without or record
        ended = f"{record.job_kind} {job.id} ended {record.state} without results"
        notes.append(f"{ended}: {record.reason}" if record.reason else ended)
    return without


class _PassedOverError(Exception):
    """A record that cannot be read."""


def _read_record(job: Job, target: _Target, environment: str) -> ProbeRecord | None:
    """Read what a job found about an environment; None when it is about something else.

    Raises:
        _PassedOverError: The job's records are damaged.
    """
    if job.damage:
        raise _PassedOverError(job.damage)
    try:
        run = _read_run(job, target)
        result = job.result() if run is not None else None
    except (PreventedError, msgspec.ValidationError) as fault:
        raise _PassedOverError(clean(str(fault), limit=200)) from None
    if run is None or result is None:
        return None
    results = _read_results(job, result)
    if job.request.kind == "build" and not results:
        # Its failure is told where builds are told; of most of them the cause is another.
        return None
    prefix = results[0].prefix if results else run.prefix
    started = _say_moment(job.submitted)
    generation = _number_of(prefix) if target.stored else None
    live = target.stored.live if target.stored else None
    return ProbeRecord(
        environment=environment,
        job_id=job.id,
        job_kind=job.request.kind,
        state=result.state.value,
        started=results[0].started if results else started,
        ended=result.ended,
        duration_s=round(sum(each.duration_s for each in results), 3),
        generation=generation,
        live_generation=live.generation.number if live else None,
        staleness=_say_staleness(target, job, generation, started),
        asked=run.asked,
        host_gpus=run.host_gpus,
        results=results,
        # Of a run that came to its end the results tell it all.
        reason="" if result.state is JobState.DONE else result.reason,
        notes=(),
    )


def _read_run(job: Job, target: _Target) -> _Run | None:
    """Read what a job was to prove of this environment; None when it was to prove nothing of it."""
    request = job.request
    if request.kind == "probe":
        probe = from_builtins(request.payload, ProbeRequest)
        run = _Run(probe.prefix, probe.probes, probe.host_gpus)
        return run if target.is_meant_by(probe.prefix) else None
    if request.kind == "build" and target.stored is not None and request.payload.get("probes"):
        asked = from_builtins(request.payload["probes"], tuple[str, ...])
        envs_dir, name = request.payload.get("envs_dir"), request.payload.get("environment")
        if (envs_dir, name) == (str(target.stored.path.parent), target.stored.name):
            return _Run("", asked)
    return None


def _read_results(job: Job, result: JobResult) -> tuple[ProbeResult, ...]:
    if job.request.kind == "probe":
        return read_probe_results(result)
    built = read_build_result(result)
    return built.probes if built is not None else ()


def _say_staleness(target: _Target, job: Job, generation: int | None, started: str) -> str:
    """Say why what was probed is not what is there now; empty when it is."""
    if target.stored is None:
        return _say_foreign_change(target.prefix, job.submitted)
    live = target.stored.live
    if live is None:
        return f"env is broken now: {target.stored.fault}"
    if generation != live.generation.number:
        return f"env is g{live.generation.number} now, this is g{generation}"
    # Numbers begin anew after a removal: what bears the same one may have been built since.
    built_by_it = live.generation.job_id == job.id
    if not built_by_it and started < live.generation.created:
        return f"g{generation} was built anew since"
    return ""


def _say_foreign_change(prefix: str, since: float) -> str:
    try:
        changed = (Path(prefix) / "conda-meta" / "history").stat().st_mtime
    except OSError:
        # A virtual environment keeps no history.
        return ""
    return "packages were changed since" if changed > since else ""


def _number_of(prefix: str) -> int | None:
    parts = split_generation(Path(prefix).name)
    return parts[1] if parts else None


def _say_moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
