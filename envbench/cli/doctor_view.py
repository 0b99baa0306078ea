"""Findings of the doctor as text: what, why, the evidence, and what to do."""

from typing import TYPE_CHECKING

from envbench.cli.diagnosis_view import show_diagnosis
from envbench.cli.output import say
from envbench.model.problem import Severity

if TYPE_CHECKING:
    from envbench.workbench.values.doctor import DoctorReport


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
        show_diagnosis(finding)
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
