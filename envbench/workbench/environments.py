"""Environments by name or path: list, compare, roll back, remove."""

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envbench.envs.generations import EnvironmentStore
from envbench.envs.lock import lock_environment
from envbench.model.cleaning import clean
from envbench.model.errors import PreventedError, UsageError
from envbench.model.names import broken_name_rule
from envbench.settings.load import Settings
from envbench.workbench.installed_environments import discover
from envbench.workbench.installed_environments import find_prefix as find_prefix
from envbench.workbench.installed_environments import read_everything as read_everything
from envbench.workbench.installed_environments import read_lock as read_lock
from envbench.workbench.installed_environments import read_whole_lock as read_whole_lock
from envbench.workbench.installed_environments import require_whole as require_whole
from envbench.workbench.values.environments import Comparison as Comparison
from envbench.workbench.values.environments import RemovalReport as RemovalReport
from envbench.workbench.values.environments import RollbackReport as RollbackReport

# What only some verbs need is loaded by them: a lock is read in less time than all of it takes.
if TYPE_CHECKING:
    from envbench.envs.discovery import FoundEnvironment

LOCK_WAIT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEnvironment:
    """One environment of any tool."""

    name: str
    kind: str
    """`envbench`, `conda`, `venv`, ..."""
    path: str
    python: str
    """Version of its Python; empty when it has none."""
    conda_packages: int = 0
    generations: tuple[int, ...] = ()
    live: int = 0
    """Number of the generation in use; 0 for environments of other tools."""
    size_bytes: int | None = None
    """Bytes on disk, hard links counted once; None when not measured."""
    unique_bytes: int | None = None
    """Bytes that removing it would free."""
    fault: str = ""
    """Why it cannot be used; empty for a sound one."""


def list_environments(
    settings: Settings, *, with_size: bool = False
) -> tuple[ListedEnvironment, ...]:
    """List the environments of all tools; those of envbench first."""
    return tuple(_describe(each, with_size=with_size) for each in discover(settings))


def compare_environments(a: str, b: str, settings: Settings) -> Comparison:
    """Say what would have to change in A to make it like B.

    Raises:
        UsageError: One of them does not exist.
        NotFineError: Records of one are damaged.
    """
    old, new = read_whole_lock(a, settings), read_whole_lock(b, settings)
    from envbench.envs.compare import diff_locks

    return Comparison(a=a, b=b, difference=diff_locks(old, new))


def rollback_environment(name: str, number: int | None, settings: Settings) -> RollbackReport:
    """Make an earlier generation live again.

    Raises:
        UsageError: There is no such environment or generation.
        NotFineError: There is no earlier generation.
        PreventedError: A build holds the environment.
    """
    store = EnvironmentStore(settings.paths.envs_dir)
    with lock_environment(settings.paths.envs_dir, name, wait_s=LOCK_WAIT_S) as lock:
        before = store.find(name)
        restored = store.rollback(name, number, lock=lock)
    live = before.live if before is not None else None
    return RollbackReport(
        environment=name,
        generation=restored.generation.number,
        previous=live.generation.number if live is not None else 0,
        prefix=str(store.path(name)),
    )


def remove_environment(name: str, settings: Settings, *, force: bool = False) -> RemovalReport:
    """Remove an environment with all its generations.

    Raises:
        UsageError: There is no such environment, or envbench did not make it.
        NotFineError: Processes run in it.
        PreventedError: A build holds it, or the disk refused.
    """
    store = EnvironmentStore(settings.paths.envs_dir)
    _refuse_foreign(name)
    _cancel_comfort(name, settings)
    with lock_environment(settings.paths.envs_dir, name, wait_s=LOCK_WAIT_S) as lock:
        removed = store.remove(name, lock=lock, force=force)
    from envbench.envs.registration import unregister_environment

    try:
        unregister_environment(store.path(name), os.environ)
    except PreventedError as fault:
        # It is gone all the same.
        return RemovalReport(environment=name, generations=removed, warning=str(fault))
    return RemovalReport(environment=name, generations=removed)


def _refuse_foreign(reference: str) -> None:
    """Refuse paths, generations and the names that `envs` shows for environments of other tools.

    Raises:
        UsageError: No environment of envbench can have this name.
    """
    if broken_name_rule(reference) is not None:
        raise UsageError(
            f"{clean(reference, limit=60)!r} is no name of an environment that envbench built",
            hint="envbench envs lists them; those of other tools are removed with these tools,"
            " and single generations go as newer ones come (keep_generations)",
        )


def _cancel_comfort(name: str, settings: Settings) -> None:
    """End the jobs that only make the environment faster: they must not keep it from going."""
    path = str(settings.paths.envs_dir / name)
    from envbench.jobs.store import JobStore
    from envbench.model.job import FINAL_STATES

    for job in JobStore(settings.paths.jobs_dir).list():
        mine = job.request.kind == "bytecode" and job.request.payload.get("stable_path") == path
        if mine and job.state() not in FINAL_STATES:
            # One of another container cannot be ended from here, nor can it be in the way here.
            with suppress(PreventedError):
                job.cancel()
                job.wait(LOCK_WAIT_S)


def _describe(found: "FoundEnvironment", *, with_size: bool) -> ListedEnvironment:
    from envbench.envs.disk_use import measure_disk_use

    use = measure_disk_use(found.path.resolve()) if with_size and not found.fault else None
    return ListedEnvironment(
        name=found.name,
        kind=found.kind.value,
        path=str(found.path),
        python=found.python,
        conda_packages=found.conda_packages,
        generations=found.generations,
        live=found.live_generation or 0,
        size_bytes=use.total_bytes if use else None,
        unique_bytes=use.unique_bytes if use else None,
        fault=found.fault,
    )
