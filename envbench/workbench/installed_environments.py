"""What is installed in an environment that is meant by a word: where it lies, and its lock.

Kept apart from what changes environments: a lock is read in less time than all of that loads in.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from envbench.envs.generation_catalog import find_environment
from envbench.envs.generation_files import read_generation_lock
from envbench.envs.installed import InstalledReading, read_installed
from envbench.model.errors import NotFineError, UsageError
from envbench.model.lock import Lock
from envbench.model.lock_sources import fill_pip_sources
from envbench.model.names import broken_name_rule
from envbench.settings.load import Settings
from envbench.workbench.path_texts import read_path, show_path

if TYPE_CHECKING:
    from envbench.envs.discovery import FoundEnvironment


def discover(settings: Settings) -> "tuple[FoundEnvironment, ...]":
    """Find the environments of all tools; those of envbench first."""
    from envbench.envs.discovery import discover_environments

    return discover_environments(
        settings.paths.envs_dir,
        conda_envs_dirs=settings.conda_envs_dirs,
        folders=(Path.cwd(),),
        environ=os.environ,
    )


def find_prefix(reference: str, settings: Settings) -> Path:
    """Find an environment's real directory by name, by `NAME@GENERATION`, or by path.

    Raises:
        UsageError: There is no such environment.
    """
    if "/" in reference:
        is_address = reference.startswith("file://")
        path = read_path(reference) if is_address else Path(reference).expanduser()
        if (path / "conda-meta").is_dir() or (path / "pyvenv.cfg").is_file():
            return path.resolve()
        raise UsageError(
            f"there is no environment at {show_path(path)}", hint="envbench envs lists them"
        )
    name, _, number = reference.partition("@")
    # Other tools give names that ours may not have: `.venv` is one.
    is_ours = broken_name_rule(name) is None
    stored = find_environment(settings.paths.envs_dir, name) if is_ours else None
    if stored is not None:
        wanted = [
            generation
            for generation in stored.generations
            if (str(generation.generation.number) == number if number else generation.is_live)
        ]
        if wanted:
            return wanted[0].prefix
        have = ", ".join(str(each.generation.number) for each in stored.generations)
        raise UsageError(
            f"{name} has no generation {number}" if number else f"{name} is not usable",
            why=stored.fault,
            hint=f"it has: {have}" if have else "build it again",
        )
    foreign = [each for each in discover(settings) if each.name == name and not number]
    if len(foreign) == 1 and not foreign[0].fault:
        return foreign[0].path.resolve()
    raise UsageError(
        f"there is no environment named {name!r}" if not foreign else f"{name!r} is not one",
        why=", ".join(str(each.path) for each in foreign),
        hint="envbench envs lists them; a path works too",
    )


def read_lock(reference: str, settings: Settings) -> Lock:
    """Read what is installed in an environment; see `read_everything`.

    Raises:
        UsageError: There is no such environment.
    """
    return read_everything(reference, settings).lock


def read_everything(reference: str, settings: Settings) -> InstalledReading:
    """Read what is installed in an environment: lock, records, and what had to be assumed.

    What no installer keeps on disk (addresses and hashes of the pip part) comes from the notes of
    the build, as far as they still fit what is there.

    Raises:
        UsageError: There is no such environment.
    """
    prefix = find_prefix(reference, settings)
    noted = read_generation_lock(prefix)
    if noted is None:
        return read_installed(prefix)
    names = {package.channel_url: package.channel for package in noted.packages}
    reading = read_installed(prefix, name=noted.name, channels=noted.channels, channel_names=names)
    lock = fill_pip_sources(reading.lock, noted.pip)
    lock = replace(lock, indexes=noted.indexes or lock.indexes, source=noted.source or lock.source)
    return replace(reading, lock=lock)


def read_whole_lock(reference: str, settings: Settings) -> Lock:
    """Read what is installed in an environment whose records are all sound.

    Raises:
        UsageError: There is no such environment.
        NotFineError: A record is damaged: without it a package would be missing in silence.
    """
    return require_whole(read_everything(reference, settings), reference).lock


def require_whole(reading: InstalledReading, reference: str) -> InstalledReading:
    """Return a reading in which every record could be read.

    Raises:
        NotFineError: One is damaged: without it a package would be missing in silence.
    """
    damaged = reading.damaged
    if damaged:
        raise NotFineError(
            "records of the environment are damaged, so what is installed is not wholly known",
            where=reference,
            why="; ".join(damaged[:5]),
            hint=f"envbench verify {reference} shows all; build the environment again",
        )
    return reading
