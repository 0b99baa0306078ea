"""What comes into an environment from outside: the user site, and variables of the caller.

Source: Python's `site` module and its command line documentation (PYTHONPATH, PYTHONHOME,
PYTHONNOUSERSITE), ld.so(8).
"""

import re
from collections.abc import Iterator
from pathlib import Path

from envbench.envs.doctor.installed_distributions import read_distributions
from envbench.envs.doctor.view import Distribution, PrefixView
from envbench.files import read_bytes
from envbench.model.cleaning import clean
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy
from envbench.model.errors import UsageError
from envbench.model.problem import Severity

_SHOWN = 4
_REFERENCES = ("conda/conda#448", "conda/conda#394", "conda/conda#6018", "conda/conda#13746")
_WATCHED = re.compile(
    r"lib(?:cuda|cudart|cudnn|cublas|cufft|curand|cusolver|cusparse|nccl|nvrtc|nvJitLink|stdc\+\+"
    r"|gcc_s|gomp|iomp5|omp|mkl_rt|openblas|ssl|crypto|python3)\b.*\.so.*"
)


def examine_user_site(view: PrefixView) -> Iterator[Diagnosis]:
    """Find packages of the user site that this environment's Python would see."""
    # Virtual environments leave the user site out, unless they show the system's packages.
    is_shut_out = view.is_venv and not view.sees_system
    if not view.python or is_shut_out or view.environ.get("PYTHONNOUSERSITE"):
        return
    base = view.environ.get("PYTHONUSERBASE") or str(view.home / ".local")
    site = f"lib/python{view.python_short}/site-packages"
    found = read_distributions(Path(base), site, {})
    if not found:
        return
    shadowing = [each for each in found if each.name in view.visible]
    yield Diagnosis(
        code="leak.usersite",
        severity=Severity.WARNING if shadowing else Severity.INFO,
        title=f"{len(shadowing)} packages of {base}/{site} come before those of the environment"
        if shadowing
        else f"{len(found)} packages of {base}/{site} can be imported, too",
        cause="Packages that were installed with `pip install --user` are seen by every Python"
        f" {view.python_short} that is no virtual environment, before the environment's own.",
        remedies=(
            Remedy(
                text="shut the user site out",
                command="export PYTHONNOUSERSITE=1",
            ),
            Remedy(text="or remove the packages from the user site"),
        ),
        confidence=Confidence.CERTAIN,
        evidence=_list_versions(shadowing or list(found), view),
        found_in=f"{base}/{site}",
        packages=tuple(each.name for each in shadowing[:20]),
        references=_REFERENCES,
    )


def examine_python_path(view: PrefixView) -> Iterator[Diagnosis]:
    """Find modules that PYTHONPATH puts before those of the environment."""
    for folder in _split(view.environ.get("PYTHONPATH", "")):
        if _is_inside(folder, view):
            continue
        own = read_distributions(Path(folder), "", {}) if Path(folder).is_dir() else ()
        shadowing = [each for each in own if each.name in view.visible]
        modules = _find_shadowed_modules(folder, view)
        if not shadowing and not modules:
            yield Diagnosis(
                code="leak.pythonpath",
                severity=Severity.INFO,
                title=f"PYTHONPATH adds {folder}",
                cause="What lies there can be imported, and nothing of it hides a package of the"
                " environment.",
                confidence=Confidence.CERTAIN,
                evidence=f"PYTHONPATH={view.environ['PYTHONPATH']}",
                found_in="PYTHONPATH",
            )
            continue
        names = [each.name for each in shadowing] or modules
        yield Diagnosis(
            code="leak.pythonpath",
            severity=Severity.WARNING,
            title=f"PYTHONPATH puts {', '.join(names[:_SHOWN])} of {folder} before those of the"
            " environment",
            cause="Python looks there first: what runs is not what the environment has, and compiled"
            " modules of both do not fit together.",
            remedies=(Remedy(text="unset it", command="unset PYTHONPATH"),),
            confidence=Confidence.CERTAIN,
            evidence=_list_versions(shadowing, view) or f"{folder}: {', '.join(modules[:8])}",
            found_in="PYTHONPATH",
            packages=tuple(names[:20]),
        )


def examine_variables(view: PrefixView) -> Iterator[Diagnosis]:
    """Find variables that change what Python or the loader take."""
    home = view.environ.get("PYTHONHOME", "")
    if home and view.python:
        yield Diagnosis(
            code="leak.pythonhome",
            severity=Severity.WARNING,
            title=f"PYTHONHOME is set to {home}",
            cause="Python takes its standard library from there, whichever environment it is of:"
            " with another version it does not even start.",
            remedies=(Remedy(text="unset it", command="unset PYTHONHOME"),),
            confidence=Confidence.CERTAIN,
            evidence=f"PYTHONHOME={home}",
            found_in="PYTHONHOME",
        )
    preload = view.environ.get("LD_PRELOAD", "")
    if preload:
        yield Diagnosis(
            code="leak.ld_preload",
            severity=Severity.INFO,
            title="LD_PRELOAD loads libraries into every process",
            cause="They come before all others and may answer for those that the environment has.",
            remedies=(Remedy(text="run without it", command="unset LD_PRELOAD"),),
            confidence=Confidence.CERTAIN,
            evidence=f"LD_PRELOAD={preload}",
            found_in="LD_PRELOAD",
        )


def examine_library_path(view: PrefixView) -> Iterator[Diagnosis]:
    """Find libraries that LD_LIBRARY_PATH puts before those of the environment."""
    for folder in _split(view.environ.get("LD_LIBRARY_PATH", "")):
        if _is_inside(folder, view):
            continue
        names = sorted(name for name in _list(folder) if _WATCHED.fullmatch(name))
        hidden = [name for name in names if name in view.libraries.names]
        if not hidden:
            continue
        yield Diagnosis(
            code="leak.ld_library_path",
            severity=Severity.WARNING,
            title=f"LD_LIBRARY_PATH puts {', '.join(hidden[:_SHOWN])} of {folder} before those of the"
            " environment",
            cause="The loader takes these instead of the environment's own, except where a library"
            " names its folder with an RPATH; another version of them fails, or computes on the CPU.",
            remedies=(Remedy(text="unset it", command="unset LD_LIBRARY_PATH"),),
            confidence=Confidence.LIKELY,
            evidence=f"LD_LIBRARY_PATH={view.environ['LD_LIBRARY_PATH']}",
            found_in="LD_LIBRARY_PATH",
            packages=_own_packages(hidden, view),
        )


def examine_path_files(view: PrefixView) -> Iterator[Diagnosis]:
    """Find `.pth` files that add folders outside of the environment."""
    for site in view.sites:
        for path in sorted((view.prefix / site).glob("*.pth")):
            added = [line for line in _read_lines(path) if _is_foreign(line, path, view)]
            if not added:
                continue
            inner = path.relative_to(view.prefix).as_posix()
            yield Diagnosis(
                code="leak.pth",
                severity=Severity.INFO,
                title=f"{path.name} adds {', '.join(added[:2])} to what can be imported",
                cause="An editable installation, or a link to other packages: what lies there can"
                " change without the environment being built again.",
                confidence=Confidence.CERTAIN,
                evidence=f"{inner}: {', '.join(added[:_SHOWN])}",
                found_in=inner,
            )


def _read_lines(path: Path) -> list[str]:
    try:
        text = read_bytes(path, limit_bytes=1024 * 1024).decode("utf-8", "replace")
    except UsageError:
        return []
    lines = (clean(line.strip(), limit=400) for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(("#", "import ", "import\t"))]


def _is_foreign(line: str, file: Path, view: PrefixView) -> bool:
    folder = file.parent / line
    return folder.is_dir() and not folder.resolve().is_relative_to(view.prefix)


def _find_shadowed_modules(folder: str, view: PrefixView) -> list[str]:
    """Find modules of a folder that hide those of the environment or of the standard library."""
    own = {_module(path) for each in view.distributions for path in each.paths}
    standard = view.prefix / f"lib/python{view.python_short}"
    found = []
    for name in sorted(_list(folder)):
        stem = name.removesuffix(".py")
        is_module = name.endswith(".py") or (Path(folder) / name / "__init__.py").is_file()
        if not is_module or not stem.isidentifier():
            continue
        if stem in own or (view.python and (standard / f"{stem}.py").is_file()):
            found.append(stem)
    return found


def _module(path: str) -> str:
    inner = path.partition("site-packages/")[2]
    first = inner.partition("/")[0]
    return first.partition(".")[0] if ".dist-info" not in first else ""


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in text.split(":") if part.startswith("/")))


def _is_inside(folder: str, view: PrefixView) -> bool:
    return Path(folder).resolve().is_relative_to(view.prefix)


def _list(folder: str) -> tuple[str, ...]:
    try:
        return tuple(path.name for path in Path(folder).iterdir())
    except OSError:
        return ()


def _list_versions(found: list[Distribution], view: PrefixView) -> str:
    """Tell each version beside that of the environment."""
    shown = [
        f"{each.label} (here {view.visible[each.name].version})"
        if each.name in view.visible
        else each.label
        for each in found[:_SHOWN]
    ]
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(shown) + more


def _own_packages(names: list[str], view: PrefixView) -> tuple[str, ...]:
    paths = [path for name in names for path in view.libraries.names.get(name, ())]
    owners = (view.brought_by.get(path) or view.owners.get(path, "") for path in paths)
    return tuple(dict.fromkeys(owner for owner in owners if owner))
