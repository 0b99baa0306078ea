"""Ways out of a conflict: found, proved, told as they come, and written into the user's file."""

from collections.abc import Callable, Iterator

from envbench.engine.solver.client import SolverProcess
from envbench.envs.installed import read_environment
from envbench.model.conflict import Conflict
from envbench.model.errors import NotFineError, UsageError
from envbench.model.plan import PackageRecord
from envbench.model.repair import Fix, FixReport
from envbench.settings.load import Settings
from envbench.workbench.asked_spec import open_spec, solver_for
from envbench.workbench.environments import find_prefix
from envbench.workbench.fix_search import FixSearch
from envbench.workbench.spec_files import SavedSpec, save_spec
from envbench.workbench.spec_files import open_spec as open_file
from envbench.workbench.values.fixing import FixOrder as FixOrder
from envbench.workbench.values.why import SpecConditions


def find_fixes(
    order: FixOrder,
    settings: Settings,
    solver: SolverProcess | None = None,
    known: tuple[str, Conflict] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[FixReport]:
    """Look for ways out of the conflict of a spec; every fix told was solved.

    Args:
        order: The spec, and the conditions.
        settings: The user's settings.
        solver: A process that is kept between solves; one for this search alone when None.
        known: What a solve under the same conditions found, and the SHA-256 of the text that it
            was about; it is not solved again when the text is still that.
        is_cancelled: Asked before each question to the solver; once it says yes, none is asked any
            more. To end a question that is being answered, cancel the solver as well.

    Yields:
        Reports, each with more in it than the one before: first the conflict, then the fixes as
        they are proved. The last one is over. A spec that has a solution gives one report without a
        conflict.

    Raises:
        NotFineError: The spec has errors.
        UsageError: A file or an environment cannot be read.
        PreventedError: A channel or this box keeps it from being solved; the solver was cancelled.
    """
    conditions = _read_conditions(order)
    asked = open_spec(conditions, settings)
    installed = _read_installed(order.against, settings)
    with solver_for(conditions, settings, solver) as ready:
        yield from FixSearch(order, asked, settings, ready, installed, known, is_cancelled).run()


def apply_fix(report: FixReport, fix: Fix, settings: Settings) -> SavedSpec:
    """Write a fix into the user's file, unless the file is not the one that was solved.

    Raises:
        UsageError: The fix is no matter of the file, the file changed or is gone, or cannot be
            read.
        PreventedError: The system refused; the old content is still there.
    """
    if fix.edit is None:
        raise UsageError(
            "this fix changes nothing in the file",
            where=report.path,
            hint=f"solve with {fix.command}" if fix.command else "",
        )
    opened = open_file(report.path, settings)
    if opened.sha256 != report.sha256:
        raise NotFineError(
            "the fix is not applied",
            where=report.path,
            why="the file is not the one that was solved: it has changed since",
            hint="look for fixes again",
        )
    outcome = save_spec(
        report.path,
        fix.edit.apply(opened.text),
        settings,
        expected_sha256=report.sha256,
        has_bom=opened.has_bom,
    )
    if outcome.saved is None:
        message = outcome.clash.message if outcome.clash is not None else "it cannot be saved"
        raise NotFineError("the fix is not applied", where=report.path, why=message)
    return outcome.saved


def _read_conditions(order: FixOrder) -> SpecConditions:
    return SpecConditions(
        spec=order.spec,
        host_file=order.host_file,
        virtual=order.virtual,
        priority=order.priority,
        exclude_newer=order.exclude_newer,
        offline=order.offline,
        budget_s=order.budget_s,
    )


def _read_installed(name: str | None, settings: Settings) -> tuple[PackageRecord, ...]:
    return read_environment(find_prefix(name, settings)).packages if name else ()
