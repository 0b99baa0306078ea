"""From the prefix of a process to its environment, generation, spec and lock."""

import os
from functools import lru_cache
from pathlib import Path

from envbench.envs.compare import compare_with_build
from envbench.envs.difference_words import say_difference
from envbench.envs.discovery import EnvironmentKind
from envbench.envs.distributions import list_site_directories
from envbench.envs.generation_files import LOCK_FILE, read_generation
from envbench.envs.paths import GENERATIONS, read_generation_link, split_generation
from envbench.envs.prefix_records import read_prefix_records
from envbench.model.cleaning import clean
from envbench.model.counting import count_of
from envbench.model.generation import Generation
from envbench.settings.load import Settings
from envbench.workbench.environment_rows import judge_spec
from envbench.workbench.path_texts import read_path, write_path
from envbench.workbench.values.gpu_owners import KnownEnvironment as KnownEnvironment

_NAME_LIMIT = 120
_KEPT = 64


def identify_environments(
    prefixes: tuple[str, ...],
    settings: Settings,  # noqa: ARG001 - a prefix says itself where it belongs, wherever it lies
) -> tuple[KnownEnvironment, ...]:
    """Tell which environments lie at some prefixes, each once, in the order asked.

    Args:
        prefixes: Real paths, as processes name them; those of other users may be unreadable.
        settings: The user's settings.
    """
    return tuple(_identify(prefix) for prefix in dict.fromkeys(prefixes))


def _identify(prefix: str) -> KnownEnvironment:
    path = read_path(prefix)
    try:
        generation = read_generation(path)
        if generation is not None:
            return _describe_own(prefix, Path(os.path.realpath(path)), generation)
        return _describe_foreign(prefix, path)
    except OSError as fault:
        return _describe_unreadable(prefix, path, fault.strerror or str(fault))


def _describe_own(prefix: str, path: Path, generation: Generation) -> KnownEnvironment:
    """Describe a generation; one that was moved away from its home has no live one beside it."""
    is_home = split_generation(path.name) == (generation.environment, generation.number)
    home = path.parent.parent if is_home and path.parent.name == GENERATIONS else None
    live = read_generation_link(home / generation.environment) if home is not None else None
    built_from = generation.reason.removeprefix("build ")
    lock = path / LOCK_FILE
    return KnownEnvironment(
        prefix=prefix,
        name=generation.environment,
        kind=EnvironmentKind.ENVBENCH.value,
        generation=generation.number,
        live_generation=live,
        lock_path=write_path(lock) if lock.is_file() else "",
        spec_path=built_from if built_from.startswith("/") else "",
        spec_state=judge_spec(generation, built_from, ()).value,
        drift=_find_drift(path, _stamp(path)),
        is_old=live is not None and live != generation.number,
        fault="" if home is not None else "it was moved away from where it was built",
    )


def _describe_foreign(prefix: str, path: Path) -> KnownEnvironment:
    kind = _tell_kind(path)
    if kind is None:
        gone = "" if path.is_dir() else "it is not there any more"
        return _describe_unreadable(prefix, path, gone or "no environment lies there")
    return KnownEnvironment(
        prefix=prefix, name=clean(path.name, limit=_NAME_LIMIT), kind=kind.value
    )


def _tell_kind(path: Path) -> EnvironmentKind | None:
    if (path / "conda-meta").is_dir():
        if (path / "condabin").is_dir():
            return EnvironmentKind.CONDA_BASE
        pixi = path.parent.name == "envs" and path.parent.parent.name == ".pixi"
        return EnvironmentKind.PIXI if pixi else EnvironmentKind.CONDA
    return EnvironmentKind.VENV if (path / "pyvenv.cfg").is_file() else None


def _describe_unreadable(prefix: str, path: Path, why: str) -> KnownEnvironment:
    """Describe what is no environment, or cannot be looked into.

    A generation that was removed keeps its name and number: its path tells them.
    """
    parts = split_generation(path.name) if path.parent.name == GENERATIONS else None
    if parts is None:
        return KnownEnvironment(
            prefix=prefix, name=clean(path.name, limit=_NAME_LIMIT), kind="", fault=why
        )
    name, number = parts
    live = read_generation_link(path.parent.parent / name)
    return KnownEnvironment(
        prefix=prefix,
        name=clean(name, limit=_NAME_LIMIT),
        kind=EnvironmentKind.ENVBENCH.value,
        generation=number,
        live_generation=live,
        is_old=live != number,
        fault=why,
    )


@lru_cache(maxsize=_KEPT)
def _find_drift(path: Path, stamp: tuple[int, ...]) -> str | None:  # noqa: ARG001 - tells when to look again
    """Compare an environment with its build; reading all records is not done at every look."""
    records = read_prefix_records(path)
    if records.damaged:
        return f"{count_of(len(records.damaged), 'record')} damaged"
    difference = compare_with_build(records)
    return None if difference is None else say_difference(difference)


def _stamp(path: Path) -> tuple[int, ...]:
    """Give times that change whenever a package is added to an environment, or taken from it."""
    folders = ("conda-meta", "conda-meta/state", LOCK_FILE, *list_site_directories(path))
    found = []
    for folder in folders:
        try:
            found.append((path / folder).stat().st_mtime_ns)
        except OSError:
            found.append(0)
    return tuple(found)
