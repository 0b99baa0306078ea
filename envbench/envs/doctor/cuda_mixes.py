"""CUDA libraries for two major versions, or from wheels and from conda at once."""

import re
from collections.abc import Iterator

from envbench.envs.doctor.view import PrefixView
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy, SpecChange
from envbench.model.problem import Severity

_CUDA_WHEEL = re.compile(r"nvidia-(?P<what>[a-z0-9-]+?)-cu(?P<major>1[0-9])")
_CONDA_CUDA = {
    "cudnn": "cudnn",
    "nccl": "nccl",
    "libcublas": "cublas",
    "cuda-cudart": "cuda-runtime",
    "cudatoolkit": "cuda-runtime",
    "libcufft": "cufft",
    "libcusolver": "cusolver",
    "libcusparse": "cusparse",
}


def examine_cuda_mixes(view: PrefixView) -> Iterator[Diagnosis]:
    """Find CUDA libraries for two major versions, or from wheels and from conda at once."""
    majors: dict[str, dict[str, str]] = {}
    for name in view.visible:
        match = _CUDA_WHEEL.fullmatch(name)
        if match:
            majors.setdefault(match["what"], {})[match["major"]] = name
    for _, found in sorted(majors.items()):
        if len(found) > 1:
            yield _diagnose_majors(found, view)
    for conda_name, what in _CONDA_CUDA.items():
        package = view.conda.get(conda_name)
        wheels = [n for m in (majors.get(what, {}),) for n in m.values()]
        wheels += [name for name in (f"nvidia-{what}",) if name in view.visible]
        if package is not None and wheels:
            yield Diagnosis(
                code="duplicate.cuda",
                severity=Severity.WARNING,
                title=f"{what} is there twice: {wheels[0]} of pip and {package.record.dist_name} of conda",
                cause="Which of both a framework gets depends on what is loaded first; with different"
                " versions it ends in errors of symbols or of cuDNN.",
                remedies=(
                    Remedy(
                        text="take all GPU frameworks from conda, or all from pip",
                        changes=(SpecChange(kind="remove", requirement=conda_name),),
                    ),
                ),
                confidence=Confidence.LIKELY,
                evidence=f"{view.visible[wheels[0]].info}, conda-meta/{package.record.dist_name}.json",
                found_in=view.visible[wheels[0]].info,
                packages=(wheels[0], conda_name),
                references=("tensorflow/tensorflow#60913", "jax-ml/jax#16038"),
            )


def _diagnose_majors(found: dict[str, str], view: PrefixView) -> Diagnosis:
    names = tuple(found[major] for major in sorted(found))
    labels = " and ".join(view.visible[name].label for name in names)
    # The wheels of both majors put their files at the same place.
    shared = set(view.visible[names[0]].paths).intersection(
        *(view.visible[n].paths for n in names[1:])
    )
    same = [path for path in shared if ".so" in path]
    return Diagnosis(
        code="duplicate.cuda",
        severity=Severity.WARNING if same else Severity.INFO,
        title=f"{labels} are both installed",
        cause=f"They put {len(same)} libraries at the same place: the last installed one won, and"
        " what needs the other one fails."
        if same
        else "Frameworks for two major versions of CUDA are installed; each takes its own.",
        remedies=(
            Remedy(text="take frameworks that are built for the same major version of CUDA"),
        ),
        confidence=Confidence.CERTAIN,
        evidence=", ".join(sorted(same)[:3]) or ", ".join(view.visible[n].info for n in names),
        found_in=view.visible[names[0]].info,
        packages=names,
    )
