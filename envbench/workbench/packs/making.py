"""Packs for boxes without a network: made by a job that survives whoever asked for it."""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from envbench.engine.packing.items import select_items
from envbench.formats.locks.scrubbing import scrub_lock
from envbench.jobs.job import Job
from envbench.jobs.launching import build_command
from envbench.jobs.login import warn_about_logout
from envbench.jobs.store import JobStore
from envbench.model.document import from_builtins, to_builtins
from envbench.model.errors import NotFineError, PreventedError, UsageError
from envbench.model.job import JobRequest, JobResult
from envbench.model.lock import Lock
from envbench.model.names import broken_name_rule
from envbench.model.pack import PackRequest, PackResult
from envbench.settings.credentials import store_credentials
from envbench.settings.load import Settings
from envbench.workbench.building import read_umask
from envbench.workbench.job_environment import select_variables, warn_about_proxies
from envbench.workbench.locks.making import LockOrder, make_locks
from envbench.workbench.path_texts import show_path


@dataclass(frozen=True, slots=True, kw_only=True)
class PackOrder:
    """What `envbench pack` was asked for."""

    subject: str
    """Name, `NAME@GENERATION` or path of an environment; path of a spec or of a lock file."""
    output: Path | None = None
    """The tar to write, or a directory to write it to; None means the current directory."""
    platform: str | None = None
    """conda subdir; None means this box's, or the only one of a lock."""
    offline: bool = False
    lock: Lock | None = None
    """What to pack, where it has been made already; `subject` is then only told."""
    making: LockOrder | None = None
    """How the lock is made, where more is asked for than a platform; of the same subject."""


@dataclass(frozen=True, slots=True)
class SubmittedPack:
    """A pack on its way."""

    job: Job
    name: str
    output: Path
    warnings: tuple[str, ...]


def submit_pack(order: PackOrder, settings: Settings) -> SubmittedPack:
    """Find out what to pack and hand it to a detached job; returns before the work begins.

    Raises:
        UsageError: There is no such environment, spec or lock, or it is for no single platform.
        NotFineError: Something in it cannot be packed; all of it is named.
        PreventedError: The pack cannot be written where it is wanted, or no job can be started.
    """
    found, told = (order.lock, ()) if order.lock else _find_lock(order, settings)
    lock = scrub_lock(found)
    select_items(lock)
    name = _choose_name(lock, order.subject)
    output = _choose_output(order.output, f"{name}-{lock.platform}.tar")
    request = PackRequest(
        lock=lock,
        name=name,
        source=order.subject,
        output=str(output),
        offline=order.offline,
        umask=read_umask(),
    )
    if lock.pip and settings.pip.credentials:
        # The job does not inherit the variables that they may come from.
        store_credentials(settings.paths.index_credentials_file, settings.pip.credentials)
    job = JobStore(settings.paths.jobs_dir).submit(
        JobRequest(
            kind="pack",
            title=f"pack {order.subject} into {output.name}",
            argv=build_command("envbench.workers.pack"),
            payload=to_builtins(request),
            env=select_variables(os.environ, settings),
            low_priority=settings.own.build_priority == "low",
        )
    )
    logout = warn_about_logout()
    warnings = (*told, *warn_about_proxies(os.environ, settings), *((logout,) if logout else ()))
    return SubmittedPack(job, name, output, warnings)


def read_pack_result(result: JobResult) -> PackResult | None:
    """Read what the pack worker said last; None when it said nothing."""
    try:
        return from_builtins(result.payload, PackResult) if result.payload else None
    except msgspec.ValidationError:
        return None


def _find_lock(order: PackOrder, settings: Settings) -> tuple[Lock, tuple[str, ...]]:
    asked = order.making or LockOrder(
        subject=order.subject,
        platforms=(order.platform,) if order.platform else (),
        offline=order.offline,
    )
    made = make_locks(asked, settings)
    if made.conflict is not None:
        raise NotFineError(
            made.conflict.summary,
            where=order.subject,
            hint=made.conflict_hint
            or f"envbench solve {order.subject} tells more, envbench fix finds ways out of it",
        )
    if len(made.locks) > 1:
        known = ", ".join(lock.platform or "any" for lock in made.locks)
        raise UsageError(
            f"{order.subject} locks several platforms, and a pack is for one",
            hint=f"Add --platform with one of: {known}",
        )
    lock = made.locks[0]
    lock = replace(lock, platform=lock.platform or order.platform or "")
    return lock, tuple(text for text in made.warnings if not text.startswith("no hash is known"))


def _choose_name(lock: Lock, subject: str) -> str:
    """Take the lock's name, made fit for a directory; else that of the file or folder."""
    for candidate in (lock.name, Path(subject).name.split(".")[0], Path(subject).name):
        name = re.sub(r"[^A-Za-z0-9._+-]+", "-", candidate).strip("-.+")[:100]
        if name and broken_name_rule(name) is None:
            return name
    return "environment"


def _choose_output(given: Path | None, usual: str) -> Path:
    output = (given or Path()).expanduser().absolute()
    if output.is_dir():
        output = output / usual
    parent = output.parent
    if not parent.is_dir():
        raise UsageError(f"there is no folder {show_path(parent)}", hint="make it first")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise PreventedError("the pack cannot be written there", where=show_path(parent))
    if output.exists() and not output.is_file():
        raise UsageError(f"{show_path(output)} is no file that could be replaced")
    return output
