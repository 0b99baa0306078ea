"""The differences between two locks as findings: with a mark, and the lines of both."""

from envbench.model.lock_comparison import Drift, DriftKind, LockComparison
from envbench.model.lock_verdicts.finding import (
    Finding,
    FindingGroup,
    FindingMark,
    Judgement,
    Place,
)
from envbench.model.lock_verdicts.side import LockSide
from envbench.model.redaction import redact

_MARKS = {DriftKind.MISSING: FindingMark.GONE, DriftKind.EXTRA: FindingMark.ADDED}
_GROUPS = {
    DriftKind.PLATFORM: FindingGroup.PLATFORM,
    DriftKind.CHANNELS: FindingGroup.CHANNELS,
    DriftKind.INDEXES: FindingGroup.PIP,
    DriftKind.VARIABLE: FindingGroup.VARIABLES,
}
_OF_MANAGER = {"conda": FindingGroup.CONDA, "pip": FindingGroup.PIP}


def judge_comparison(comparison: LockComparison, one: LockSide, other: LockSide) -> Judgement:
    """Say what a comparison of two sides found."""
    findings = tuple(_find(drift, one, other) for drift in comparison.drifts)
    return Judgement(findings=findings, not_compared=comparison.unchecked)


def _find(drift: Drift, one: LockSide, other: LockSide) -> Finding:
    return Finding(
        mark=_mark(drift),
        group=_GROUPS.get(drift.kind) or _OF_MANAGER[drift.manager],
        name=drift.name,
        message=redact(_say(drift)),
        places=(*_places(drift, one, drift.line), *_places(drift, other, drift.installed_line)),
    )


def _mark(drift: Drift) -> FindingMark:
    if drift.kind is DriftKind.VARIABLE and not (drift.locked and drift.installed):
        return FindingMark.GONE if drift.locked else FindingMark.ADDED
    return _MARKS.get(drift.kind, FindingMark.CHANGED)


def _say(drift: Drift) -> str:
    here, there = (_without_name(text, drift) for text in (drift.locked, drift.installed))
    if here and there:
        return f"{here} -> {there}"
    return here or there or "empty"


def _without_name(text: str, drift: Drift) -> str:
    for start in (f"{drift.name} ", f"{drift.name}=="):
        if drift.manager and text.startswith(start):
            return text.removeprefix(start)
    return text


def _places(drift: Drift, side: LockSide, line: int | None) -> tuple[Place, ...]:
    path = (side.pip_path or side.path) if drift.manager == "pip" else side.path
    return (Place(path, line),) if path and line is not None else ()
