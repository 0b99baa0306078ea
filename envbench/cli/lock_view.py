"""Locks as text: what was taken for what, what changed, what a format loses."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from envbench.cli.output import say
from envbench.model.counting import count_of

if TYPE_CHECKING:
    from envbench.model.lock import Loss
    from envbench.model.lock_difference import LockDifference
    from envbench.model.plan import ChangeKind
    from envbench.workbench.locks.files import LockReport

_MOST_CHANGES = 40
_MOST_NAMED = 6
_SIGNS = {"add": "+", "remove": "-"}
"""By `ChangeKind`."""
_OTHER_SIGN = "~"


def show_lock_report(report: "LockReport") -> None:
    """Tell on stderr what was done; the lock itself is data and goes elsewhere."""
    say(report.source, err=True)
    for warning in report.warnings:
        say(f"note: {warning}", err=True)
    if report.conflict is not None:
        # The solver says `this box` of whichever it was asked about.
        meant = ' ("this box" is the one that is locked for)' if report.conflict_hint else ""
        say(f"no solution on {report.conflict_platform}; nothing is written{meant}", err=True)
        from envbench.cli.plan_view import show_conflict

        # `solve` would tell more, but of this box, not of the one that this is about.
        show_conflict(replace(report.conflict, solver_text=""), report.environment, err=True)
        if report.conflict_hint:
            say(f"  next: {report.conflict_hint}", err=True)
        return
    for change in report.changes:
        _show_difference(change.platform, change.difference, report.against)
    _show_files(report)
    if report.export is not None:
        show_losses(report.export.lost)


def _show_files(report: "LockReport") -> None:
    for each in report.checked:
        say(f"{each.state}: {each.path}", err=True)
        if each.difference:
            say(each.difference, err=True)
    if not report.is_current:
        say("next: run it again without --check to write what has changed", err=True)
    for path in report.written:
        what = f": {', '.join(report.contents)}" if path == report.path else ""
        digest = f" (sha256 {report.sha256})" if path == report.path else ""
        say(f"wrote {path}{digest}{what}", err=True)
    if report.path and not report.written and not report.checked:
        say(f"{report.path} is as it should be, not written again", err=True)
    if not report.path and report.export is not None and report.export.companions:
        beside = ", ".join(file.path for file in report.export.companions)
        say(f"note: {beside} belongs beside it; -o FOLDER/ writes both", err=True)


def show_losses(losses: "Sequence[Loss]") -> None:
    """Tell on stderr what a format cannot say, in the order of the export."""
    from envbench.cli.table import fold, terminal_width

    for loss in losses:
        more = len(loss.packages) - _MOST_NAMED
        names = ", ".join(loss.packages[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        named = f" [{names}]" if loss.packages else ""
        # Lines of a pipe are left whole for whoever searches them.
        width = terminal_width()
        say(fold(f"lost: {loss.what}{named}: {loss.why}", width, "      "), err=True)


def _show_difference(platform: str, difference: "LockDifference", against: str) -> None:
    lines = list(_list_changes(difference))
    if not lines:
        say(f"{platform}: nothing has changed against {against}", err=True)
        return
    kinds = [*(each.kind for each in difference.conda), *(each.kind for each in difference.pip)]
    added, removed = (sum(_SIGNS.get(kind) == sign for kind in kinds) for sign in "+-")
    counts = f"{len(kinds) - added - removed} changed, {added} added, {removed} removed"
    say(f"{platform}, against {against}: {counts}", err=True)
    for line in lines[:_MOST_CHANGES]:
        say(f"  {line}", err=True)
    if lines[_MOST_CHANGES:]:
        say(f"  and {count_of(len(lines) - _MOST_CHANGES, 'more change')}", err=True)


def _list_changes(difference: "LockDifference") -> Iterator[str]:
    for change in difference.conda:
        old, new = change.old, change.new
        before, after = (f"{p.version}" if p else "" for p in (old, new))
        if old and new and before == after:
            before, after = f"{before} {old.build}".rstrip(), f"{after} {new.build}".rstrip()
        if old and new and before == after:
            before, after = f"{before} {old.channel}", f"{after} {new.channel}"
        yield _write(change.kind, change.name, before, after)
    for pip in difference.pip:
        before, after = (p.version if p else "" for p in (pip.old, pip.new))
        if pip.old and pip.new and before == after:
            before, after = (p.direct_url or p.url or p.version for p in (pip.old, pip.new))
        yield _write(pip.kind, f"pip {pip.name}", before, after)
    for variable in difference.variables:
        # The value may be anybody's secret.
        yield f"{_OTHER_SIGN} variable {variable.name}"
    if difference.channels is not None:
        old_names, new_names = (", ".join(names) or "none" for names in difference.channels)
        yield f"{_OTHER_SIGN} channels {old_names} -> {new_names}"


def _write(kind: "ChangeKind", name: str, before: str, after: str) -> str:
    arrow = " -> " if before and after else ""
    return f"{_SIGNS.get(kind, _OTHER_SIGN)} {name} {before}{arrow}{after}"
