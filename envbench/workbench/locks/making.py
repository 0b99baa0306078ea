"""Locks out of environments, specs and other locks; nothing is installed and nothing written."""

from dataclasses import replace
from typing import TYPE_CHECKING

from envbench.model.errors import UsageError
from envbench.settings.load import Settings
from envbench.workbench.locks.subjects import FoundSubject, find_subject
from envbench.workbench.values.lock_making import LockOrder as LockOrder
from envbench.workbench.values.lock_making import LockSubject as LockSubject
from envbench.workbench.values.lock_making import MadeLocks as MadeLocks

if TYPE_CHECKING:
    from envbench.engine.solver.client import SolverProcess


def make_locks(
    order: LockOrder, settings: Settings, *, solver: "SolverProcess | None" = None
) -> MadeLocks:
    """Make the locks of an environment, a spec or another lock, one for each platform.

    Args:
        order: What is asked for.
        settings: The user's settings.
        solver: A process that is kept between solves; one of its own when None.

    Raises:
        UsageError: A file or an environment cannot be read, or an option does not go with it.
        NotFineError: A spec, a lock or an environment is not sound, or a pip section has no
            solution.
        PreventedError: A channel, an index or this box keeps it from being locked.
    """
    if order.offline:
        settings = replace(settings, network=replace(settings.network, offline=True))
    subject = find_subject(order.subject)
    # Each kind loads only what it needs: the engine takes longer to load than a lock to be read.
    if subject.kind is LockSubject.SPEC:
        from envbench.workbench.locks.of_spec import lock_spec

        return lock_spec(order, subject, settings, solver)
    _refuse_solving(order, subject)
    if subject.kind is LockSubject.LOCK:
        from envbench.workbench.locks.conversion import convert_lock

        return convert_lock(order, subject, settings)
    from envbench.workbench.locks.of_environment import lock_environment

    return lock_environment(order, subject, settings)


def _refuse_solving(order: LockOrder, subject: FoundSubject) -> None:
    """Refuse what only a solve can heed.

    Raises:
        UsageError: Such an option is given.
    """
    given = {
        "--host": order.host_files,
        "--virtual": order.virtual,
        "--priority": order.priority,
        "--exclude-newer": order.exclude_newer,
        "--update": order.update,
    }
    named = ", ".join(name for name, value in given.items() if value)
    if named:
        raise UsageError(
            f"{named}: only for specs",
            where=subject.text,
            why=f"{subject.describe()}: its packages are locked as they are, nothing is solved.",
        )
