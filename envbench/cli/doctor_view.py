"""Findings of the doctor as text: what, why, the evidence, and what to do."""

from typing import TYPE_CHECKING

from envbench.cli.output import Painted, say
from envbench.cli.table import fold, terminal_width
from envbench.model.diagnosis import Diagnosis, Remedy
from envbench.model.problem import Severity

if TYPE_CHECKING:
    from envbench.workbench.values.doctor import DoctorReport

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_INDENT = "    "


def show_report(report: "DoctorReport", *, with_info: bool) -> None:
    """Print all findings to stdout, the worst first, the sum last.

    Args:
        report: What was found.
        with_info: Print what is only worth knowing in full, too.
    """
    hidden = 0
    for finding in report.findings:
        if finding.severity is Severity.INFO and not with_info:
            hidden += 1
            continue
        _show_finding(finding)
    counts = {level: sum(f.severity is level for f in report.findings) for level in Severity}
    found = ", ".join(
        f"{count} {level.value}{'s' if count > 1 and level is not Severity.INFO else ''}"
        for level, count in counts.items()
        if count
    )
    python = f"Python {report.python}, " if report.python else ""
    say(f"{report.environment}: {python}{found or 'nothing found'} ({report.duration_s:.1f} s)")
    for note in report.notes:
        say(f"note: {note}", err=True)
    if hidden:
        say(f"note: {hidden} worth knowing are left out: --all shows them", err=True)


def _show_finding(finding: Diagnosis) -> None:
    level = Painted(finding.severity.value, _COLOURS[finding.severity], bold=True)
    say(level, f" {finding.code}  {finding.title}")
    _say_indented(finding.cause)
    if finding.evidence:
        where = f" ({finding.found_in})" if finding.found_in else ""
        _say_indented(f"seen: {finding.evidence}{where}")
    for remedy in finding.remedies:
        _show_remedy(remedy)
    if finding.references:
        _say_indented(f"see: {', '.join(finding.references)}")


def _show_remedy(remedy: Remedy) -> None:
    mark = "no way out" if remedy.is_refuted else "do"
    _say_indented(f"{mark}: {remedy.text}")
    for change in remedy.changes:
        what = "remove" if change.kind == "remove" else "in the spec"
        place = " under pip" if change.section == "pip" else ""
        _say_indented(f"  {what}{place}: {change.requirement}")
    if remedy.command:
        _say_indented(f"  $ {remedy.command}")
    if remedy.proof:
        _say_indented(f"  {remedy.proof}")


def _say_indented(text: str) -> None:
    say(fold(_INDENT + text, terminal_width(), _INDENT + "  "))
