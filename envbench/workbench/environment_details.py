"""One environment looked at closely: its generations, who uses them, what was changed."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from envbench.envs.compare import compare_with_build
from envbench.envs.difference_words import say_difference
from envbench.envs.discovery import EnvironmentKind
from envbench.envs.disk_use import measure_disk_use
from envbench.envs.distributions import read_pip_part
from envbench.envs.generation_catalog import StoredEnvironment, StoredGeneration
from envbench.envs.generations import EnvironmentStore
from envbench.envs.installed import lock_records
from envbench.envs.prefix_records import read_prefix_records
from envbench.envs.variables import read_variables
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.names import broken_name_rule
from envbench.settings.load import Settings
from envbench.workbench.environment_users import find_users, list_homes
from envbench.workbench.environments import find_prefix, list_environments
from envbench.workbench.path_texts import read_path, write_path
from envbench.workbench.values.environment_details import ActivateLine as ActivateLine
from envbench.workbench.values.environment_details import EnvironmentContents as EnvironmentContents
from envbench.workbench.values.environment_details import EnvironmentDetails as EnvironmentDetails
from envbench.workbench.values.environment_details import GenerationDetails as GenerationDetails
from envbench.workbench.values.environment_details import GenerationSize as GenerationSize
from envbench.workbench.values.environment_users import EnvironmentUser

_SHELLS = {
    "bash": "source <(envbench shell {name} --hook bash)",
    "zsh": "source <(envbench shell {name} --hook zsh)",
    "fish": "envbench shell {name} --hook fish | source",
}
"""How to activate an environment in a shell that runs already."""


def describe_environment(reference: str, settings: Settings) -> EnvironmentDetails:
    """Look at one environment closely; sizes are a question of their own.

    Args:
        reference: Name, or path.
        settings: The user's settings.

    Raises:
        UsageError: There is no such environment.
    """
    stored = find_stored(reference, settings)
    if stored is not None:
        return _describe_own(stored)
    return _describe_foreign(reference, settings)


def measure_environment(reference: str, settings: Settings) -> Iterator[GenerationSize]:
    """Measure an environment, one generation after the other, newest first.

    Raises:
        UsageError: There is no such environment.
    """
    stored = find_stored(reference, settings)
    if stored is None:
        yield _measure(None, find_prefix(reference, settings))
        return
    for each in reversed(stored.generations):
        yield _measure(each.generation.number, each.prefix)


def find_stored(reference: str, settings: Settings) -> StoredEnvironment | None:
    """Find one of envbench's own, by name or by its stable path; None when it is none of these."""
    path = read_path(reference) if "/" in reference else settings.paths.envs_dir / reference
    if broken_name_rule(path.name) is not None:
        return None
    try:
        return EnvironmentStore(path.parent).find(path.name)
    except UsageError:
        return None


def _describe_own(stored: StoredEnvironment) -> EnvironmentDetails:
    homes = list_homes(stored)
    users = find_users(dict(homes))
    generations = tuple(
        _describe_generation(each, users.get(stored.path if each.is_live else each.prefix, ()))
        for each in reversed(stored.generations)
    )
    prefix = stored.live.prefix if stored.live else None
    return EnvironmentDetails(
        name=stored.name,
        kind=EnvironmentKind.ENVBENCH.value,
        path=write_path(stored.path),
        prefix=write_path(prefix) if prefix else "",
        contents=_read_contents(prefix) if prefix else None,
        generations=generations,
        users=tuple(user for each in users.values() for user in each),
        activate=_write_activation(stored.name) if prefix else (),
        read_only="",
        fault=stored.fault,
    )


def _describe_foreign(reference: str, settings: Settings) -> EnvironmentDetails:
    prefix = find_prefix(reference, settings)
    listed = next(
        (e for e in list_environments(settings) if os.path.realpath(e.path) == str(prefix)), None
    )
    path = Path(listed.path) if listed else prefix
    kind = EnvironmentKind.CONDA if (prefix / "conda-meta").is_dir() else EnvironmentKind.VENV
    shown = listed.kind if listed else kind.value
    return EnvironmentDetails(
        name=listed.name if listed else clean(prefix.name, limit=120),
        kind=shown,
        path=write_path(path),
        prefix=write_path(prefix),
        contents=_read_contents(prefix, python=listed.python if listed else ""),
        generations=(),
        users=find_users({prefix: None}).get(prefix, ()),
        activate=_write_activation(os.fspath(path)) if clean(str(path)) == str(path) else (),
        read_only=f"made by {shown}: envbench does not change it",
        fault=listed.fault if listed else "",
    )


def _read_contents(prefix: Path, *, python: str = "") -> EnvironmentContents:
    records = read_prefix_records(prefix)
    lock = lock_records(records)
    difference = compare_with_build(records)
    pip_damage = (f"{info}: {why}" for info, why in read_pip_part(records).damaged)
    return EnvironmentContents(
        python=python or next((p.version for p in lock.packages if p.name == "python"), ""),
        platform=lock.platform,
        channels=lock.channels,
        variables=tuple(sorted(read_variables(prefix))),
        conda_packages=len(lock.packages),
        pip_packages=len(lock.pip),
        drift=None if difference is None else say_difference(difference),
        damage=(*map(str, records.damaged), *pip_damage),
    )


def _describe_generation(
    stored: StoredGeneration, users: tuple[EnvironmentUser, ...]
) -> GenerationDetails:
    record = stored.generation
    pids = ", ".join(str(user.pid) for user in users[:5])
    return GenerationDetails(
        number=record.number,
        is_live=stored.is_live,
        created=record.created,
        created_by=record.created_by,
        reason=record.reason,
        job_id=record.job_id,
        conda_packages=record.conda_packages,
        pip_packages=record.pip_packages,
        channels=record.channels,
        spec_sha256=record.spec_sha256,
        kept_bytes=record.kept_prefix_bytes,
        users=users,
        kept_because="live" if stored.is_live else f"in use by pid {pids}" if pids else "",
    )


def _write_activation(name: str) -> tuple[ActivateLine, ...]:
    quoted = shlex.quote(name)
    return tuple(
        ActivateLine(shell=shell, line=line.format(name=quoted)) for shell, line in _SHELLS.items()
    )


def _measure(number: int | None, prefix: Path) -> GenerationSize:
    use = measure_disk_use(prefix)
    return GenerationSize(number=number, total_bytes=use.total_bytes, unique_bytes=use.unique_bytes)
