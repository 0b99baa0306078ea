"""From a result to what it means: every rule over every text, and the nearest to the cause first."""

import re
from dataclasses import dataclass, replace

from envbench.model.cleaning import clean
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy, SpecChange
from envbench.model.probe import ProbeResult, ProbeStatus
from envbench.model.problem import Severity
from envbench.model.redaction import redact
from envbench.probes.diagnosis.evidence import Evidence, Passage
from envbench.probes.diagnosis.leaks import Leak, find_leaks
from envbench.probes.diagnosis.missing_driver import tell_half_a_driver
from envbench.probes.diagnosis.outcomes import Outcome, read_outcome
from envbench.probes.diagnosis.rule import Fields, Fix, Rank, Rule
from envbench.probes.diagnosis.rules import box, gpu, loading, modules, numpy_abi, versions
from envbench.probes.diagnosis.surroundings import Surroundings

RULES: tuple[Rule, ...] = (
    *numpy_abi.RULES,
    *loading.RULES,
    *versions.RULES,
    *gpu.RULES,
    *modules.RULES,
    *box.RULES,
)
"""All of them; of two that stand equally near to the cause, the one before leads."""

_MOST = 4
"""More than this many diagnoses of one outcome help nobody."""
_LOG_STEP = 5
"""A line of the log stands behind an exception of the same nearness: nobody raised it."""
_FACT_STEP = 2
"""What a probe concluded stands behind what the framework itself said."""
_NOTICE_STEP = 60
"""What is printed by runs that are fine as well explains a failure only when nothing else does."""
_NOTICE = re.compile(
    r"^\s*(?:\d{4}-\d\d-\d\d[ T][\d:.,]+:? )?(?:[IW](?:\d{4})? |\[?[IW]:|\[?INFO|\[?WARN)|\w*Warning: "
    r"|failed call to cuInit|plugin configuration error|Could not find cuda drivers|[Ff]all(?:ing|s|en)? ?back\b"
)
"""Lines that say themselves that they are no errors, and those that every GPU build prints without a GPU."""
_HARMLESS = re.compile(
    r"\b(?:can|may)(?: be)?(?: safely)? ignored? |: ignored\.?$|\bnot an? (?:failure|error)\b|\bharmless\b"
    r"|^libibverbs: Warning|libnvinfer\w*\.so|TF-TRT Warning|libtpu\.so"
    r"|[Bb]ackend '(?:tpu|rocm|metal|interpreter)'|already (?:been )?registered",
    re.MULTILINE,
)
"""Lines of a log that explain nothing: they say so, or are about what is optional wherever it is."""
_FINE = frozenset({ProbeStatus.OK, ProbeStatus.SKIPPED})
_GPU_LIBRARY = re.compile(
    r"lib(?:cuda|cud|cublas|cufft|curand|cusolver|cusparse|nccl|nvrtc|nvJitLink|amdhip|roc|hip|MIOpen|torch|c10"
    r"|onnxruntime_providers)|xla|Could not find cuda|GPU libraries|ExecutionProvider|\bcu[A-Z]{3,}|\bNCCL\b"
)
"""Libraries without which a build for GPUs falls back to the CPU."""
_DEVICE_CODES = ("gpu.", "lib.cuda_runtime_missing")
_DEGRADE_CODES = ("gpu.", "lib.", "pin.jaxlib", "pin.torchvision", "abi.torch_cxx")


@dataclass(frozen=True, slots=True)
class _Finding:
    weight: int
    diagnosis: Diagnosis


def diagnose(
    result: ProbeResult, *, surroundings: Surroundings | None = None, log: str = ""
) -> tuple[Diagnosis, ...]:
    """Say what an outcome means.

    Args:
        result: What a probe found, with its second run where one was made.
        surroundings: What is known of the box and the user's variables.
        log: All that was printed, where more than the result keeps is at hand.

    Returns:
        The nearest to the cause first. For a result that is fine only what leaks into it from outside
        is told; for a failure that nobody knows, nothing is.
    """
    evidence = Evidence(result, surroundings or Surroundings(), log)
    leaks = find_leaks(evidence)
    if result.status in _FINE:
        return tuple(_tell_leak(leak, evidence) for leak in leaks)
    findings = [*_apply_rules(evidence)]
    if outcome := read_outcome(evidence):
        findings.append(_Finding(_weigh_outcome(outcome), _tell_outcome(outcome, evidence)))
    findings = _put_driver_first(findings, evidence)
    findings.sort(key=lambda finding: finding.weight)
    chosen = [tell_half_a_driver(diagnosis, evidence) for diagnosis in _choose(findings)]
    return _put_leaks(chosen, leaks, evidence)[:_MOST]


def _put_driver_first(findings: list[_Finding], evidence: Evidence) -> list[_Finding]:
    """Let a fall-back to the CPU on a box without a driver begin with that, whatever else is told.

    Libraries that are missing, too, would mend nothing by themselves there.
    """
    told = [finding for finding in findings if finding.diagnosis.code == "gpu.no_driver"]
    is_cause = evidence.result.status is ProbeStatus.DEGRADED and evidence.has_no_driver
    if not (told and is_cause):
        return findings
    others = [finding for finding in findings if finding not in told]
    lines = {finding.diagnosis.evidence for finding in others}
    # A line that tells of something else, too, is left to that.
    nearest = min(told, key=lambda each: (each.diagnosis.evidence in lines, each.weight))
    first = min(finding.weight for finding in findings)
    return [replace(nearest, weight=first - 1), *others]


def _apply_rules(evidence: Evidence) -> list[_Finding]:
    return [
        finding
        for position, rule in enumerate(RULES)
        for passage in evidence.passages
        if (finding := _apply(rule, position, passage, evidence)) is not None
    ]


def _apply(rule: Rule, position: int, passage: Passage, evidence: Evidence) -> _Finding | None:
    status = evidence.result.status
    if passage.source == "log" and not rule.in_log and evidence.result.errors:
        return None
    matches = [match for match in rule.search(passage.text) if _counts(match, passage)]
    if rule.rank is Rank.LAST:
        matches.reverse()  # the end of a log is where it failed
    for match in matches:
        read = {name: value or "" for name, value in match.groupdict().items()}
        fields = _refine(rule, read, evidence)
        if fields is None:
            continue
        line = _line_of(passage.text, match)
        code = fields.get("code", rule.code)
        is_notice = passage.source == "log" and (rule.is_notice or bool(_NOTICE.search(line)))
        if not _explains(code, line, passage, is_notice, evidence):
            continue
        weight = int(rule.rank)
        if passage.source == "facts":
            weight += _FACT_STEP
        if passage.source == "log":
            weight += _LOG_STEP if evidence.result.errors else 0
            weight += _NOTICE_STEP if is_notice and status is not ProbeStatus.DEGRADED else 0
        order = weight * 10_000 + passage.depth * 1000 + position
        return _Finding(order, _tell_rule(rule, fields, line, passage.source, evidence))
    return None


def _refine(rule: Rule, fields: Fields, evidence: Evidence) -> Fields | None:
    """Read the fields closer; None when the rule has nothing to say of them."""
    if rule.refine is None:
        return fields
    try:
        return rule.refine(fields, evidence)
    except ValueError:
        # Texts come from anywhere: what looks like a version or a number need not be one.
        return None


def _explains(code: str, line: str, passage: Passage, is_notice: bool, evidence: Evidence) -> bool:
    """Tell whether a line can be the reason of what came of the run."""
    if evidence.result.status is ProbeStatus.DEGRADED:
        is_about_gpus = not code.startswith("lib.") or passage.source != "log"
        return code.startswith(_DEGRADE_CODES) and (
            is_about_gpus or bool(_GPU_LIBRARY.search(line))
        )
    if not is_notice:
        return True
    if code.startswith(_DEVICE_CODES):
        return False  # every run on a box without a GPU says so
    # A warning about something else than what was at work is only noise beside the failure.
    return any(name.lower() in line.lower() for name in evidence.importers)


def _counts(match: "re.Match[str]", passage: Passage) -> bool:
    return passage.source != "log" or not _HARMLESS.search(_line_of(passage.text, match))


def _weigh_outcome(outcome: Outcome) -> int:
    return int(outcome.rank) * 10_000 + 9_999


def _line_of(text: str, match: "re.Match[str]") -> str:
    # A match that begins with a line break belongs to the line behind it.
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    begin = text.rfind("\n", 0, start) + 1
    end = text.find("\n", start)
    return redact(clean(text[begin : end if end >= 0 else None].strip(), limit=300))


def _choose(findings: list[_Finding]) -> list[Diagnosis]:
    """Keep each code once, and a symptom only when no cause stands before it."""
    chosen: dict[str, Diagnosis] = {}
    lines: set[str] = set()
    nearest = findings[0].weight if findings else 0
    for finding in findings:
        told = finding.diagnosis
        is_far = finding.weight - nearest >= Rank.CAUSE * 10_000 and finding.weight >= 150_000
        if told.code in chosen or is_far or (told.evidence and told.evidence in lines):
            continue
        chosen[told.code] = told
        lines.add(told.evidence)
    return list(chosen.values())


def _put_leaks(
    chosen: list[Diagnosis], leaks: tuple[Leak, ...], evidence: Evidence
) -> tuple[Diagnosis, ...]:
    if not leaks:
        return tuple(chosen)
    told = [_tell_leak(leak, evidence) for leak in leaks]
    freed = [_without_changes(diagnosis, told[0]) for diagnosis in chosen]
    # PYTHONPATH is set on purpose: then what does not fit leads, and where it comes from stands behind.
    known = (
        freed[:1] if freed and _is_known(freed[0]) and leaks[0].code == "leak.pythonpath" else []
    )
    return (*known, *told, *freed[len(known) :])


def _is_known(diagnosis: Diagnosis) -> bool:
    return not diagnosis.code.startswith(
        ("missing.", "signal.", "exit", "hang", "pin.api", "host.")
    )


def _without_changes(diagnosis: Diagnosis, leak: Diagnosis) -> Diagnosis:
    """The environment by itself is fine: a change of its spec would mend nothing."""
    kept = diagnosis.remedies if diagnosis.code == "shadow.module" else ()
    return replace(
        diagnosis,
        cause=f"{diagnosis.cause} The environment by itself is fine: it comes from outside.",
        remedies=(*kept, *leak.remedies),
    )


_LEAK_WORDS = {
    "leak.usersite": (
        "your own packages in {path} are used instead of the environment's",
        "Python puts the user's site-packages before the environment's unless it is told not to: what was "
        "installed with `pip install --user` is seen by every environment of the same Python.",
        ("keep the user's packages out", "export PYTHONNOUSERSITE=1"),
    ),
    "leak.pythonpath": (
        "PYTHONPATH brings other packages than the environment's: {path}",
        "Everything on PYTHONPATH is found before the packages of the environment.",
        ("take it off the path", "unset PYTHONPATH"),
    ),
    "leak.ld_library_path": (
        "LD_LIBRARY_PATH brings other libraries than the environment's: {path}",
        "The loader looks there before it looks into the environment.",
        ("take it off the path", "unset LD_LIBRARY_PATH"),
    ),
}


def _tell_leak(leak: Leak, evidence: Evidence) -> Diagnosis:
    title, cause, (text, command) = _LEAK_WORDS[leak.code]
    what = ", ".join(leak.what[:5])
    is_fine = evidence.result.status in _FINE
    compared = "" if is_fine else " With it shut off, the probe is fine."
    path = redact(clean(leak.path))
    return Diagnosis(
        code=leak.code,
        severity=Severity.WARNING if is_fine else Severity.ERROR,
        title=title.format(path=path) + (f" ({what})" if what else ""),
        cause=cause + compared,
        remedies=(
            Remedy(text=text, command=command),
            Remedy(text="try it shut off", command="python -I ..."),
        ),
        confidence=leak.confidence,
        evidence=f"{what} from {path}" if what else path,
        found_in="facts",
        packages=leak.what,
        references=("conda/conda#448", "conda/conda#6018"),
    )


def _tell_rule(rule: Rule, fields: Fields, line: str, source: str, evidence: Evidence) -> Diagnosis:
    known = _Known(fields)
    title = fields.get("title", rule.title).format_map(known)
    cause = fields.get("cause", rule.cause).format_map(known)
    packages = (package.format_map(known) for package in rule.packages)
    status = evidence.result.status
    return Diagnosis(
        code=fields.get("code", rule.code),
        severity=Severity.WARNING if status is ProbeStatus.DEGRADED else Severity.ERROR,
        title=_tidy(title, 200),
        cause=_tidy(cause, 600),
        remedies=tuple(_tell_fixes(rule.fixes, fields, evidence)),
        confidence=Confidence(fields.get("confidence", rule.confidence)),
        evidence=line,
        found_in=source,
        packages=tuple(dict.fromkeys(name for name in packages if name)),
        references=rule.references,
    )


def _tell_outcome(outcome: Outcome, evidence: Evidence) -> Diagnosis:
    status = evidence.result.status
    return Diagnosis(
        code=outcome.code,
        severity=Severity.WARNING if status is ProbeStatus.DEGRADED else Severity.ERROR,
        title=_tidy(outcome.title, 200),
        cause=outcome.cause,
        remedies=tuple(_tell_fixes(outcome.fixes, {}, evidence)),
        confidence=outcome.confidence,
        evidence=redact(clean(outcome.evidence, limit=300)),
        found_in="facts",
        packages=outcome.packages,
        references=outcome.references,
    )


class _Known(dict[str, str]):
    """The fields of a template; what is unknown is empty."""

    def __missing__(self, name: str) -> str:
        return ""


_FIELD = re.compile(r"\{(\w+)\}")


def _tell_fixes(fixes: tuple[Fix, ...], fields: Fields, evidence: Evidence) -> list[Remedy]:
    """Fill in the ways out; one that has nothing to name is left out."""
    told: dict[str, Remedy] = {}
    for fix in fixes:
        named = _FIELD.findall(" ".join((fix.text, fix.command, *fix.requires, *fix.removes)))
        if not all(fields.get(name) for name in named):
            continue
        if fields.get("fix") and fix.text != "{fix}" and not fix.requires:
            continue  # the general way out is for what nobody could tell more about
        known = _Known(fields)
        wanted = [text.format_map(known) for text in fix.requires]
        is_conda_only = fix.section == "conda" or any("=*=" in text for text in wanted)
        if not evidence.has_conda and is_conda_only:
            continue
        changes = [
            _change("require", text, evidence, fix.section)
            for text in wanted
            if evidence.has_conda or text.split()[0] not in _CONDA_ONLY
        ] + [
            _change("remove", text.format_map(known), evidence, fix.section) for text in fix.removes
        ]
        text = _tidy(fix.text.format_map(known), 200)
        command = fix.command.format_map(known) or _install_command(changes, evidence)
        told.setdefault(text, Remedy(text=text, command=command, changes=tuple(changes)))
    return list(told.values())


_CONDA_ONLY = frozenset({"libstdcxx", "libblas", "libgcc", "pytorch-gpu", "cxx-compiler"})
_PIP_NAMES = {
    "pytorch": "torch",
    "cudnn": "nvidia-cudnn-cu12",
    "cuda-nvcc": "nvidia-cuda-nvcc-cu12",
}


def _change(kind: str, requirement: str, evidence: Evidence, section: str) -> SpecChange:
    name, _, constraint = requirement.strip().partition(" ")
    constraint = "" if constraint == ">=0" else constraint
    if name in _CONDA_ONLY:
        section = "conda"
    section = section or evidence.section_of(name)
    if section == "pip" and "=*=" not in constraint:
        constraint = re.sub(r"^=(?=\d)", "==", constraint)
        return SpecChange(
            kind=kind, requirement=f"{_PIP_NAMES.get(name, name)}{constraint}", section="pip"
        )
    return SpecChange(kind=kind, requirement=f"{name} {constraint}".strip())


def _install_command(changes: list[SpecChange], evidence: Evidence) -> str:
    wanted = [change for change in changes if change.kind == "require"]
    if not wanted or not evidence.result.prefix:
        return ""
    listed = " ".join(f"'{change.requirement}'" for change in wanted)
    if all(change.section == "pip" for change in wanted):
        return f"{evidence.result.prefix}/bin/python -m pip install {listed}"
    return f"conda install -p {evidence.result.prefix} {listed}"


def _tidy(text: str, limit: int) -> str:
    return redact(clean(re.sub(r"\s+", " ", text).strip(), limit=limit))
