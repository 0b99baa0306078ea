"""`lock` from end to end: made, written as text, compared or put in place, and told."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from envbench.formats.lock_formats import LockFormat, find_lock_format
from envbench.formats.lock_names import warn_about_name
from envbench.model.counting import count_of
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import Export, Lock
from envbench.settings.load import Settings
from envbench.workbench.locks.making import make_locks
from envbench.workbench.locks.read_back import export_and_read_back
from envbench.workbench.locks.subjects import find_subject
from envbench.workbench.locks.writing import PlacedFile, place_export, write_files
from envbench.workbench.path_texts import read_path, show_path, write_path
from envbench.workbench.values.lock_making import LockOrder, LockSubject, MadeLocks, PlatformChange

if TYPE_CHECKING:
    from envbench.engine.solver.client import SolverProcess
    from envbench.model.conflict import Conflict
    from envbench.workbench.values.checked_files import CheckedFile

_OF_EDITORS = "vscode"
"""It names where an environment lies; other formats say what is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFilesOrder:
    """What is to be locked, and what becomes of it."""

    lock: LockOrder
    format_name: str
    """Or the usual file name of the format."""
    options: ExportOptions = field(default_factory=ExportOptions)
    output: str | None = None
    """A folder, or the path of the first file; None writes nothing."""
    is_fresh: bool = False
    """Whether a lock that lies at `output` is left out of account."""
    check: bool = False
    """Only compare with what is there."""
    force: bool = False
    """Replace whatever lies there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockReport:
    """What came of it."""

    environment: str
    """The subject as it was given."""
    subject: LockSubject
    source: str
    """What the subject was taken for, in words."""
    platforms: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    """What is locked on each platform, in words."""
    export: Export | None = None
    """None when there is no solution."""
    path: str = ""
    """Where the first file lies; empty when none was placed."""
    sha256: str = ""
    """Of its text."""
    written: tuple[str, ...] = ()
    """Files that were written; those that were as they should be are not among them."""
    checked: "tuple[CheckedFile, ...]" = ()
    """When only compared."""
    changes: tuple[PlatformChange, ...] = ()
    against: str = ""
    warnings: tuple[str, ...] = ()
    conflict: "Conflict | None" = None
    conflict_platform: str = ""
    conflict_hint: str = ""
    """How to lock for a box that has what is missing; empty when it is not for want of a box."""

    @property
    def is_current(self) -> bool:
        """Whether all compared files are as they would be written."""
        return all(each.state == "same" for each in self.checked)


def write_lock_files(
    order: LockFilesOrder, settings: Settings, *, solver: "SolverProcess | None" = None
) -> LockReport:
    """Lock a subject in a format; writes the files, or compares them with those that are there.

    Args:
        order: What is asked for.
        settings: The user's settings.
        solver: A process that is kept between solves; one of its own when None.

    Raises:
        UsageError: Subject, format, options or place do not go together, or cannot be read.
        NotFineError: The subject is not sound, or a file lies there that is none of ours.
        PreventedError: A channel, an index or this box prevented it, or a secret would have got
            into a file.
    """
    form = find_lock_format(order.format_name)
    asked = _ask_for_platforms(order.lock, form, settings)
    if asked.against is None and not order.is_fresh and order.output is not None:
        from envbench.workbench.locks.previous import find_previous

        asked = replace(asked, against=find_previous(order.output, form, asked.subject, settings))
    made = make_locks(asked, settings, solver=solver)
    if not made.locks:
        return _report(order, made)
    options = order.options
    if form.name == _OF_EDITORS and made.subject is LockSubject.ENVIRONMENT:
        from envbench.workbench.locks.editor_prefix import fill_prefix

        options = fill_prefix(options, asked.subject, settings)
    export = export_and_read_back(made.locks, form.name, options)
    placed = place_export(export, order.output, is_lock=form.is_lock)
    misnamed = warn_about_name(form.name, placed[0].path.name) if placed and form.is_lock else ""
    if misnamed:
        made = replace(made, warnings=(*made.warnings, misnamed))
    report = _report(
        order,
        made,
        export=export,
        path=write_path(placed[0].path) if placed else "",
        sha256=hashlib.sha256(export.text.encode()).hexdigest(),
    )
    if order.check:
        from envbench.workbench.locks.checking import check_files

        return replace(report, checked=check_files(placed))
    _refuse_own_spec(made, asked.subject, placed)
    written = write_files(placed, force=order.force)
    return replace(report, written=tuple(map(write_path, written)))


def _refuse_own_spec(made: MadeLocks, subject: str, placed: Sequence[PlacedFile]) -> None:
    """Refuse to put a lock in the place of the spec that it was made from, whatever is forced.

    Raises:
        UsageError: It would be.
    """
    if made.subject is not LockSubject.SPEC:
        return
    spec = os.path.realpath(read_path(subject))
    if any(os.path.realpath(each.path) == spec for each in placed):
        raise UsageError(
            "the lock would replace the spec that it is made from",
            where=show_path(read_path(subject)),
            hint="Name another file: -o environment.lock.yml, -o locks/",
        )


def _count(lock: Lock) -> str:
    pip = f" and {count_of(len(lock.pip), 'pip package')}" if lock.pip else ""
    where = f" for {lock.platform}" if lock.platform else ""
    return f"{count_of(len(lock.packages), 'conda package')}{pip}{where}"


def _ask_for_platforms(asked: LockOrder, form: LockFormat, settings: Settings) -> LockOrder:
    """Take the platforms that a spec lists, where none are asked for and the format has room."""
    if asked.platforms or asked.host_files or not form.many_platforms:
        return asked
    subject = find_subject(asked.subject)
    if subject.kind is not LockSubject.SPEC or subject.path is None:
        return asked
    from envbench.workbench.specs import check_spec

    spec = check_spec(subject.path, settings).spec
    return replace(asked, platforms=spec.platforms) if spec is not None else asked


def _report(
    order: LockFilesOrder,
    made: MadeLocks,
    *,
    export: Export | None = None,
    path: str = "",
    sha256: str = "",
) -> LockReport:
    return LockReport(
        environment=order.lock.subject,
        subject=made.subject,
        source=made.source,
        platforms=tuple(lock.platform for lock in made.locks),
        contents=tuple(map(_count, made.locks)),
        export=export,
        path=path,
        sha256=sha256,
        changes=made.changes,
        against=made.against,
        warnings=made.warnings,
        conflict=made.conflict,
        conflict_platform=made.conflict_platform,
        conflict_hint=made.conflict_hint,
    )
