"""Compiled modules built for NumPy 1 beside NumPy 2: no metadata tells of these."""

from collections.abc import Iterator

from packaging.version import InvalidVersion, Version

from envbench.envs.doctor.numpy_marks import NumpyApi, NumpyMarks, may_use_numpy
from envbench.envs.doctor.requirement_remedies import make_change
from envbench.envs.doctor.view import Distribution, PrefixView
from envbench.model.compatibility.numpy_abi import find_numpy_row, is_built_for_numpy_1
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy
from envbench.model.problem import Severity

_CODE = "abi.numpy.compiled_for_1x"
_SHOWN = 3
_WITHOUT = frozenset({"torch"})
"""What works without NumPy: only its arrays cannot be exchanged."""


def examine_numpy_abi(view: PrefixView) -> Iterator[Diagnosis]:
    """Find distributions whose compiled modules NumPy 2 refuses to load."""
    numpy = view.visible.get("numpy")
    if numpy is None or not _is_2(numpy.version):
        return
    wanted = [
        each
        for each in view.libraries.libraries
        if may_use_numpy(each) and view.brought_by.get(each.path) != "numpy"
    ]
    marks = NumpyMarks(view.prefix, view.cache_dir).read(wanted)
    old: dict[str, list[str]] = {}
    for path, mark in marks.items():
        if mark is NumpyApi.ONE:
            old.setdefault(view.brought_by.get(path, ""), []).append(path)
    seen = {view.brought_by.get(path, "") for path, mark in marks.items() if mark}
    for distribution in view.visible.values():
        paths = old.get(distribution.name, [])
        if paths:
            yield _diagnose(distribution, numpy, paths)
        elif distribution.name not in seen and _is_listed(distribution, view):
            yield _diagnose(distribution, numpy, [])


def _is_2(version: str) -> bool:
    try:
        return Version(version) >= Version("2.0.0rc1")
    except InvalidVersion:
        return False


def _is_listed(distribution: Distribution, view: PrefixView) -> bool:
    """Whether the table knows a release that has compiled modules, none of which could be read."""
    has_modules = any(path in view.libraries.by_path for path in distribution.paths)
    return has_modules and is_built_for_numpy_1(distribution.name, distribution.version) is True


def _diagnose(distribution: Distribution, numpy: Distribution, paths: list[str]) -> Diagnosis:
    row = find_numpy_row(distribution.name)
    section = "conda" if distribution.conda_package else "pip"
    newer = f">={row.first}" if row else ""
    raise_it = Remedy(
        text=f"raise {distribution.name} to {row.first} or newer, the first that is built for NumPy 2"
        if row
        else f"take a version of {distribution.name} that is built for NumPy 2",
        changes=(make_change(distribution.name, newer, section),) if row else (),
    )
    lower = Remedy(
        text="or keep NumPy below 2",
        changes=(make_change("numpy", "<2", "conda" if numpy.conda_package else "pip"),),
    )
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    is_only_bridge = distribution.name in _WITHOUT
    evidence = f"{', '.join(paths[:_SHOWN])}{more}: numpy.core._multiarray_umath"
    return Diagnosis(
        code=_CODE,
        severity=Severity.ERROR if paths and not is_only_bridge else Severity.WARNING,
        title=f"{distribution.label} is built for NumPy 1, and NumPy {numpy.version} is installed",
        cause="NumPy 2 does not load compiled modules that were built with the C API of NumPy 1: "
        + (
            "it works by itself, and arrays cannot be exchanged (`Numpy is not available`)."
            if is_only_bridge
            else "the import ends with `numpy.core.multiarray failed to import` or `numpy.dtype size"
            " changed`."
        ),
        remedies=(raise_it, lower),
        confidence=Confidence.CERTAIN if paths else Confidence.LIKELY,
        evidence=evidence if paths else f"the table of releases: {row.source if row else ''}",
        found_in=paths[0] if paths else "table",
        packages=(distribution.name, "numpy"),
        references=("numpy/numpy#11628", "numpy/numpy#26191"),
    )
