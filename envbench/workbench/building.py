"""Building a spec: a job that survives whoever asked for it."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from envbench.engine.registry import check_backend
from envbench.envs.generations import EnvironmentStore
from envbench.jobs.job import Job
from envbench.jobs.launching import build_command
from envbench.jobs.login import warn_about_logout
from envbench.jobs.state_directory import warn_about_state_directory
from envbench.jobs.store import JobStore
from envbench.model.build import BuildRequest, BuildResult
from envbench.model.document import from_builtins, to_builtins
from envbench.model.errors import UsageError
from envbench.model.job import JobRequest, JobResult
from envbench.model.names import require_environment_name
from envbench.model.problem import Severity
from envbench.model.redaction import redact
from envbench.model.spec import EnvironmentSpec
from envbench.probes.catalog import find_probe
from envbench.settings.credentials import store_credentials
from envbench.settings.load import Settings
from envbench.workbench.job_environment import select_variables, warn_about_proxies
from envbench.workbench.requests import choose_host, make_solve_request
from envbench.workbench.specs import SpecReport, check_spec, require_sound
from envbench.workbench.values.building import BuildOrder as BuildOrder


@dataclass(frozen=True, slots=True)
class SubmittedBuild:
    """A build on its way."""

    job: Job
    environment: str
    warnings: tuple[str, ...]
    """Of the spec, and of this box, one line each."""


def submit_build(order: BuildOrder, settings: Settings) -> SubmittedBuild:
    """Check a spec and hand it to a detached job; returns before the work begins.

    Raises:
        NotFineError: The spec has errors.
        UsageError: The file cannot be read, or the name is not allowed or taken by others.
        PreventedError: No job can be started.
    """
    host = choose_host(order.host_file, order.virtual)
    checked = check_spec(order.spec, settings, platform=host.platform)
    spec = require_sound(checked)
    name = _choose_name(order.name, spec, checked)
    EnvironmentStore(settings.paths.envs_dir).check_free(name)
    check_backend(order.backend)
    probes = order.probes or settings.own.build_probes
    for probe in probes:
        find_probe(probe)
    pip = order.pip or settings.pip.settings
    if order.allow_builds:
        pip = replace(pip, only_binary=False)
    if order.offline:
        pip = replace(pip, offline=True)
    # First of all: by this the secrets of the channels become known, and are masked from then on.
    solve = make_solve_request(
        spec,
        settings,
        host,
        priority=order.priority,
        offline=order.offline,
        exclude_newer=order.exclude_newer,
    )
    request = BuildRequest(
        environment=name,
        envs_dir=str(settings.paths.envs_dir),
        cache_dir=str(settings.paths.cache_dir),
        spec_path=checked.path,
        spec_text=redact(spec.source.text),
        spec_sha256=checked.sha256,
        solve=solve,
        pip_items=tuple(redact(item.text) for item in spec.pip),
        pip_lines=tuple(item.span.line for item in spec.pip),
        pip=pip,
        spec_directory=str(order.spec.absolute().parent),
        variables=tuple((variable.name, variable.value) for variable in spec.variables),
        probes=probes,
        run_link_scripts=settings.own.link_scripts,
        backend=order.backend,
        keep_generations=settings.own.keep_generations,
        umask=read_umask(),
    )
    job = submit_build_request(request, settings)
    return SubmittedBuild(job, name, _collect_warnings(checked, settings))


def submit_build_request(request: BuildRequest, settings: Settings) -> Job:
    """Hand a request to a detached job.

    Raises:
        PreventedError: No job can be started.
    """
    if request.has_pip_part and settings.pip.credentials:
        # The job does not inherit the variables that they may come from.
        store_credentials(settings.paths.index_credentials_file, settings.pip.credentials)
    return JobStore(settings.paths.jobs_dir).submit(
        JobRequest(
            kind="build",
            title=f"build {request.environment} from {request.spec_path}",
            argv=build_command("envbench.workers.build"),
            payload=to_builtins(request),
            environment=request.environment,
            env=select_variables(os.environ, settings),
            low_priority=settings.own.build_priority == "low",
        )
    )


def read_build_result(result: JobResult) -> BuildResult | None:
    """Read what the build worker said last; None when it said nothing."""
    try:
        return from_builtins(result.payload, BuildResult) if result.payload else None
    except msgspec.ValidationError:
        return None


def read_umask() -> int:
    """Read this process's umask without setting it, which other threads would notice."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    for line in status.splitlines():
        if line.startswith("Umask:"):
            return int(line.split()[1], 8)
    return 0o077


def _choose_name(given: str | None, spec: EnvironmentSpec, checked: SpecReport) -> str:
    name = spec.name if given is None else given
    if name is None:
        raise UsageError(
            "the spec has no name",
            where=checked.path,
            hint="add a line 'name: my-env' to it, or use --name my-env",
        )
    return require_environment_name(name)


def _collect_warnings(checked: SpecReport, settings: Settings) -> tuple[str, ...]:
    found = [
        f"{checked.path}:{problem.span.line}: {problem.code} {problem.message}"
        if problem.span
        else f"{checked.path}: {problem.code} {problem.message}"
        for problem in checked.problems
        if problem.severity is Severity.WARNING
    ]
    of_the_box = (warn_about_logout(), warn_about_state_directory(settings.paths.state_dir))
    return (
        *found,
        *warn_about_proxies(os.environ, settings),
        *(warning for warning in of_the_box if warning),
    )
