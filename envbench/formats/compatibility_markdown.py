"""A compatibility report as Markdown, to be put beside a spec or into a ticket."""

from collections.abc import Iterator, Sequence

from envbench.model.cleaning import clean
from envbench.model.compatibility.same_devices import merge_devices
from envbench.model.compatibility_report import CompatibilityReport, CompatibilityVerdict
from envbench.model.diagnosis import Diagnosis, Remedy
from envbench.model.problem import Severity

MARKDOWN_TITLE = "# Compatibility of "
"""How every such file begins."""

_MARKS = {
    CompatibilityVerdict.WORKS: "works",
    CompatibilityVerdict.SHOULD_WORK: "should work",
    CompatibilityVerdict.DEGRADED: "**degraded**",
    CompatibilityVerdict.FAILS: "**fails**",
    CompatibilityVerdict.WILL_FAIL: "**will fail**",
    CompatibilityVerdict.UNKNOWN: "unknown",
}
_TEXT_LIMIT = 2000
_SPECIAL = "\\`*_{}[]<>#|~!"


def write_markdown(report: CompatibilityReport) -> str:
    """Write a report; text that came from outside is shown literally."""
    lines = [f"{MARKDOWN_TITLE}{_plain(report.environment)}", "", *_head(report), ""]
    lines += ["| framework | version | build | device | verdict | why | rests on |"]
    lines += ["|---|---|---|---|---|---|---|", *_rows(report)]
    if not report.rows:
        lines.append("| none of the known ones | | | | | | |")
    worse = [finding for finding in report.findings if finding.severity is not Severity.INFO]
    lines += ["", "## Findings", ""]
    lines += [line for finding in worse for line in _finding(finding)] or ["None.", ""]
    lines += _section("Worth knowing", [f for f in report.findings if f not in worse])
    if report.notes:
        lines += ["## Not in this report", "", *(f"- {_plain(note)}" for note in report.notes), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _head(report: CompatibilityReport) -> Iterator[str]:
    generation = f", generation {report.generation}" if report.generation is not None else ""
    driver = (
        f"NVIDIA driver {_plain(report.driver)}, CUDA up to {_plain(report.cuda or 'unknown')}"
        if report.driver
        else "no NVIDIA driver"
    )
    yield f"- environment: `{_code(report.prefix)}`{generation}"
    yield f"- Python: {_plain(report.python) or 'none'}"
    yield f"- box: {_plain(report.host)}, {driver}"
    yield f"- made: {report.made}; " + (
        f"probed: {report.probed}" if report.probed else "not probed: no number was computed"
    )


def _rows(report: CompatibilityReport) -> Iterator[str]:
    for row in merge_devices(report.rows):
        cells = (
            _plain(row.framework),
            _plain(row.version),
            _plain(row.build),
            _plain(row.device),
            _MARKS[row.verdict],
            _plain(row.reason),
            _plain(row.proof),
        )
        yield f"| {' | '.join(cells)} |"


def _section(title: str, findings: Sequence[Diagnosis]) -> list[str]:
    if not findings:
        return []
    lines = [f"- {_plain(finding.title)} (`{_code(finding.code)}`)" for finding in findings]
    return [f"## {title}", "", *lines, ""]


def _finding(finding: Diagnosis) -> Iterator[str]:
    yield f"### {finding.severity.value}: {_plain(finding.title)}"
    yield ""
    yield f"{_plain(finding.cause)} (`{_code(finding.code)}`, {finding.confidence.value})"
    yield ""
    if finding.evidence:
        yield f"- seen: `{_code(finding.evidence)}`"
    for remedy in finding.remedies:
        yield f"- {_remedy(remedy)}"
    if finding.references:
        yield f"- see: {_plain(', '.join(finding.references))}"
    yield ""


def _remedy(remedy: Remedy) -> str:
    text = ("no way out: " if remedy.is_refuted else "do: ") + _plain(remedy.text)
    changes = "; ".join(
        f"{change.kind} `{_code(change.requirement)}` ({_plain(change.section)})"
        for change in remedy.changes
    )
    command = f" `{_code(remedy.command)}`" if remedy.command else ""
    proof = f" [{_plain(remedy.proof)}]" if remedy.proof else ""
    return text + (f": {changes}" if changes else "") + command + proof


def _plain(text: str) -> str:
    """Write text so that Markdown shows it as it is, in one line."""
    one_line = clean(" ".join(text.split()), limit=_TEXT_LIMIT)
    return "".join(f"\\{each}" if each in _SPECIAL else each for each in one_line)


def _code(text: str) -> str:
    """Write text for between backticks, in one line; a bar would end a cell."""
    one_line = clean(" ".join(text.split()), limit=_TEXT_LIMIT)
    return one_line.replace("`", "'").replace("|", "¦")
