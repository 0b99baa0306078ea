"""What works on this box: framework by version by device, each verdict with what it rests on."""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from envbench.envs.doctor.examination import examine_prefix
from envbench.envs.doctor.view import PrefixView
from envbench.envs.generation_files import read_generation
from envbench.files import MIB, read_bytes, write_atomically
from envbench.formats.compatibility_markdown import MARKDOWN_TITLE, write_markdown
from envbench.machine.gpus import DriverFacts
from envbench.model.cleaning import clean
from envbench.model.compatibility_report import CompatibilityReport, CompatibilityVerdict
from envbench.model.diagnosis import Diagnosis
from envbench.model.document import encode
from envbench.model.errors import EnvbenchError, UsageError
from envbench.model.probe import ProbeResult
from envbench.model.problem import Severity
from envbench.settings.load import Settings
from envbench.workbench.compatibility_rows import list_rows
from envbench.workbench.doctor import view_environment
from envbench.workbench.probe_records import latest_probes
from envbench.workbench.values.probe_records import ProbeRecord

SCHEMA = "envbench.compatibility/1"


def report_compatibility(
    reference: str, settings: Settings, *, driver: DriverFacts | None = None
) -> CompatibilityReport:
    """Say for each framework of an environment on which device it works, and how that is known.

    Numbers of the last probes count first, then what builds and driver say of themselves, tables
    last; nothing is run or imported here.

    Args:
        reference: Name, `NAME@GENERATION`, or path.
        settings: The user's settings.
        driver: What the driver says; it is asked when this is None.

    Raises:
        UsageError: There is no such environment.
    """
    view = view_environment(reference, settings, driver)
    findings = examine_prefix(view)
    record, notes = _find_probes(reference, settings, view)
    results = {result.probe: result for result in record.results} if record else {}
    generation = read_generation(view.prefix)
    return CompatibilityReport(
        environment=reference,
        prefix=str(view.prefix),
        generation=generation.number if generation else None,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        python=view.python,
        host=clean(os.uname().nodename, limit=100),
        driver=view.driver.version,
        cuda=view.driver.cuda,
        rows=list_rows(view, results, findings),
        findings=(*findings, *_list_diagnoses(results.values())),
        probed=record.started if record else "",
        notes=(*notes, *_note_driver(view)),
    )


def write_report(report: CompatibilityReport, path: Path) -> None:
    """Write a report as its file's ending says: `.md` or `.json`.

    Raises:
        UsageError: Another ending, or the file is something else.
        PreventedError: The system refused.
    """
    if path.suffix == ".json":
        data = encode(report, schema=SCHEMA) + b"\n"
        mark = b'{"schema":"envbench.compatibility/'
    elif path.suffix == ".md":
        data = write_markdown(report).encode()
        mark = MARKDOWN_TITLE.encode()
    else:
        raise UsageError(
            f"a report is written as .md or .json, not as {clean(path.name, limit=80)!r}"
        )
    if path.exists() and not read_bytes(path, limit_bytes=64 * MIB).startswith(mark):
        raise UsageError(
            "the file is no report, so it is left as it is",
            where=clean(str(path), limit=400),
            hint="choose another name",
        )
    write_atomically(path, data, mode=0o644)


def is_fine(report: CompatibilityReport) -> bool:
    """Whether everything works or should, as far as that is known."""
    bad = {
        CompatibilityVerdict.FAILS,
        CompatibilityVerdict.WILL_FAIL,
        CompatibilityVerdict.DEGRADED,
    }
    return all(row.verdict not in bad for row in report.rows) and all(
        finding.severity is Severity.INFO for finding in report.findings
    )


def _find_probes(
    reference: str, settings: Settings, view: PrefixView
) -> tuple[ProbeRecord | None, tuple[str, ...]]:
    """Find the results of the last probes that still tell of what is there, and what to note."""
    hint = f"envbench probe {reference} computes numbers"
    name = reference if "/" in reference else reference.partition("@")[0]
    try:
        record = latest_probes(name, settings)
    except EnvbenchError as fault:
        return None, (f"results of probes cannot be read: {fault.what}",)
    if record is None or not record.results:
        return None, (f"nothing was computed yet: {hint}",)
    if any(result.prefix != str(view.prefix) for result in record.results):
        return None, (f"the last probes were of another generation: {hint}",)
    if record.staleness:
        return None, (f"the last probes tell of the past ({record.staleness}): {hint}",)
    return record, tuple(record.notes)


def _list_diagnoses(results: Iterable[ProbeResult]) -> Iterator[Diagnosis]:
    for result in results:
        yield from result.diagnoses


def _note_driver(view: PrefixView) -> Iterator[str]:
    if not view.driver.gpus:
        yield f"no GPU is listed: {view.driver.reason or 'the driver names none'}"
