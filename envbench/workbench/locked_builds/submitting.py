"""Building from a lock: the same detached job as for a spec, and nothing left to choose."""

import os
from dataclasses import replace

from envbench.engine.pip_section.locked.consent import refuse_unallowed_builds
from envbench.engine.registry import check_backend
from envbench.envs.generations import EnvironmentStore
from envbench.jobs.login import warn_about_logout
from envbench.jobs.state_directory import warn_about_state_directory
from envbench.model.build import BuildRequest, LockedInput, PipSettings
from envbench.model.errors import UsageError
from envbench.model.host import HostProfile
from envbench.model.names import require_environment_name
from envbench.model.plan import PackageRecord, RequestedSpec, SolveRequest
from envbench.probes.catalog import find_probe
from envbench.settings.load import Settings
from envbench.workbench.building import SubmittedBuild, read_umask, submit_build_request
from envbench.workbench.job_environment import warn_about_proxies
from envbench.workbench.locked_builds.channels import arrange_channels
from envbench.workbench.locked_builds.reading import read_locked_input
from envbench.workbench.requests import choose_host
from envbench.workbench.values.building import LockedOrder as LockedOrder


def submit_locked_build(order: LockedOrder, settings: Settings) -> SubmittedBuild:
    """Check a lock and hand it to a detached job; returns before the work begins.

    Raises:
        UsageError: A file cannot be read, they do not make one environment, or the name is not
            allowed or taken by others.
        NotFineError: A lock cannot be relied on, has nothing for this platform, or would run code
            that nobody allowed.
        PreventedError: No job can be started.
    """
    host = choose_host(order.host_file, order.virtual)
    locked, warnings = _read(order, host)
    name = _choose_name(order, locked)
    EnvironmentStore(settings.paths.envs_dir).check_free(name)
    check_backend(order.backend)
    probes = order.probes or settings.own.build_probes
    for probe in probes:
        find_probe(probe)
    pip = _choose_pip(order, settings)
    refuse_unallowed_builds(locked, pip)
    request = BuildRequest(
        environment=name,
        envs_dir=str(settings.paths.envs_dir),
        cache_dir=str(settings.paths.cache_dir),
        spec_path=locked.path,
        spec_text="",
        spec_sha256=locked.sha256,
        solve=_make_solve_request(order, locked, host, settings),
        pip=pip,
        spec_directory=str(order.locks[0].absolute().parent),
        variables=locked.says.variables,
        probes=probes,
        run_link_scripts=settings.own.link_scripts,
        backend=order.backend,
        keep_generations=settings.own.keep_generations,
        umask=read_umask(),
        locked=locked,
    )
    job = submit_build_request(request, settings)
    told = (*warnings, *_tell_lookup(locked, request), *_collect_warnings(settings))
    return SubmittedBuild(job, name, told)


def _read(order: LockedOrder, host: HostProfile) -> tuple[LockedInput, tuple[str, ...]]:
    if order.locked is not None:
        return order.locked, ()
    return read_locked_input(order.locks, host.platform, order.places)


def _choose_name(order: LockedOrder, locked: LockedInput) -> str:
    name = locked.says.name if order.name is None else order.name
    if not name:
        raise UsageError(
            "the lock says no name for the environment",
            where=locked.path,
            hint="use --name my-env",
        )
    return require_environment_name(name)


def _choose_pip(order: LockedOrder, settings: Settings) -> PipSettings:
    pip = order.pip or settings.pip.settings
    if order.allow_builds:
        pip = replace(pip, only_binary=False)
    return replace(pip, offline=True) if order.offline else pip


def _make_solve_request(
    order: LockedOrder, locked: LockedInput, host: HostProfile, settings: Settings
) -> SolveRequest:
    specs = () if locked.has_addresses else tuple(_pin(locked, each) for each in locked.packages)
    return SolveRequest(
        specs=specs,
        channels=arrange_channels(locked.says.channels, locked.packages, settings, order.locks[0]),
        host=host,
        channel_priority=order.priority or settings.channels.priority,
        offline=order.offline or settings.network.offline,
        timeout_s=settings.own.solve_timeout_s,
    )


def _pin(locked: LockedInput, package: PackageRecord) -> RequestedSpec:
    line = next((each.line for each in locked.says.packages if each.name == package.name), None)
    channel = f"{package.channel}::" if package.channel else ""
    build = f"={package.build}" if package.build else ""
    return RequestedSpec(f"{channel}{package.name}=={package.version}{build}", line)


def _tell_lookup(locked: LockedInput, request: BuildRequest) -> tuple[str, ...]:
    if locked.has_addresses:
        return ()
    channels = ", ".join(group.name for group in request.solve.channels)
    builds = "" if all(package.build for package in locked.packages) else " nor all builds"
    return (
        f"{locked.path}: this format has no addresses or hashes{builds}, so its packages are looked"
        f" up in {channels}: nothing else is taken, but nothing proves that they are the same files",
    )


def _collect_warnings(settings: Settings) -> tuple[str, ...]:
    of_the_box = (warn_about_logout(), warn_about_state_directory(settings.paths.state_dir))
    return (
        *warn_about_proxies(os.environ, settings),
        *(warning for warning in of_the_box if warning),
    )
