"""Distributions of one framework that exclude each other, whatever files they share."""

import re
from collections.abc import Iterator, Sequence

from envbench.envs.doctor.requirement_remedies import make_change
from envbench.envs.doctor.view import Distribution, PrefixView
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy, SpecChange
from envbench.model.problem import Severity

_FAMILIES = {
    "jax's plug-ins": re.compile(r"jax-cuda(1[0-9])-plugin"),
    "cupy": re.compile(r"cupy(?:-cuda(1[0-9]x|1[01][0-9]))?"),
    "tensorflow": re.compile(r"tensorflow(?:-cpu|-gpu|-intel|-rocm)?"),
    "onnxruntime": re.compile(r"onnxruntime(?:-gpu|-openvino|-rocm|-training)?"),
    "faiss": re.compile(r"faiss-(?:cpu|gpu|gpu-cu1[0-9])"),
}


def examine_rival_distributions(view: PrefixView) -> Iterator[Diagnosis]:
    """Find distributions of one framework that exclude each other, whatever files they share."""
    for family, pattern in _FAMILIES.items():
        names = [name for name in view.visible if pattern.fullmatch(name)]
        if family == "tensorflow" and {"tensorflow", "tensorflow-intel"} == set(names):
            continue
        if len(names) > 1 and not _share_files(names, view):
            yield _diagnose_rivals(family, names, view)
    old = view.visible.get("pynvml")
    if old is not None and "nvidia-ml-py" in view.visible and _holds_module(old, "pynvml"):
        yield _diagnose_rivals("pynvml", ["nvidia-ml-py", "pynvml"], view)


def _share_files(names: Sequence[str], view: PrefixView) -> bool:
    """Whether they claim the same modules, which is told apart."""
    files = [{p for p in view.visible[name].paths if p.endswith(".py")} for name in names]
    return any(not one.isdisjoint(two) for i, one in enumerate(files) for two in files[i + 1 :])


def _holds_module(distribution: Distribution, module: str) -> bool:
    ends = (f"site-packages/{module}.py", f"site-packages/{module}/__init__.py")
    return any(path.endswith(ends) for path in distribution.paths)


def _diagnose_rivals(family: str, names: Sequence[str], view: PrefixView) -> Diagnosis:
    labels = " and ".join(view.visible[name].label for name in names)
    keep = names[0]
    removals = tuple(
        SpecChange(
            kind="remove",
            requirement=name,
            section="conda" if view.visible[name].conda_package else "pip",
        )
        for name in names[1:]
    )
    section = "conda" if view.visible[keep].conda_package else "pip"
    return Diagnosis(
        code="duplicate.rivals",
        severity=Severity.WARNING,
        title=f"{labels}: one of them is meant to be there, not both",
        cause=f"They are builds of the same thing ({family}), and what is imported is a mixture of"
        " both, or whichever was installed last.",
        remedies=(
            Remedy(
                text=f"keep one, {keep} for instance, and install it again",
                changes=(*removals, make_change(keep, "", section)),
            ),
        ),
        confidence=Confidence.CERTAIN,
        evidence=", ".join(view.visible[name].info for name in names),
        found_in=view.visible[keep].info,
        packages=tuple(names),
    )
