"""From a spec and the settings to what is asked of the engine."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from envbench.engine.channels import find_unlisted_channels
from envbench.machine import host_file as host_files
from envbench.machine.host import detect_host
from envbench.machine.host_fields import HOST_FIELDS
from envbench.model.channel import ChannelGroup, ChannelPriority
from envbench.model.errors import UsageError
from envbench.model.host import HostProfile
from envbench.model.plan import PackageRecord, RequestedSpec, SolveRequest
from envbench.model.problem import Severity
from envbench.model.spec import EnvironmentSpec
from envbench.settings.credentials import store_credentials
from envbench.settings.load import Settings


def choose_host(host_file: Path | None, virtual: tuple[str, ...] = ()) -> HostProfile:
    """Take the profile of a file, or that of this box.

    Args:
        host_file: A host profile; None takes this box.
        virtual: Virtual packages in the place of what the profile says, `__cuda=12.4`;
            `__cuda=none` takes one away.

    Raises:
        UsageError: The file is no host profile, or a virtual package no `__NAME=VERSION`.
    """
    host = host_files.read(host_file) if host_file is not None else detect_host()
    return apply_virtual(host, virtual)


def apply_virtual(host: HostProfile, virtual: Sequence[str]) -> HostProfile:
    """Put virtual packages in the place of what a profile says.

    Raises:
        UsageError: One is no `__NAME=VERSION`.
    """
    for text in virtual:
        name, _, version = text.removeprefix("__").partition("=")
        field = next((each for each in HOST_FIELDS if each.name == name), None)
        is_none = version == "none"
        if field is None or not (is_none or field.pattern.fullmatch(version)):
            raise UsageError(f"{text} is no virtual package with a version, such as __cuda=12.4")
        values: dict[str, Any] = {name: None if is_none else version}
        if name == "cuda" and is_none:
            # A box without a driver has no GPU that could be asked for its capability.
            values["cuda_arch"] = None
        host = replace(host, **values)
    return host


def make_solve_request(  # noqa: PLR0913 - one request is stated in full
    spec: EnvironmentSpec,
    settings: Settings,
    host: HostProfile,
    *,
    priority: ChannelPriority | None = None,
    offline: bool = False,
    installed: tuple[PackageRecord, ...] = (),
    exclude_newer: str | None = None,
    timeout_s: float | None = None,
) -> SolveRequest:
    """Turn a spec into a request: channels resolved as condarc says, secrets put aside.

    Secrets in the channels' addresses go into the private credentials file, by which the engine
    sends them; neither the request nor anything made from it holds one.

    Raises:
        UsageError: A channel cannot be used as it is written.
        PreventedError: The credentials file cannot be written.
    """
    return SolveRequest(
        specs=tuple(
            RequestedSpec(dependency.text, dependency.span.line)
            for dependency in spec.dependencies_on(host.platform)
        ),
        channels=_resolve_channels(spec, settings, host.platform),
        host=host,
        channel_priority=priority or settings.channels.priority,
        installed=installed,
        offline=offline or settings.network.offline,
        timeout_s=timeout_s or settings.own.solve_timeout_s,
        exclude_newer=exclude_newer,
    )


def _resolve_channels(
    spec: EnvironmentSpec, settings: Settings, platform: str
) -> tuple[ChannelGroup, ...]:
    listed = _resolve(spec, settings, [entry.name for entry in spec.channels])
    # The channels of `channel::package` that the spec does not list come last, as conda adds them:
    # nothing else is taken from them while a listed channel has it.
    texts = [dependency.text for dependency in spec.dependencies_on(platform)]
    unlisted = find_unlisted_channels(texts, listed)
    named = {group.name for group in listed}
    # The configured channels have been seen to with those of the spec.
    further = _resolve(spec, settings, (*unlisted, "nodefaults")) if unlisted else ()
    return (*listed, *(group for group in further if group.name not in named))


def _resolve(
    spec: EnvironmentSpec, settings: Settings, names: Sequence[str]
) -> tuple[ChannelGroup, ...]:
    """Find the addresses of channels and put their secrets aside; what is forbidden is refused."""
    resolved = settings.channels.resolve(names, directory=Path(spec.source.path).parent)
    for problem in resolved.problems:
        if problem.severity is Severity.ERROR:
            raise UsageError(problem.message, where=spec.source.path)
    if resolved.credentials:
        user_file = settings.user_auth_file
        store_credentials(
            settings.paths.credentials_file,
            resolved.credentials,
            base_files=(user_file,) if user_file else (),
        )
    return resolved.groups
