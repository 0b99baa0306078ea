"""What is written down of a generation: what is in it, and who built it from what."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from platform import node

from envbench.envs.generations import StagedGeneration
from envbench.envs.installed import lock_records
from envbench.envs.prefix_records import read_prefix_records
from envbench.model.build import BuildRequest
from envbench.model.channel import ChannelGroup
from envbench.model.document import encode
from envbench.model.generation import Generation
from envbench.model.lock import Lock, PipPackage
from envbench.model.lock_sources import PYPI, fill_pip_sources, order_indexes
from envbench.model.locked_set import LockAspect
from envbench.model.redaction import split_url_secrets


def describe_lock(
    staged: StagedGeneration, request: BuildRequest, pip_packages: Sequence[PipPackage]
) -> Lock:
    """Read what is in a staged prefix, with the sources that only its build knows.

    Args:
        staged: Complete but for its own records.
        request: Names the channels and the indexes.
        pip_packages: What the pip phase installed, with addresses and hashes.
    """
    groups = [(_lasting_name(group), group.urls) for group in request.solve.channels]
    lock = lock_records(
        read_prefix_records(staged.prefix),
        name=staged.environment,
        channels=tuple(name for name, _ in groups),
        channel_names={url: name for name, urls in groups for url in urls},
    )
    lock = fill_pip_sources(lock, pip_packages)
    return replace(lock, indexes=_list_indexes(lock, request))


def describe_generation(staged: StagedGeneration, request: BuildRequest, lock: Lock) -> Generation:
    """Say who built a generation, when, and from what."""
    return Generation(
        environment=staged.environment,
        number=staged.number,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        created_by=f"{_name_user()}@{node()}",
        reason=f"build {'--from ' if request.locked else ''}{_locate_spec(request)}",
        backend=request.backend,
        spec_sha256=request.spec_sha256,
        spec_text=request.spec_text,
        channels=tuple(map(_lasting_name, request.solve.channels)),
        conda_packages=len(lock.packages),
        pip_packages=len(lock.pip),
        variables=request.variables,
        lock_sha256=digest_lock(lock),
    )


def digest_lock(lock: Lock) -> str:
    """Give the sha256 of a normalised lock, by which two environments are the same or not."""
    return hashlib.sha256(encode(lock, schema="envbench.lock-model/1")).hexdigest()


def _locate_spec(request: BuildRequest) -> str:
    """Name the user's file so that it is found from every folder, and from the next process too."""
    directory, name = request.spec_directory, Path(request.spec_path).name
    return str(Path(directory, name)) if directory else request.spec_path


def _list_indexes(lock: Lock, request: BuildRequest) -> tuple[str, ...]:
    """Say where the pip part comes from: a lock says so, for a spec the settings do."""
    if request.locked is not None and LockAspect.INDEXES in request.locked.says.kept:
        return request.locked.indexes
    main, extras = request.pip.index_url, map(_bare, request.pip.extra_index_urls)
    return order_indexes(lock.pip, main=_bare(main) if main else PYPI, extras=extras)


def _bare(url: str) -> str:
    return split_url_secrets(url)[0]


def _lasting_name(group: ChannelGroup) -> str:
    """Name a channel so that it means the same elsewhere: a path in a spec starts at the spec."""
    return group.urls[0] if group.name.startswith((".", "/", "~")) else group.name


def _name_user() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return "unknown"
