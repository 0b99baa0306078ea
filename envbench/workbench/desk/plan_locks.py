"""Locks of the plan of a spec, for the screen: offered, shown and written before anything is built.

The child remembers the last locks: looking at formats one after the other solves once.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from envbench.files import read_bytes
from envbench.model.errors import NotFineError
from envbench.model.lock import Lock
from envbench.settings.load import Settings
from envbench.workbench.desk.solving_room import give_solver
from envbench.workbench.locks.making import make_locks
from envbench.workbench.locks.offering import offer_formats, preview_format, write_format
from envbench.workbench.path_texts import write_path
from envbench.workbench.values.lock_making import LockOrder
from envbench.workbench.values.lock_offers import LockOffers, LockPreview, WrittenLock
from envbench.workbench.values.solving import SolveOrder

_SPEC_LIMIT_BYTES = 1024 * 1024


@dataclass(slots=True)
class _Memory:
    """The last plan that was locked."""

    key: tuple[SolveOrder, str] | None = None
    """What was asked, and the digest of the spec's text."""
    lock: Lock | None = None
    warnings: tuple[str, ...] = ()


_MEMORY = _Memory()


def plan_lock_offers(order: SolveOrder, settings: Settings, *, folder: Path) -> LockOffers:
    """Tell what each format keeps of the plan of a spec and loses; nothing is built or written.

    Args:
        order: What was solved.
        settings: The user's settings.
        folder: Where lock files lie, and would be written.

    Raises:
        NotFineError: The spec has errors or no solution.
        UsageError: A file cannot be read.
        PreventedError: A channel, an index or this box keeps it from being planned.
    """
    lock = _lock_plan(order, settings)
    spec = write_path(order.spec)
    return offer_formats(lock, folder, spec=spec, notes=_MEMORY.warnings)


def preview_plan_lock(order: SolveOrder, format_name: str, settings: Settings) -> LockPreview:
    """Show what would be written of the plan of a spec.

    Raises:
        As `plan_lock_offers`, and `UsageError` for a format that cannot hold it.
    """
    return preview_format(_lock_plan(order, settings), format_name)


def write_plan_lock(
    order: SolveOrder,
    format_name: str,
    output: str,
    settings: Settings,
    *,
    overwrite: bool = False,
) -> WrittenLock:
    """Write a lock of the plan of a spec, unless that would replace a file that is something else.

    Raises:
        As `plan_lock_offers` and `lock_offers.write_lock`.
    """
    return write_format(_lock_plan(order, settings), format_name, output, overwrite=overwrite)


def _lock_plan(order: SolveOrder, settings: Settings) -> Lock:
    data = read_bytes(order.spec, limit_bytes=_SPEC_LIMIT_BYTES, what="spec")
    key = (order, sha256(data).hexdigest())
    if _MEMORY.key != key or _MEMORY.lock is None:
        _MEMORY.key, _MEMORY.lock = None, None
        made = make_locks(
            _ask(order), settings, solver=give_solver(settings, offline=order.offline)
        )
        if not made.locks:
            why = made.conflict.summary if made.conflict is not None else ""
            raise NotFineError(
                "there is no plan to lock", where=write_path(order.spec), why=why,
                hint="s shows the conflict and the ways out of it",
            )  # fmt: skip
        _MEMORY.key, _MEMORY.lock, _MEMORY.warnings = key, made.locks[0], made.warnings
    return _MEMORY.lock


def _ask(order: SolveOrder) -> LockOrder:
    return LockOrder(
        subject=str(order.spec.absolute()),
        host_files=(order.host_file,) if order.host_file is not None else (),
        virtual=order.virtual,
        priority=order.priority,
        exclude_newer=order.exclude_newer,
        offline=order.offline,
    )
