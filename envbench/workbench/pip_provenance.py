"""Addresses and hashes of pip packages that nobody kept, found again through the user's indexes."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from envbench.model.errors import EnvbenchError
from envbench.model.lock import Lock, PipPackage
from envbench.model.lock_sources import PYPI, order_indexes
from envbench.model.pip_settings import PipSettings
from envbench.model.redaction import split_url_secrets
from envbench.settings.load import Settings

if TYPE_CHECKING:
    from envbench.engine.pip_section import PipTask

CALL_LIMIT_S = 120.0
_FAST_FAILING = {"UV_HTTP_TIMEOUT": "10", "UV_HTTP_RETRIES": "0"}
"""A network that is down is told of at once; nobody waits here for one that comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceReport:
    """A lock with the sources that were found."""

    lock: Lock
    found: tuple[str, ...] = ()
    """Names of the packages whose source was not known, and now is proven."""
    unknown: tuple[tuple[str, str], ...] = ()
    """Name, and why the hash stays unknown."""


def lacks_source(package: PipPackage) -> bool:
    """Tell whether the hash of a package is not known, and could be: on an index, at its address."""
    if package.sha256 is not None or package.editable:
        return False
    return package.direct_url is None or (package.url or "").endswith(".whl")


def find_pip_sources(
    lock: Lock, prefix: Path, settings: Settings, *, offline: bool = False
) -> ProvenanceReport:
    """Complete the pip part of what is installed; other packages stay as they are.

    Args:
        lock: What is installed.
        prefix: Where; only read.
        settings: Whose indexes and credentials are used.
        offline: Only look at indexes and folders on this box.
    """
    wanted = tuple(package for package in lock.pip if lacks_source(package))
    if not wanted:
        return ProvenanceReport(lock=lock)
    # The rest of the pip section is loaded only where there is something to ask for.
    from envbench.engine.pip_section import search_sources

    try:
        search = search_sources(prefix, wanted, _make_task(settings, offline=offline))
    except EnvbenchError as fault:
        why = fault.what
        return ProvenanceReport(lock=lock, unknown=tuple((p.name, why) for p in wanted))
    proven = {package.name: package for package in search.found}
    pip = tuple(proven.get(package.name, package) for package in lock.pip)
    return ProvenanceReport(
        lock=replace(
            lock, pip=pip, indexes=lock.indexes or list_indexes(pip, settings.pip.settings)
        ),
        found=tuple(sorted(proven)),
        unknown=search.unknown,
    )


def list_indexes(pip: tuple[PipPackage, ...], settings: PipSettings) -> tuple[str, ...]:
    """List the indexes that served a pip part, the main one first; empty when all was PyPI's."""
    extras = (split_url_secrets(url)[0] for url in settings.extra_index_urls)
    main = split_url_secrets(settings.index_url)[0] if settings.index_url else PYPI
    return order_indexes(pip, main=main, extras=extras)


def _make_task(settings: Settings, *, offline: bool) -> "PipTask":
    from envbench.engine.pip_section import PipTask
    from envbench.workbench.pip_tasks import read_unstored_credentials
    from envbench.workers.pip_part import index_credentials, network_environ

    paths, pip = settings.paths, settings.pip.settings
    if offline or settings.network.offline:
        pip = replace(pip, offline=True)
    environ = network_environ(settings)
    given = {name: os.environ.get(name) or value for name, value in _FAST_FAILING.items()}
    return PipTask(
        items=(),
        settings=pip,
        credentials=(
            *index_credentials(pip, paths.index_credentials_file),
            *read_unstored_credentials(settings),
        ),
        cache_dir=paths.uv_cache_dir,
        work_dir=paths.cache_dir / "work",
        environ={**environ, **given},
        timeout_s=CALL_LIMIT_S,
    )
