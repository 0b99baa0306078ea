"""What works on this box: framework by version by device, each verdict with what it rests on."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from envbench.envs.doctor.examination import examine_prefix
from envbench.envs.doctor.frameworks import Framework, list_frameworks
from envbench.envs.doctor.view import GpuFacts, PrefixView
from envbench.envs.generation_files import read_generation
from envbench.files import MIB, read_bytes, write_atomically
from envbench.formats.compatibility_markdown import MARKDOWN_TITLE, write_markdown
from envbench.machine.gpus import DriverFacts
from envbench.model.cleaning import clean
from envbench.model.compatibility.architectures import has_code_for
from envbench.model.compatibility.drivers import DriverFit, judge_driver
from envbench.model.compatibility_report import (
    CompatibilityReport,
    CompatibilityRow,
    CompatibilityVerdict,
)
from envbench.model.diagnosis import Diagnosis
from envbench.model.document import encode
from envbench.model.errors import EnvbenchError, UsageError
from envbench.model.probe import ProbeCheck, ProbeResult, ProbeStatus
from envbench.model.problem import Severity
from envbench.probes.catalog import PROBES
from envbench.settings.load import Settings
from envbench.workbench.doctor import view_environment
from envbench.workbench.probe_records import latest_probes
from envbench.workbench.sufferers import list_sufferers
from envbench.workbench.values.probe_records import ProbeRecord

SCHEMA = "envbench.compatibility/1"
_BROKEN = frozenset(
    {ProbeStatus.FAILED, ProbeStatus.CRASHED, ProbeStatus.EXITED, ProbeStatus.TIMEOUT}
)
_NOT_FRAMEWORKS = frozenset({"python", "pip"})
_ON_TORCH = frozenset(
    {"torchvision", "transformers", "deepspeed", "flash-attn", "vllm", "bitsandbytes", "triton"}
)
"""What computes on a GPU through torch: where its own files do not say, torch's build decides."""
_GPU_NAMES = _ON_TORCH | {
    "torch", "tensorflow", "jax", "cupy", "onnxruntime", "numba", "cudf", "xgboost",
}  # fmt: skip
"""What can compute on a GPU."""
_GPU_ONLY = frozenset({"cupy", "flash-attn", "triton", "cudf", "vllm"})


@dataclass(frozen=True, slots=True)
class _Subject:
    """One framework with all that is known of it."""

    framework: Framework
    result: ProbeResult | None
    """Of the last probe, where that still tells of what is there."""
    findings: tuple[Diagnosis, ...]
    """Errors that it suffers from."""


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
        rows=tuple(
            row
            for subject in _list_subjects(view, results, findings)
            for row in _judge(subject, view)
        ),
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
    try:
        record = latest_probes(reference.partition("@")[0], settings)
    except EnvbenchError as fault:
        return None, (f"results of probes cannot be read: {fault.what}",)
    if record is None or not record.results:
        return None, (f"nothing was computed yet: {hint}",)
    if any(result.prefix != str(view.prefix) for result in record.results):
        return None, (f"the last probes were of another generation: {hint}",)
    if record.staleness:
        return None, (f"the last probes tell of the past ({record.staleness}): {hint}",)
    return record, tuple(record.notes)


def _list_subjects(
    view: PrefixView, results: Mapping[str, ProbeResult], findings: Sequence[Diagnosis]
) -> Iterator[_Subject]:
    known = {framework.name: framework for framework in list_frameworks(view)}
    probes = {name.replace("-", "_"): framework for name, framework in known.items()}
    for probe in PROBES:
        if probe.name in _NOT_FRAMEWORKS or probe.name in probes:
            continue
        plain = _describe_plain(probe.name, probe.distributions, view)
        if plain is not None:
            probes[probe.name] = plain
    suffering: dict[str, list[Diagnosis]] = {}
    for finding in findings:
        if finding.severity is Severity.ERROR:
            for package in list_sufferers(finding):
                suffering.setdefault(package, []).append(finding)
    for name, framework in probes.items():
        mine = [f for package in framework.packages for f in suffering.get(package, ())]
        yield _Subject(framework, results.get(name), tuple(dict.fromkeys(mine)))


def _describe_plain(name: str, distributions: Sequence[str], view: PrefixView) -> Framework | None:
    """Describe what a probe is about, of which only the version is known."""
    names = (each.lower().replace("_", "-") for each in distributions)
    installed = next((view.visible[each] for each in names if each in view.visible), None)
    if installed is None:
        return None
    packages = (installed.name, installed.conda_package)
    return Framework(
        name=name.replace("_", "-"),
        version=installed.version,
        kind="",
        found_in=installed.info,
        packages=tuple(dict.fromkeys(each for each in packages if each)),
    )


def _judge(subject: _Subject, view: PrefixView) -> Iterator[CompatibilityRow]:
    yield _judge_cpu(subject)
    if subject.framework.name in _GPU_NAMES:
        for gpu in view.driver.gpus:
            yield _judge_gpu(subject, gpu, view)


def _judge_cpu(subject: _Subject) -> CompatibilityRow:
    shown = _judge_by_numbers(subject, "cpu", "cpu")
    if shown is not None:
        return shown
    if subject.findings:
        first = subject.findings[0]
        return _row(
            subject, "cpu", "cpu", CompatibilityVerdict.WILL_FAIL, first.title, first.evidence
        )
    if subject.framework.name in _GPU_ONLY:
        reason = "it computes on GPUs only"
        proof = f"metadata: {subject.framework.found_in}"
        return _row(subject, "cpu", "cpu", CompatibilityVerdict.UNKNOWN, reason, proof)
    return _row(
        subject,
        "cpu",
        "cpu",
        CompatibilityVerdict.SHOULD_WORK,
        "nothing was found against it; no number was computed",
        f"metadata: {subject.framework.found_in}",
    )


def _judge_gpu(subject: _Subject, gpu: GpuFacts, view: PrefixView) -> CompatibilityRow:
    shown = _judge_by_numbers(subject, gpu.name, gpu.uuid)
    if shown is not None:
        return shown
    if subject.findings:
        first = subject.findings[0]
        return _row(
            subject, gpu.name, gpu.uuid, CompatibilityVerdict.WILL_FAIL, first.title, first.evidence
        )
    verdict, reason, proof = _judge_build(_find_base(subject.framework, view), gpu, view)
    return _row(subject, gpu.name, gpu.uuid, verdict, reason, proof)


def _find_base(framework: Framework, view: PrefixView) -> Framework:
    """Find whose build decides what a framework can do on a GPU."""
    if framework.cuda or framework.name not in _ON_TORCH:
        return framework
    return next((each for each in list_frameworks(view) if each.name == "torch"), framework)


def _judge_build(
    framework: Framework, gpu: GpuFacts, view: PrefixView
) -> tuple[CompatibilityVerdict, str, str]:
    """Judge a build by what it says of itself: verdict, reason, proof."""
    source = framework.found_in
    if framework.kind == "cpu":
        return CompatibilityVerdict.DEGRADED, "a CPU build: it leaves the GPU alone", source
    if framework.kind != "cuda" or not framework.cuda:
        return CompatibilityVerdict.UNKNOWN, "its files do not say for which CUDA it is", source
    driver = view.driver
    fit = judge_driver(framework.cuda, driver.cuda, driver.version)
    proof = f"{source}: CUDA {framework.cuda}; driver {driver.version} serves CUDA {driver.cuda}"
    if fit is DriverFit.TOO_OLD:
        return CompatibilityVerdict.WILL_FAIL, "the driver is too old for this build", proof
    if fit is DriverFit.UNKNOWN:
        return CompatibilityVerdict.UNKNOWN, "the driver did not tell what it serves", proof
    has_code = has_code_for(framework.codes, gpu.capability) if gpu.capability else None
    where = (
        f"table, {framework.codes_source}" if framework.is_from_table else framework.codes_source
    )
    if has_code is False:
        reason = f"no code for capability {gpu.capability}"
        codes = f"{where}: {', '.join(framework.codes)}"
        return CompatibilityVerdict.WILL_FAIL, reason, codes
    known = f"; code for capability {gpu.capability}: {where}" if has_code else ""
    limits = " by minor-version compatibility" if fit is DriverFit.MINOR else ""
    return CompatibilityVerdict.SHOULD_WORK, f"build and driver fit{limits}", proof + known


def _judge_by_numbers(subject: _Subject, device: str, device_id: str) -> CompatibilityRow | None:
    """Judge by what the last probe computed there; None when it computed nothing there."""
    result = subject.result
    if result is None:
        return None
    mine = [check for check in result.checks if check.device == device_id and not check.skipped]
    wrong = [check for check in mine if not check.ok]
    if result.status in _BROKEN and (wrong or not mine):
        reason = f"{result.reason} (stage {result.stage})" if result.stage else result.reason
        return _row(
            subject, device, device_id, CompatibilityVerdict.FAILS, reason, _say_probe(result)
        )
    if mine:
        numbers = ", ".join(map(_say_check, mine[:4]))
        return _row(
            subject,
            device,
            device_id,
            CompatibilityVerdict.WORKS,
            "",
            f"{_say_probe(result)}: {numbers}",
        )
    if result.status is ProbeStatus.DEGRADED and device_id != "cpu":
        return _row(
            subject,
            device,
            device_id,
            CompatibilityVerdict.DEGRADED,
            result.reason,
            _say_probe(result),
        )
    return None


def _say_probe(result: ProbeResult) -> str:
    return f"probe {result.probe} of {result.started}"


def _say_check(check: ProbeCheck) -> str:
    if check.error is None or check.tolerance is None:
        return f"{check.name} right"
    return f"{check.name} off by {check.error:.1e} of {check.tolerance:.0e}"


def _row(
    subject: _Subject,
    device: str,
    device_id: str,
    verdict: CompatibilityVerdict,
    reason: str,
    proof: str,
) -> CompatibilityRow:
    framework = subject.framework
    return CompatibilityRow(
        framework=framework.name,
        version=framework.version,
        build=framework.build,
        device=device,
        device_id=device_id,
        verdict=verdict,
        reason=reason,
        proof=proof,
    )


def _list_diagnoses(results: Iterable[ProbeResult]) -> Iterator[Diagnosis]:
    for result in results:
        yield from result.diagnoses


def _note_driver(view: PrefixView) -> Iterator[str]:
    if not view.driver.gpus:
        yield f"no GPU is listed: {view.driver.reason or 'the driver names none'}"
