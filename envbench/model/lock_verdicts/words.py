"""Findings in lines, and how many there are of each kind."""

from collections import Counter
from collections.abc import Iterable

from envbench.model.counting import count_of
from envbench.model.lock_verdicts.finding import Finding, FindingMark, Judgement

_WORDS = {
    FindingMark.GONE: "missing",
    FindingMark.ADDED: "more",
    FindingMark.CHANGED: "changed",
}


def say_finding(finding: Finding) -> str:
    """Say one in a line that begins with its place: `conda-lock.yml:12: ~ numpy: 1.26 -> 2.0`."""
    where = f"{finding.places[0]}: " if finding.places else ""
    platform = f" on {finding.platform}" if finding.platform else ""
    return f"{where}{finding.mark.value} {finding.name}{platform}: {finding.message}"


def say_judgement(judgement: Judgement) -> tuple[str, ...]:
    """Say all of it in lines, differences first."""
    return (
        *map(say_finding, judgement.findings),
        *(f"not compared: {what}" for what in judgement.not_compared),
        *(f"note: {note}" for note in judgement.notes),
        *((f"the box must have: {', '.join(judgement.needs)}",) if judgement.needs else ()),
    )


def count_findings(findings: Iterable[Finding]) -> str:
    """Count them: `3 differences (2 changed, 1 missing)`."""
    counts = Counter(finding.mark for finding in findings)
    parts = ", ".join(f"{counts[mark]} {word}" for mark, word in _WORDS.items() if counts[mark])
    return f"{count_of(counts.total(), 'difference')} ({parts})"
