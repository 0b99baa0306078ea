"""Files that a conda package and a pip distribution both claim: pip wrote over conda's.

conda does not see what pip did: it reports the version that it installed, and its next update
mixes the files of both.
"""

from collections.abc import Iterator

from envbench.envs.doctor.view import Distribution, PrefixView
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy, SpecChange
from envbench.model.known_names import conda_name_of
from envbench.model.problem import Severity

_SHOWN = 3


def examine_pip_over_conda(view: PrefixView) -> Iterator[Diagnosis]:
    """Find pip distributions that replaced files of conda packages, or stand beside them."""
    for distribution in view.distributions:
        if distribution.conda_package:
            continue
        taken: dict[str, list[str]] = {}
        for path in distribution.paths:
            owner = view.owners.get(path)
            if owner is not None and "__pycache__" not in path:
                taken.setdefault(owner, []).append(path)
        for owner, paths in sorted(taken.items()):
            yield _diagnose_taken(distribution, owner, sorted(paths), view)
        if not taken:
            yield from _find_beside(distribution, view)


def _find_beside(distribution: Distribution, view: PrefixView) -> Iterator[Diagnosis]:
    """Find the conda package of the same thing, whose files pip removed before it put its own."""
    name = conda_name_of(distribution.name)
    package = view.conda.get(name) or view.conda.get(f"{name}-base")
    if package is None or not any("site-packages/" in each.path for each in package.paths):
        return
    infos = [
        p.path
        for p in package.paths
        if p.path.endswith((".dist-info/METADATA", ".dist-info/RECORD"))
    ]
    if not infos or all((view.prefix / path).exists() for path in infos):
        return
    yield _diagnose(
        distribution,
        package.record.name,
        f"{infos[0]} of {package.record.dist_name} is gone",
        infos[0],
        view,
        is_gone=True,
    )


def _diagnose_taken(
    distribution: Distribution, owner: str, paths: list[str], view: PrefixView
) -> Diagnosis:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    evidence = f"{len(paths)} files of both: {', '.join(paths[:_SHOWN])}{more}"
    return _diagnose(distribution, owner, evidence, paths[0], view, is_gone=False)


def _diagnose(
    distribution: Distribution,
    owner: str,
    evidence: str,
    found_in: str,
    view: PrefixView,
    *,
    is_gone: bool,
) -> Diagnosis:
    record = view.conda[owner].record
    is_same = record.version == distribution.version
    section_change = SpecChange(kind="remove", requirement=distribution.name, section="pip")
    pin = SpecChange(
        kind="require", requirement=f"{owner} {distribution.version.partition('+')[0]}"
    )
    what = "replaced" if is_gone else "wrote over"
    wins = f"Python imports {distribution.version}, conda believes in {record.version}"
    return Diagnosis(
        code="duplicate.pip_over_conda",
        severity=Severity.INFO if is_same else Severity.WARNING,
        title=f"pip's {distribution.label} {what} conda's {owner} {record.version}",
        cause=f"{wins}; what conda installed against {record.version} now runs with another, and"
        " the next change by conda mixes the files of both."
        if not is_same
        else "Both are the same version; conda's next change mixes the files of both.",
        remedies=(
            Remedy(
                text=f"ask conda for {owner} {distribution.version}, and pip for nothing",
                changes=(section_change, pin),
            ),
            Remedy(
                text=f"or take {distribution.name} out of the pip section",
                changes=(section_change,),
            ),
        ),
        confidence=Confidence.CERTAIN,
        evidence=evidence,
        found_in=found_in,
        packages=(distribution.name, owner),
    )
