"""What is there twice: distributions, modules of two distributions, remains of removals."""

from collections.abc import Iterator, Mapping

from envbench.envs.doctor.installed_distributions import read_digests
from envbench.envs.doctor.requirement_remedies import make_change
from envbench.envs.doctor.view import Distribution, PrefixView
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy, SpecChange
from envbench.model.problem import Severity

_SHOWN = 3
_NOT_MODULES = ("bin/", "share/", "etc/", "include/", "man/")
_SHARED_BY_HABIT = frozenset({"tests", "test", "docs", "doc", "examples", "scripts", "LICENSE"})
_ENDINGS = (".py", ".so")


def examine_twice_installed(view: PrefixView) -> Iterator[Diagnosis]:
    """Find distributions of which two versions are noted in one site-packages directory."""
    by_name: dict[str, list[Distribution]] = {}
    for each in view.distributions:
        by_name.setdefault(each.name, []).append(each)
    for name, found in sorted(by_name.items()):
        if len(found) < 2 or len({each.info.rpartition("/")[0] for each in found}) > 1:
            continue
        versions = ", ".join(each.version for each in found)
        owners = {each.conda_package for each in found}
        how = (
            "pip replaced files of a conda package and left its note, or the other way round"
            if len(owners) > 1
            else "a removal was broken off"
        )
        yield Diagnosis(
            code="duplicate.dist",
            severity=Severity.WARNING,
            title=f"{name} is noted as installed {len(found)} times: {versions}",
            cause=f"Tools that ask for its version may get either: {how}.",
            remedies=(_reinstall(name, found, view),),
            confidence=Confidence.CERTAIN,
            evidence=", ".join(each.info for each in found),
            found_in=found[0].info,
            packages=(name,),
        )


def examine_shared_modules(view: PrefixView) -> Iterator[Diagnosis]:
    """Find modules whose files two distributions claim: the last installed one won."""
    claimed: dict[str, list[Distribution]] = {}
    for each in view.distributions:
        for path in set(each.paths):
            if path.endswith(_ENDINGS) and not path.startswith(_NOT_MODULES):
                claimed.setdefault(path, []).append(each)
    pairs: dict[tuple[str, ...], list[str]] = {}
    for path, owners in claimed.items():
        names = tuple(sorted({owner.name for owner in owners}))
        if len(names) > 1 and not _is_common(path):
            pairs.setdefault(names, []).append(path)
    for names, paths in sorted(pairs.items()):
        if {view.visible[name].conda_package != "" for name in names} == {True, False}:
            # Told as pip over conda.
            continue
        differing = _keep_differing(names, paths, view)
        if differing:
            yield _diagnose_shared(names, sorted(differing), view)


def examine_leftovers(view: PrefixView) -> Iterator[Diagnosis]:
    """Find what removals that were broken off left behind."""
    if view.leftovers:
        yield Diagnosis(
            code="duplicate.leftover",
            severity=Severity.INFO,
            title=f"{len(view.leftovers)} remains of removals that were broken off",
            cause="pip renames what it removes; something ended it before it was done. It costs disk"
            " and warnings, nothing else.",
            remedies=(
                Remedy(
                    text="delete them",
                    command=" ".join(
                        ["rm -r --", *(f"'{view.prefix}/{path}'" for path in view.leftovers[:8])]
                    ),
                ),
            ),
            confidence=Confidence.CERTAIN,
            evidence=", ".join(view.leftovers[:8]),
            found_in=view.leftovers[0],
        )


def _keep_differing(names: tuple[str, ...], paths: list[str], view: PrefixView) -> list[str]:
    """Leave out files of which all bring the same content: parts of one thing, such as PySide6."""
    digests = [read_digests(view.prefix, view.visible[name]) for name in names]
    claims = {path: [each[path] for each in digests if path in each] for path in paths}
    return [path for path, found in claims.items() if len(found) < 2 or len(set(found)) > 1]


def _is_common(path: str) -> bool:
    """Whether the file is one that careless packages all put at the same place."""
    inner = path.partition("site-packages/")[2]
    first = inner.partition("/")[0]
    return not inner or first in _SHARED_BY_HABIT or first.partition(".")[0] in _SHARED_BY_HABIT


def _diagnose_shared(names: tuple[str, ...], paths: list[str], view: PrefixView) -> Diagnosis:
    modules = sorted({_module(path) for path in paths})
    is_namespace = all(path.endswith("/__init__.py") for path in paths)
    sizes = _say_versions(names, view.visible)
    keep = names[0]
    removals = tuple(
        SpecChange(
            kind="remove",
            requirement=name,
            section="conda" if view.visible[name].conda_package else "pip",
        )
        for name in names[1:]
    )
    return Diagnosis(
        code="duplicate.module",
        severity=Severity.INFO if is_namespace else Severity.WARNING,
        title=f"{sizes} both bring {', '.join(modules[:_SHOWN])}",
        cause="The files of one replaced those of the other: which one is imported depends on what"
        " was installed last, and removing either breaks both."
        if not is_namespace
        else "They share a package that only holds them together.",
        remedies=()
        if is_namespace
        else (
            Remedy(
                text=f"keep one of them, {keep} for instance, and install it again",
                changes=(*removals, make_change(keep, "", _section(view.visible[keep]))),
            ),
        ),
        confidence=Confidence.CERTAIN,
        evidence=f"{len(paths)} files, such as {', '.join(paths[:_SHOWN])}",
        found_in=paths[0],
        packages=names,
    )


def _module(path: str) -> str:
    inner = path.partition("site-packages/")[2] or path
    return inner.partition("/")[0].partition(".")[0]


def _say_versions(names: tuple[str, ...], visible: Mapping[str, Distribution]) -> str:
    return " and ".join(visible[name].label for name in names)


def _section(distribution: Distribution) -> str:
    return "conda" if distribution.conda_package else "pip"


def _reinstall(name: str, found: list[Distribution], view: PrefixView) -> Remedy:
    if view.conda:
        return Remedy(
            text=f"keep {name} in one section of the spec and build the environment again"
        )
    return Remedy(
        text=f"install {name} again",
        command=f"{view.prefix}/bin/python -m pip install --force-reinstall {name}=={found[-1].version}",
    )
