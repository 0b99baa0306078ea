"""GPU builds whose CUDA libraries are not there: they compute on the CPU, mostly without a word."""

from collections.abc import Iterator

from envbench.envs.doctor.frameworks import Framework, list_frameworks
from envbench.envs.doctor.view import PrefixView
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy, SpecChange
from envbench.model.problem import Severity

_NEEDED = {
    "tensorflow": ("libcudart.so.{}", "libcublas.so.{}", "libcudnn.so."),
    "jax": ("libcudart.so.{}", "libcublas.so.{}", "libcudnn.so."),
    "onnxruntime": ("libcudart.so.{}", "libcublas.so.{}", "libcudnn.so."),
    "cupy": ("libnvrtc.so.{}",),
}
"""Framework to the beginnings of the libraries that it loads by name; `{}` is CUDA's major version.

torch asks for its libraries in its files, which is examined with all others.
"""
_EXTRAS = {
    "tensorflow": "tensorflow[and-cuda]",
    "jax": "jax[cuda{}]",
    "onnxruntime": "onnxruntime-gpu[cuda,cudnn]",
    "cupy": "cupy-cuda{}x[ctk]",
}
_THREADS = {
    "tensorflow": (
        "tensorflow/tensorflow#62328",
        "tensorflow/tensorflow#66750",
        "tensorflow/tensorflow#60503",
    ),
    "onnxruntime": ("microsoft/onnxruntime-genai#344",),
}


def examine_cuda_runtime(view: PrefixView) -> Iterator[Diagnosis]:
    """Find GPU builds without their CUDA libraries; on boxes without a GPU they want none."""
    if not view.driver.gpus:
        return
    for framework in list_frameworks(view):
        major = framework.cuda.partition(".")[0]
        if framework.kind != "cuda" or not major or framework.name not in _NEEDED:
            continue
        wanted = [each.format(major) for each in _NEEDED[framework.name]]
        missing = [start for start in wanted if not view.search.has_any(start)]
        if missing:
            yield _diagnose(framework, major, missing)


def _diagnose(framework: Framework, major: str, missing: list[str]) -> Diagnosis:
    names = ", ".join(each.rstrip(".") for each in missing)
    if framework.is_conda:
        change = SpecChange(kind="require", requirement=f"cuda-version {major}.*")
        remedy = Remedy(text="let conda install CUDA's libraries for it", changes=(change,))
    else:
        requirement = _EXTRAS[framework.name].format(major)
        change = SpecChange(kind="require", requirement=requirement, section="pip")
        remedy = Remedy(text=f"install it with its libraries: {requirement}", changes=(change,))
    return Diagnosis(
        code="lib.cuda_runtime_missing",
        severity=Severity.WARNING,
        title=f"{framework.name} {framework.version} is a GPU build without CUDA's libraries: {names}",
        cause="It loads CUDA's libraries when it needs them; where they are missing it computes on"
        " the CPU.",
        remedies=(remedy,),
        confidence=Confidence.LIKELY,
        evidence=f"{framework.found_in}: CUDA {framework.cuda}; no {names} in the environment, in"
        " the loader's cache, or under /usr/local/cuda",
        found_in=framework.found_in,
        packages=framework.packages,
        references=_THREADS.get(framework.name, ()),
    )
