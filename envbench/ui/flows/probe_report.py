"""What probes found, as text to paste into a report; a pure function."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envbench.model.diagnosis import Diagnosis
    from envbench.model.probe import ProbeCheck, ProbeResult
    from envbench.workbench.values.doctor import DoctorReport
    from envbench.workbench.values.probe_records import ProbeRecord

FRAMES = 3


def write_report(record: "ProbeRecord") -> str:
    """Write verdicts, versions, numbers and reasons, one thing a line; safe to show."""
    from envbench.model.cleaning import clean
    from envbench.model.redaction import redact

    text = "\n".join(_write(record)) + "\n"
    return redact(clean(text, limit=max(4000, 2 * len(text)), multiline=True))


def _write(record: "ProbeRecord") -> Iterator[str]:
    generation = f" generation {record.generation}" if record.generation is not None else ""
    yield f"{record.environment}{generation}: {record.job_kind} {record.job_id} {record.state}"
    yield f"started {record.started}, {record.duration_s:.1f} s, GPUs of this box: {_count(record)}"
    if record.staleness:
        yield f"out of date: {record.staleness}"
    if record.reason:
        yield f"the run ended badly: {record.reason}"
    for result in record.results:
        yield from _write_result(result)
    yield from (f"note: {each}" for each in record.notes)


def _count(record: "ProbeRecord") -> str:
    return "unknown" if record.host_gpus is None else str(record.host_gpus)


def _write_result(result: "ProbeResult") -> Iterator[str]:
    yield ""
    yield f"{result.probe}: {result.status.value} ({result.duration_s:.1f} s, {result.mode})"
    for name, found in result.distributions.items():
        words = (found.get(key, "") for key in ("version", "build", "installer"))
        yield f"  {name} {' '.join(word for word in words if word)}"
    for stage in result.stages:
        yield f"  stage {stage.name}: {'ok' if stage.ok else 'FAILED'}, {stage.duration_s:.2f} s"
    for check in result.checks:
        yield f"  check {check.name} on {check.device}: {say_check(check)}"
    if result.reason:
        yield f"  reason: {result.reason}" + (f" (stage {result.stage})" if result.stage else "")
    for error in result.errors:
        yield f"  {error.type}: {error.message}"
    for frame in result.frames[-FRAMES:]:
        yield f"    {frame}"
    for diagnosis in result.diagnoses:
        yield from _write_diagnosis(diagnosis, "  ")
    for unchecked in result.unchecked:
        yield f"  not checked: {unchecked}"


def write_findings(report: "DoctorReport") -> str:
    """Write what the doctor found, one thing a line; safe to show."""
    from envbench.model.cleaning import clean
    from envbench.model.redaction import redact

    generation = f" generation {report.generation}" if report.generation is not None else ""
    lines = [
        f"{report.environment}{generation}: doctor, {report.made}, python {report.python or '-'}"
    ]
    lines += [f"note: {note}" for note in report.notes]
    for finding in report.findings:
        lines += ["", *_write_diagnosis(finding, "")]
    if not report.findings:
        lines.append("nothing was found")
    text = "\n".join(lines) + "\n"
    return redact(clean(text, limit=max(4000, 2 * len(text)), multiline=True))


def _write_diagnosis(finding: "Diagnosis", indent: str) -> Iterator[str]:
    yield f"{indent}{finding.severity.value} {finding.code}: {finding.title}"
    yield f"{indent}  cause ({finding.confidence.value}): {finding.cause}"
    if finding.evidence:
        yield f"{indent}  proof: {finding.evidence}"
    for number, remedy in enumerate(finding.remedies, 1):
        proof = f" [{remedy.proof}]" if remedy.proof else ""
        yield f"{indent}  fix {number}: {remedy.text}{proof}"
        for change in remedy.changes:
            yield f"{indent}    {change.kind} {change.requirement} ({change.section})"
        if remedy.command:
            yield f"{indent}    $ {remedy.command}"
    if finding.references:
        yield f"{indent}  see: {', '.join(finding.references)}"


def say_check(check: "ProbeCheck") -> str:
    """Say a number with its tolerance: `right, off by 4e-16 of at most 1e-10`."""
    if check.skipped:
        return f"not run: {check.skipped}"
    verdict = "right" if check.ok else "WRONG"
    return f"{verdict}, off by {show_error(check.error)} of at most {show_error(check.tolerance)}"


def show_error(value: float | None) -> str:
    """Write a deviation with two digits; a dash when it is unknown."""
    return "-" if value is None else "0" if value == 0 else f"{value:.1e}"
