"""Which finding of the doctor or of the probes is meant, and whether its remedy can be applied."""

from typing import TYPE_CHECKING

from envbench.ui.environment_choice import show_name
from envbench.ui.state import EXAMINATION, PROBES, ScreenState

if TYPE_CHECKING:
    from envbench.model.diagnosis import Diagnosis, Remedy
    from envbench.model.probe import ProbeResult


def finding_key(number: int) -> str:
    """Give the key of a finding's row."""
    return f"finding:{number}"


def chosen_result(state: ScreenState) -> "ProbeResult | None":
    """Give the probe under the cursor, else the first that is not fine, else the first."""
    record = state.probes.value if state.probes.about == state.environment else None
    results = record.results if record is not None else ()
    key = state.selected.get(PROBES, "")
    wanted = [each for each in results if f"probe:{each.probe}" == key]
    fine = {"ok", "not_installed", "skipped"}
    bad = [each for each in results if each.status.value not in fine]
    return next(iter((*wanted, *bad, *results)), None)


def chosen_finding(state: ScreenState) -> "Diagnosis | None":
    """Give the finding under the cursor, else the worst; of a probe its most certain one."""
    if state.probe_face != EXAMINATION:
        result = chosen_result(state)
        return next(iter(result.diagnoses), None) if result is not None else None
    fact = state.examination
    report = fact.value if fact.about == state.environment else None
    findings = report.findings if report is not None else ()
    number = state.selected.get(PROBES, "").partition(":")[2]
    at = int(number) if number.isascii() and number.isdecimal() else 0
    return findings[at] if at < len(findings) else next(iter(findings), None)


def is_solved(remedy: "Remedy") -> bool:
    """Whether a solve of the changed spec has found a way."""
    return remedy.proof.startswith("solved") and not remedy.is_refuted


def offered_remedies(finding: "Diagnosis") -> "tuple[Remedy, ...]":
    """Give the remedies that change the spec in a way that was solved."""
    return tuple(each for each in finding.remedies if each.changes and is_solved(each))


def _say_why_none(finding: "Diagnosis") -> str:
    changing = [remedy for remedy in finding.remedies if remedy.changes]
    if not changing:
        return "no change of the spec mends it: the remedies say what to do"
    if all(remedy.is_refuted for remedy in changing):
        return "every change that was tried has no solution"
    return "its change was not solved: v examines the environment and solves what it offers"


def refuse_fix(state: ScreenState) -> str:
    """Say why no remedy can be put into the spec; empty when one can."""
    finding = chosen_finding(state)
    if finding is None:
        return "nothing is wrong here that is known"
    if not offered_remedies(finding):
        return _say_why_none(finding)
    spec = state.spec
    name = show_name(state, state.environment)
    if spec is None or spec.environment != state.environment:
        return f"open the spec of {name} first: Enter on it in the list of specs"
    return f"{spec.name} cannot be changed: {spec.read_only}" if spec.read_only else ""
