"""The pip section of a build: what its installer must know of the user's settings.

Loaded only by builds that have such a section, or something of one to sweep.
"""

import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from envbench.engine.pip_section import (
    IndexCredential,
    PipSectionRequest,
    PipTask,
    install_pip_section,
    sweep_workspaces,
)
from envbench.engine.pip_section.locked.install import install_locked_part
from envbench.envs.distributions import map_owned
from envbench.envs.generations import StagedGeneration
from envbench.envs.prefix_records import read_prefix_records
from envbench.model.build import BuildRequest, LockedInput, PipSettings
from envbench.model.lock import PipPackage
from envbench.settings.credentials import read_credentials
from envbench.settings.load import Settings
from envbench.workers.phases import Phases

__all__ = ["index_credentials", "install_pip_part", "sweep_workspaces"]


def install_pip_part(
    request: BuildRequest, settings: Settings, staged: StagedGeneration, phases: Phases
) -> tuple[PipPackage, ...]:
    """Install the pip section beside what conda brought.

    Returns:
        Its packages, with the sources that they came from.

    Raises:
        PreventedError: It cannot be installed, or would change what conda owns.
    """
    section = PipSectionRequest(
        task=_describe_task(request, settings, staged.prefix),
        prefix=staged.prefix,
        target_prefix=staged.stable_path,
    )
    if request.locked is not None:
        result = install_locked_part(section, request.locked, phases.log)
    else:
        result = install_pip_section(section, phases.log)
    for warning in result.warnings:
        phases.say(warning, level="warning")
    return result.packages


def _describe_task(request: BuildRequest, settings: Settings, prefix: Path) -> PipTask:
    records = read_prefix_records(prefix)
    locked = request.locked
    return PipTask(
        items=request.pip_items,
        lines=request.pip_lines,
        spec_path=locked.pip_path if locked else request.spec_path,
        owned={name: owned.version for name, owned in map_owned(records).items()},
        conda_packages=tuple(package.record.name for package in records.packages),
        settings=request.pip,
        credentials=index_credentials(
            _reach_all(request.pip, locked), settings.paths.index_credentials_file
        ),
        cache_dir=settings.paths.uv_cache_dir,
        work_dir=settings.paths.cache_dir / "work",
        environ=network_environ(settings),
        exclude_newer=request.solve.exclude_newer,
    )


def _reach_all(pip: PipSettings, locked: LockedInput | None) -> PipSettings:
    """Add the indexes of a lock to those of the settings: either may want credentials."""
    if locked is None:
        return pip
    served = (package.index_url for package in locked.pip if package.index_url)
    more = dict.fromkeys((*pip.extra_index_urls, *locked.indexes, *served))
    return replace(pip, extra_index_urls=tuple(more))


def index_credentials(pip: PipSettings, credentials_file: Path) -> tuple[IndexCredential, ...]:
    """Pair each package index of the pip section with what its host asks for.

    Args:
        pip: The indexes, without secrets.
        credentials_file: Where the secrets of package indexes wait, by host.

    Raises:
        PreventedError: The file cannot be read.
    """
    entries = read_credentials(credentials_file)
    found = []
    for url in (*((pip.index_url,) if pip.index_url else ()), *pip.extra_index_urls):
        entry = entries.get(urlsplit(url).hostname or "")
        basic = entry.get("BasicHTTP") if isinstance(entry, dict) else None
        if isinstance(basic, dict):
            user, password = str(basic.get("username", "")), str(basic.get("password", ""))
            found.append(IndexCredential(url, user, password))
    return tuple(found)


def network_environ(settings: Settings) -> dict[str, str]:
    """Tell the installer of the proxies and certificates that condarc and pip's files name."""
    environ = {**os.environ, **settings.network.variables()}
    ca_file = settings.pip.ca_file
    return environ | ({"SSL_CERT_FILE": ca_file} if ca_file else {})
