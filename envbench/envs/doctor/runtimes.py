"""Runtimes that must not be there twice: OpenMP, BLAS, CUDA's libraries, plug-ins of one framework."""

import re
from collections.abc import Iterator, Sequence

from envbench.envs.doctor.libraries import Library
from envbench.envs.doctor.requirement_remedies import make_change
from envbench.envs.doctor.view import Distribution, PrefixView
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy, SpecChange
from envbench.model.problem import Severity

_OPENMP = {
    "iomp": re.compile(r"libiomp5[-.].*"),
    "omp": re.compile(r"libomp[-.].*"),
    "gomp": re.compile(r"libgomp[-.].*"),
}
_KINDS = {"iomp": "Intel's (libiomp5)", "omp": "LLVM's (libomp)", "gomp": "GNU's (libgomp)"}
_BLAS = {
    "mkl": re.compile(r"libmkl_(?:rt|core)\..*"),
    "openblas": re.compile(r"lib(?:scipy_)?openblas.*"),
    "blis": re.compile(r"libblis\..*"),
}
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
_FAMILIES = {
    "jax's plug-ins": re.compile(r"jax-cuda(1[0-9])-plugin"),
    "cupy": re.compile(r"cupy(?:-cuda(1[0-9]x|1[01][0-9]))?"),
    "tensorflow": re.compile(r"tensorflow(?:-cpu|-gpu|-intel|-rocm)?"),
    "onnxruntime": re.compile(r"onnxruntime(?:-gpu|-openvino|-rocm|-training)?"),
    "faiss": re.compile(r"faiss-(?:cpu|gpu|gpu-cu1[0-9])"),
}


def examine_openmp(view: PrefixView) -> Iterator[Diagnosis]:
    """Find OpenMP runtimes of which two in one process abort it (`OMP: Error #15`) or stall it."""
    found: dict[str, list[Library]] = {}
    for library in view.libraries.libraries:
        for kind, pattern in _OPENMP.items():
            if pattern.fullmatch(library.name):
                found.setdefault(kind, []).append(library)
    quarrelling = [*found.get("iomp", []), *found.get("omp", [])]
    owners = {_owner(each, view) for each in quarrelling}
    if len(quarrelling) > 1 and len(owners) > 1:
        yield _diagnose_openmp(quarrelling, sorted(owners), view)
    elif quarrelling and found.get("gomp"):
        every = [*quarrelling, *found["gomp"]]
        kinds = " and ".join(_KINDS[kind] for kind in found)
        yield Diagnosis(
            code="lib.duplicate_openmp",
            severity=Severity.INFO,
            title=f"two kinds of OpenMP are there: {kinds}",
            cause="Both may be loaded into one process. That mostly works on Linux; each takes all"
            " cores, so that work which uses both can become slow.",
            remedies=(Remedy(text="limit the threads with OMP_NUM_THREADS if it is slow"),),
            confidence=Confidence.LIKELY,
            evidence=", ".join(each.path for each in every[:4]),
            found_in=every[0].path,
            packages=tuple(sorted({_owner(each, view) for each in every} - {""})),
            references=("dmlc/xgboost#1715", "pytorch/pytorch#44282"),
        )


def _diagnose_openmp(
    libraries: Sequence[Library], owners: Sequence[str], view: PrefixView
) -> Diagnosis:
    is_conda = bool(view.conda)
    return Diagnosis(
        code="lib.duplicate_openmp",
        severity=Severity.WARNING,
        title=f"two copies of Intel's or LLVM's OpenMP are there, of {' and '.join(owners)}",
        cause="Once code that uses one and code that uses the other run in one process, the second"
        " ends it with `OMP: Error #15: Initializing libiomp5.so, but found ... already"
        " initialized`.",
        remedies=(
            Remedy(
                text="let all of them come from conda, which has one runtime for all"
                if is_conda
                else "take the builds of these packages that use GNU's OpenMP, or only one of them",
                changes=(SpecChange(kind="require", requirement="_openmp_mutex"),)
                if is_conda
                else (),
            ),
        ),
        confidence=Confidence.LIKELY,
        evidence=", ".join(each.path for each in libraries[:4]),
        found_in=libraries[0].path,
        packages=tuple(owners),
        references=("dmlc/xgboost#1715", "pytorch/pytorch#44282"),
    )


def examine_blas(view: PrefixView) -> Iterator[Diagnosis]:
    """Find two families of BLAS among conda's packages, where one serves all."""
    found: dict[str, set[str]] = {}
    for library in view.libraries.libraries:
        if not library.path.startswith("lib/lib"):
            continue
        for family, pattern in _BLAS.items():
            if pattern.fullmatch(library.name):
                found.setdefault(family, set()).add(_owner(library, view) or library.name)
    if len(found) > 1:
        families = " and ".join(sorted(found))
        packages = tuple(sorted({name for names in found.values() for name in names}))
        yield Diagnosis(
            code="lib.duplicate_blas",
            severity=Severity.INFO,
            title=f"two families of BLAS are installed: {families}",
            cause="Packages of conda share one BLAS through libblas; a second one is there because"
            " something asks for it by name. Results may differ in the last digits between them.",
            remedies=(
                Remedy(
                    text="ask for one of them",
                    changes=(SpecChange(kind="require", requirement="libblas * *openblas"),),
                ),
            ),
            confidence=Confidence.LIKELY,
            evidence="; ".join(f"{family}: {', '.join(sorted(n))}" for family, n in found.items()),
            found_in="lib",
            packages=packages,
        )


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


def _owner(library: Library, view: PrefixView) -> str:
    return view.brought_by.get(library.path) or view.owners.get(library.path, "")
