"""Remedies that change the spec, solved before they are offered.

Bounded in number and in time: what was not tried says so.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from envbench.engine.solver.client import SolverProcess
from envbench.envs.distributions import map_owned
from envbench.envs.doctor.view import PrefixView
from envbench.envs.generation_files import read_generation
from envbench.files import read_text_file
from envbench.formats.spec_changes import apply_changes, fit_changes
from envbench.machine.host import detect_host
from envbench.model.cleaning import clean
from envbench.model.diagnosis import Diagnosis, Remedy
from envbench.model.errors import EnvbenchError, UsageError
from envbench.model.generation import Generation
from envbench.model.matchspec import MatchSpecError, parse_match_spec
from envbench.model.problem import Severity
from envbench.model.redaction import redact
from envbench.model.spec import SpecText
from envbench.settings.load import Settings
from envbench.settings.soundness import require_sound
from envbench.workbench.path_texts import read_path
from envbench.workbench.spec_trial import SpecTrials, Trial
from envbench.workers.engine import describe_engine

MOST_TRIALS = 12
"""So many texts are solved for one examination."""
BUDGET_S = 60.0
"""For so long new solves are begun."""
SOLVE_TIMEOUT_S = 30.0
_MOST_VERSIONS = 4
_AS_IT_IS = "build the spec again as it is: it does not ask for what was installed by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedRemedies:
    """Findings whose remedies say what came of them."""

    findings: tuple[Diagnosis, ...]
    solved: int = 0
    """How many texts were solved."""
    note: str = ""
    """Why nothing was tried; empty when something was, or nothing was to be."""


def try_remedies(
    findings: Sequence[Diagnosis], view: PrefixView, settings: Settings
) -> TriedRemedies:
    """Solve the changes of the spec that remedies consist of; those without a solution come last.

    Args:
        findings: What was found.
        view: The environment.
        settings: The user's settings.
    """
    if not any(_is_worth_it(finding, r) for finding in findings for r in finding.remedies):
        return TriedRemedies(findings=tuple(findings))
    generation = read_generation(view.prefix)
    if generation is None or not generation.spec_text:
        why = "not tried: no spec of this environment is known"
        return TriedRemedies(findings=_mark_all(findings, why), note=f"remedies were {why}")
    source = _find_spec(generation)
    try:
        # A default in the place of a wrong setting could ask a public index.
        require_sound(settings)
        host = detect_host(view.environ)
        with SolverProcess(describe_engine(settings)) as solver:
            owned = {each.conda_package: name for name, each in map_owned(view.records).items()}
            trials = SpecTrials(settings, host, solver, owned, SOLVE_TIMEOUT_S)
            end = time.monotonic() + BUDGET_S
            tried = tuple(_try_finding(finding, source, trials, end) for finding in findings)
            return TriedRemedies(findings=tried, solved=trials.count)
    except EnvbenchError as fault:
        why = f"not tried: {fault.what}"
        return TriedRemedies(findings=_mark_all(findings, why), note=f"remedies were {why}")


def _is_worth_it(finding: Diagnosis, remedy: Remedy) -> bool:
    return bool(remedy.changes) and finding.severity is not Severity.INFO


def _find_spec(generation: Generation) -> SpecText:
    """Take the user's file where it is still what was built, else the text of the generation."""
    path = generation.reason.removeprefix("build ")
    recorded = SpecText(generation.spec_text, path=clean(path, limit=1000))
    if not path.startswith("/"):
        return recorded
    try:
        found = read_text_file(read_path(path), what="spec")
    except UsageError:
        return recorded
    # The recorded text has no secrets; the file has those that its channels need.
    if redact(found.text) != generation.spec_text:
        return recorded
    return SpecText(found.text, path=clean(path, limit=1000), has_bom=found.has_bom)


def _try_finding(finding: Diagnosis, source: SpecText, trials: SpecTrials, end: float) -> Diagnosis:
    remedies = [
        _try(remedy, finding, source, trials, end) if _is_worth_it(finding, remedy) else remedy
        for remedy in finding.remedies
    ]
    remedies.sort(key=lambda remedy: remedy.is_refuted)
    return replace(finding, remedies=tuple(remedies))


def _try(
    remedy: Remedy,
    finding: Diagnosis,
    source: SpecText,
    trials: SpecTrials,
    end: float,
) -> Remedy:
    if time.monotonic() > end or trials.count >= MOST_TRIALS:
        return replace(remedy, proof="not tried: enough was tried for one examination")
    try:
        changes = fit_changes(source, remedy.changes)
        remedy = replace(remedy, changes=changes)
        trial = trials.try_text(apply_changes(source, changes))
    except EnvbenchError as fault:
        why = " ".join(part for part in (fault.what, fault.why) if part)
        return replace(remedy, proof=_show(f"not tried: {why}"))
    if trial.refusal:
        return replace(remedy, proof=_show(f"no solution: {trial.refusal}"), is_refuted=True)
    proof = f"solved: {_say_versions(trial, remedy, finding)}"
    if not changes:
        # What is installed strayed from the spec, which is right as it is.
        return replace(remedy, text=_AS_IT_IS, proof=_show(proof))
    return replace(remedy, proof=_show(proof))


def _say_versions(trial: Trial, remedy: Remedy, finding: Diagnosis) -> str:
    """Name the versions that were chosen of what the finding is about."""
    names = [*_list_changed(remedy), *finding.packages]
    found = [n for n in dict.fromkeys(names) if n in trial.versions]
    shown = ", ".join(f"{name} {trial.versions[name]}" for name in found[:_MOST_VERSIONS])
    return shown or f"{len(trial.versions)} packages"


def _list_changed(remedy: Remedy) -> Iterator[str]:
    for change in remedy.changes:
        try:
            yield parse_match_spec(change.requirement).name
        except MatchSpecError:
            continue


def _mark_all(findings: Sequence[Diagnosis], why: str) -> tuple[Diagnosis, ...]:
    return tuple(
        replace(
            finding,
            remedies=tuple(
                replace(remedy, proof=_show(why)) if _is_worth_it(finding, remedy) else remedy
                for remedy in finding.remedies
            ),
        )
        for finding in findings
    )


def _show(text: str) -> str:
    return redact(clean(text, limit=600))
