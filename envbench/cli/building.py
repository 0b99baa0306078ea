"""`envbench build` and `envbench probe`: the verbs whose work is a detached job."""

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from envbench.cli.conditions import (
    exclude_newer_option,
    priority_option,
    virtual_option,
    write_conditions,
)
from envbench.cli.following import follow_job
from envbench.cli.output import json_option, print_document, say
from envbench.cli.plan_view import show_conflict
from envbench.cli.probe_view import show_probes
from envbench.cli.progress import showing_bytes
from envbench.cli.session import current_settings
from envbench.model.channel import ChannelPriority
from envbench.model.counting import count_of
from envbench.model.errors import ExitCode, UsageError
from envbench.model.job import JobResult, JobState

if TYPE_CHECKING:
    from envbench.jobs.job import Job
    from envbench.workbench.building import SubmittedBuild

detach_option = click.option("--detach", is_flag=True, help="Leave the job in the background.")


@click.command()
@click.argument("spec", type=click.Path(path_type=Path), required=False)
@click.option(
    "--from",
    "locks",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="LOCK",
    help="Build this lock as it stands, without a solve, in the place of SPEC. Once more for the"
    " pip part where the first cannot hold it: --from explicit.txt --from pylock.toml.",
)
@click.option("--name", metavar="NAME", help="Name of the environment; else that of SPEC or LOCK.")
@click.option(
    "--probe",
    "probes",
    metavar="NAMES",
    help="Probes that must pass before the switch, such as numpy,torch.",
)
@click.option(
    "--host", "host_file", type=click.Path(path_type=Path), help="Profile of another box."
)
@virtual_option
@priority_option
@exclude_newer_option
@click.option("--offline", is_flag=True, help="Use what is cached only.")
@click.option("--backend", default="rattler", show_default=True, help="Who solves and links.")
@click.option(
    "--allow-builds", is_flag=True, help="Let pip packages without a wheel run their code."
)
@detach_option
@json_option
def build(
    spec: Path | None,
    locks: tuple[Path, ...],
    name: str | None,
    probes: str | None,
    host_file: Path | None,
    virtual: tuple[str, ...],
    priority: str | None,
    exclude_newer: str | None,
    offline: bool,
    backend: str,
    allow_builds: bool,
    detach: bool,
    as_json: bool,
) -> int:
    """Build SPEC, or a LOCK exactly as it stands, into an environment; the one in use stays as it is.

    The work is a detached job: it survives this terminal. It goes live by one atomic switch, when
    everything in it has been verified; the generation before stays for "envbench rollback".
    Ctrl-C cancels the job.
    """
    common: _Common = {
        "name": name,
        "probes": _split(probes),
        "host_file": host_file,
        "virtual": virtual,
        "priority": ChannelPriority(priority) if priority else None,
        "offline": offline,
        "backend": backend,
        "allow_builds": allow_builds,
    }
    submitted = _submit(spec, locks, exclude_newer, common)
    for warning in submitted.warnings:
        say(f"warning: {warning}", err=True)
    if detach:
        return _tell_detached("build", submitted.job, as_json=as_json)
    result = follow_job(submitted.job)
    if locks:
        _sweep_packs()
    if as_json:
        print_document("build", {"job": submitted.job.id, "result": result})
    else:
        given = write_conditions(host_file, virtual, priority, exclude_newer, offline=offline)
        _tell_build(submitted.job, result, str(spec or locks[0]), given, is_locked=bool(locks))
    return result.code


def _sweep_packs() -> None:
    """Remove what was unpacked for builds that have ended."""
    from envbench.workbench.packs.opened import sweep_packs

    sweep_packs(current_settings())


class _Common(TypedDict):
    """What builds of specs and of locks are both told."""

    name: str | None
    probes: tuple[str, ...]
    host_file: Path | None
    virtual: tuple[str, ...]
    priority: ChannelPriority | None
    offline: bool
    backend: str
    allow_builds: bool


def _submit(
    spec: Path | None, locks: tuple[Path, ...], exclude_newer: str | None, common: _Common
) -> "SubmittedBuild":
    """Hand over a spec or a lock, whichever was given.

    Raises:
        UsageError: Both or neither were given, or a date that a lock has no use for.
    """
    if spec is not None and locks:
        raise UsageError(
            "a SPEC and --from cannot be built together",
            why=f"{locks[0]} says every package already; {spec} would be solved.",
            hint="Give one of them; envbench verify LOCK SPEC tells whether they fit.",
        )
    if spec is not None:
        from envbench.workbench.building import BuildOrder, submit_build

        order = BuildOrder(spec=spec, exclude_newer=exclude_newer, **common)
        return submit_build(order, current_settings())
    if not locks:
        raise UsageError("there is nothing to build", hint="Give a SPEC, or a lock by --from LOCK.")
    if exclude_newer is not None:
        raise UsageError(
            "--exclude-newer has no meaning with --from",
            why="A lock says every version already.",
        )
    from envbench.workbench.locked_builds.submitting import LockedOrder, submit_locked_build
    from envbench.workbench.packs.building import is_pack, submit_pack_build

    exact = LockedOrder(locks=locks, **common)
    if any(map(is_pack, locks)):
        doing = f"checking every file of {locks[0]}"
        with showing_bytes(doing, then="handing it over") as on_bytes:
            return submit_pack_build(exact, current_settings(), on_bytes)
    return submit_locked_build(exact, current_settings())


def _tell_build(
    job: "Job", result: JobResult, spec: str, given: list[str], *, is_locked: bool
) -> None:
    from envbench.workbench.building import read_build_result

    built = read_build_result(result)
    if built is not None and built.conflict is not None:
        show_conflict(built.conflict, spec, options=given, leads_on=True)
    elif result.state is not JobState.DONE or built is None:
        tell_job_failure(job, result)
    else:
        say(
            f"{built.environment}: generation {built.generation} is live with {built.conda_packages}"
            f" conda and {count_of(built.pip_packages, 'pip package')}, {count_of(built.files_verified, 'file')} verified"
        )
        if is_locked:
            say(f"as locked: it was compared with {spec} before it went live")
        say(f"prefix: {built.prefix}")
        if built.link_scripts:
            say(f"link scripts were not run for: {', '.join(built.link_scripts)}")
        say(f"next: envbench run {built.environment} -- python")


def tell_job_failure(job: "Job", result: JobResult) -> None:
    """Tell on stderr how a job ended, why, and what to do next."""
    say(f"error: job {job.id} {result.state.value}: {result.reason}", err=True)
    if result.hint:
        say(f"  next: {result.hint}", err=True)
    say(f"  log:  envbench logs {job.id}", err=True)


@click.command()
@click.argument("env")
@click.argument("names", nargs=-1)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Seconds for each probe; else its own limit.",
)
@click.option(
    "--gpu",
    metavar="GPU",
    help="Use one GPU alone: index as in envbench gpus (0:1 for MIG), UUID, or idle.",
)
@click.option("--no-record", is_flag=True, help="Do not record what the GPUs do meanwhile.")
@detach_option
@json_option
def probe(
    env: str,
    names: tuple[str, ...],
    timeout_s: float | None,
    gpu: str | None,
    no_record: bool,
    detach: bool,
    as_json: bool,
) -> int:
    """Prove that ENV works: import, facts, and numbers compared with a reference.

    NAMES are probes such as numpy, torch or vllm; without them every probe whose framework is
    installed runs.
    Exit code 0 only when all of them are "ok": a fall-back to the CPU is "degraded", which is 1.
    """
    from envbench.workbench.probing import read_probe_results, submit_probe

    uuid = _choose_gpu(gpu) if gpu else ""
    job = submit_probe(env, names, timeout_s, current_settings(), gpu=uuid, record=not no_record)
    if detach:
        return _tell_detached("probe", job, as_json=as_json)
    result = follow_job(job)
    results = read_probe_results(result)
    if as_json:
        print_document("probe", {"job": job.id, "state": result.state, "results": results})
    elif result.state is JobState.DONE or results:
        show_probes(results)
    else:
        tell_job_failure(job, result)
    return result.code


def _choose_gpu(text: str) -> str:
    from envbench.workbench.gpu_reports import choose_gpu

    return choose_gpu(text)


def _split(names: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (names or "").split(",") if name.strip())


def _tell_detached(verb: str, job: "Job", *, as_json: bool) -> int:
    if as_json:
        print_document(verb, {"job": job.id, "directory": str(job.directory)})
    else:
        say(f"job {job.id}: follow it with  envbench logs {job.id} -f")
    return ExitCode.FINE
