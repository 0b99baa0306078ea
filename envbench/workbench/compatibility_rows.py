"""The rows of a compatibility report: numbers first, then builds and drivers, tables last."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from envbench.envs.doctor.frameworks import Framework, list_frameworks
from envbench.envs.doctor.view import GpuFacts, PrefixView
from envbench.model.compatibility.architectures import has_code_for
from envbench.model.compatibility.drivers import DriverFit, judge_driver
from envbench.model.compatibility_report import CompatibilityRow, CompatibilityVerdict
from envbench.model.diagnosis import Diagnosis
from envbench.model.probe import ProbeCheck, ProbeResult, ProbeStatus
from envbench.model.problem import Severity
from envbench.probes.catalog import PROBES
from envbench.workbench.sufferers import list_sufferers

_BROKEN = frozenset(
    {ProbeStatus.FAILED, ProbeStatus.CRASHED, ProbeStatus.EXITED, ProbeStatus.TIMEOUT}
)
_IDLING = "lib.cuda_runtime_missing"
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
    idling: Diagnosis | None = None
    """Why it will leave a GPU alone that its build is for."""


def list_rows(
    view: PrefixView, results: Mapping[str, ProbeResult], findings: Sequence[Diagnosis]
) -> tuple[CompatibilityRow, ...]:
    """Judge each framework of an environment on the CPU, and on each GPU where it can use one.

    Args:
        view: The environment.
        results: What the last probes found of what is there now, by the probe's name.
        findings: What the doctor found.
    """
    subjects = _list_subjects(view, results, findings)
    return tuple(row for subject in subjects for row in _judge(subject, view))


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
        idling = next(
            (f for f in findings if f.code == _IDLING and framework.packages[0] in f.packages), None
        )
        yield _Subject(framework, results.get(name), tuple(dict.fromkeys(mine)), idling)


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
    if subject.idling is not None:
        reason, proof = subject.idling.title, subject.idling.evidence
        has_cpu = subject.framework.name not in _GPU_ONLY
        verdict = CompatibilityVerdict.DEGRADED if has_cpu else CompatibilityVerdict.WILL_FAIL
        return _row(subject, gpu.name, gpu.uuid, verdict, reason, proof)
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
