"""GPU builds against the driver and the GPUs of this box, and CPU builds that leave GPUs idle."""

from collections.abc import Iterator

from envbench.envs.doctor.frameworks import Framework, list_frameworks
from envbench.envs.doctor.view import DriverState, GpuFacts, PrefixView
from envbench.model.compatibility.architectures import CONSEQUENCES, has_code_for
from envbench.model.compatibility.drivers import DriverFit, find_minimum, judge_driver
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy, SpecChange
from envbench.model.problem import Severity

_CPU_REMEDIES = {
    "torch": ("torch", "pytorch-gpu", "https://pytorch.org/get-started/locally/"),
    "tensorflow": ("tensorflow[and-cuda]", "tensorflow-gpu", ""),
    "jax": ("jax[cuda12]", "jaxlib * *cuda*", ""),
    "onnxruntime": ("onnxruntime-gpu", "onnxruntime * *cuda*", ""),
}
_CPU_THREADS = {
    "torch": ("pytorch/pytorch#32369", "conda/conda#14761"),
    "jax": ("jax-ml/jax#29068", "jax-ml/jax#14287"),
}
_OLD_DRIVER = ("pytorch/pytorch#4546", "tensorflow/tensorflow#21832")
_OLD_CODE = ("pytorch/pytorch#149845", "pytorch/pytorch#167244", "pytorch/pytorch#31285")


def examine_driver(view: PrefixView) -> Iterator[Diagnosis]:
    """Find builds that the driver of this box cannot run, or runs with limits."""
    driver = view.driver
    for framework in list_frameworks(view):
        if framework.kind != "cuda" or not framework.cuda:
            continue
        if driver.version is None and driver.cuda is None:
            continue
        fit = judge_driver(framework.cuda, driver.cuda, driver.version)
        if fit is DriverFit.TOO_OLD:
            yield _tell_old_driver(framework, driver)
        elif fit is DriverFit.MINOR:
            yield _tell_minor(framework, driver)


def examine_architectures(view: PrefixView) -> Iterator[Diagnosis]:
    """Find GPUs that a build has no code for."""
    for framework in list_frameworks(view):
        if framework.kind != "cuda":
            continue
        for gpu in _distinct(view.driver.gpus):
            if gpu.capability and has_code_for(framework.codes, gpu.capability) is False:
                yield _tell_no_code(framework, gpu)


def examine_cpu_builds(view: PrefixView) -> Iterator[Diagnosis]:
    """Find CPU builds of frameworks on a box that has GPUs."""
    if not view.driver.gpus:
        return
    for framework in list_frameworks(view):
        if framework.kind == "cpu" and framework.name in _CPU_REMEDIES:
            yield _tell_cpu_build(framework, view)


def _tell_old_driver(framework: Framework, driver: DriverState) -> Diagnosis:
    row = find_minimum(framework.cuda)
    needs = (
        f"; CUDA {framework.cuda.partition('.')[0]} needs driver {row.driver_branch} or newer"
        if row
        else ""
    )
    return Diagnosis(
        code="gpu.driver_too_old",
        severity=Severity.ERROR,
        title=f"{framework.name} {framework.version} is built for CUDA {framework.cuda}, the driver"
        f" serves {driver.cuda}",
        cause=f"Driver {driver.version or 'of unknown version'} is older than the build{needs}:"
        " it computes on the CPU in silence, or ends with `driver version is insufficient`.",
        remedies=(
            Remedy(
                text=f"take a build for CUDA {driver.cuda} or older",
                changes=_older(framework, driver),
            ),
            Remedy(
                text=f"or let the driver be raised to {row.driver_branch} or newer"
                if row
                else "or let the driver be raised"
            ),
        ),
        confidence=Confidence.CERTAIN,
        evidence=f"{framework.found_in}: CUDA {framework.cuda}; driver {driver.version}: CUDA {driver.cuda}",
        found_in="driver",
        packages=framework.packages,
        references=(*(_OLD_DRIVER), *((str(row.source),) if row else ())),
    )


def _older(framework: Framework, driver: DriverState) -> tuple[SpecChange, ...]:
    if not framework.is_conda or not driver.cuda:
        return ()
    return (SpecChange(kind="require", requirement=f"cuda-version <={driver.cuda}"),)


def _tell_minor(framework: Framework, driver: DriverState) -> Diagnosis:
    row = find_minimum(framework.cuda)
    return Diagnosis(
        code="gpu.minor_version",
        severity=Severity.INFO,
        title=f"{framework.name} {framework.version} (CUDA {framework.cuda}) is newer than what the"
        f" driver serves (CUDA {driver.cuda})",
        cause="It runs by minor-version compatibility: code for newer GPUs cannot be compiled at run"
        " time, and features that need a newer driver are missing.",
        remedies=(
            Remedy(text=f"let the driver be raised, or take a build for CUDA {driver.cuda}"),
        ),
        confidence=Confidence.CERTAIN,
        evidence=f"driver {driver.version}: CUDA {driver.cuda}",
        found_in="driver",
        packages=framework.packages,
        references=(str(row.source),) if row else (),
    )


def _tell_no_code(framework: Framework, gpu: GpuFacts) -> Diagnosis:
    major = framework.cuda.partition(".")[0]
    known = CONSEQUENCES.get(major)
    return Diagnosis(
        code="gpu.arch",
        severity=Severity.WARNING if framework.is_from_table else Severity.ERROR,
        title=f"{framework.name} {framework.version} has no code for the {gpu.name} (capability"
        f" {gpu.capability})",
        cause="Kernels for this card are not in the build: the first one ends with `no kernel image"
        " is available for execution on the device`."
        + (f" CUDA {major}: {known[0]}." if known else ""),
        remedies=(
            Remedy(text=f"take a build of {framework.name} for a CUDA version that has them"),
        ),
        confidence=Confidence.LIKELY if framework.is_from_table else Confidence.CERTAIN,
        evidence=f"{'table' if framework.is_from_table else framework.codes_source}:"
        f" {', '.join(framework.codes)}",
        found_in="table" if framework.is_from_table else framework.codes_source,
        packages=framework.packages,
        references=(*_OLD_CODE, framework.codes_source, *((str(known[1]),) if known else ())),
    )


def _tell_cpu_build(framework: Framework, view: PrefixView) -> Diagnosis:
    wheel, conda, address = _CPU_REMEDIES[framework.name]
    if framework.is_conda:
        change = SpecChange(kind="require", requirement=conda)
        remedy = Remedy(text=f"ask for the GPU build: {conda}", changes=(change,))
    elif framework.name == "torch":
        remedy = Remedy(text=f"install torch from an index of CUDA builds: {address}")
    else:
        change = SpecChange(kind="require", requirement=wheel, section="pip")
        remedy = Remedy(text=f"ask for the GPU build: {wheel}", changes=(change,))
    names = ", ".join(dict.fromkeys(gpu.name for gpu in view.driver.gpus))
    return Diagnosis(
        code="gpu.cpu_only_build",
        severity=Severity.WARNING,
        title=f"{framework.name} {framework.version} is a CPU build, and this box has {names}",
        cause="It computes on the CPU only. On a box without a GPU at the time of solving, solvers"
        " choose CPU builds.",
        remedies=(remedy,),
        confidence=Confidence.CERTAIN,
        evidence=f"{framework.found_in}: no CUDA",
        found_in=framework.found_in,
        packages=framework.packages,
        references=_CPU_THREADS.get(framework.name, ()),
    )


def _distinct(gpus: tuple[GpuFacts, ...]) -> tuple[GpuFacts, ...]:
    """Keep one GPU of each model: eight times the same finding helps nobody."""
    return tuple({(gpu.name, gpu.capability): gpu for gpu in reversed(gpus)}.values())
