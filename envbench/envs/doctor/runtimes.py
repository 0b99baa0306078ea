"""Runtimes of which one serves all: OpenMP and BLAS."""

import re
from collections.abc import Iterator, Sequence

from envbench.envs.doctor.libraries import Library
from envbench.envs.doctor.view import PrefixView
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


def _owner(library: Library, view: PrefixView) -> str:
    return view.brought_by.get(library.path) or view.owners.get(library.path, "")
