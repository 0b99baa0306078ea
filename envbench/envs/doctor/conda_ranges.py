"""What conda's packages ask of each other, record against record.

Source: conda's `depends` and `constrains`; virtual packages belong to the box, not to the prefix.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from envbench.envs.doctor.requirement_codes import MISSING, PLAIN
from envbench.envs.doctor.view import PrefixView
from envbench.envs.prefix_records import PrefixPackage
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy, SpecChange
from envbench.model.matchspec import MatchSpec, MatchSpecError, parse_match_spec
from envbench.model.problem import Severity
from envbench.model.version_match import satisfies_match

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class _Unmet:
    """A line of a record that what is installed does not meet."""

    asker: PrefixPackage
    text: str
    match: MatchSpec
    found: PrefixPackage | None


def examine_conda_dependencies(view: PrefixView) -> Iterator[Diagnosis]:
    """Find dependencies and constraints of conda packages that the records do not meet."""
    unmet: dict[str, list[_Unmet]] = {}
    for asker in view.records.packages:
        for each in _list_unmet(asker, view):
            unmet.setdefault(each.match.name, []).append(each)
    for name, found in sorted(unmet.items()):
        yield _diagnose(name, found)


def examine_damaged_records(view: PrefixView) -> Iterator[Diagnosis]:
    """Tell of records that cannot be read: what they stand for is unknown."""
    for damaged in view.records.damaged:
        yield Diagnosis(
            code="record.damaged",
            severity=Severity.ERROR,
            title=f"the record {damaged.path.name} cannot be read",
            cause="conda and envbench do not know what is installed there: the next installation"
            " may overwrite it or leave it half removed.",
            remedies=(Remedy(text="build the environment again"),),
            confidence=Confidence.CERTAIN,
            evidence=str(damaged),
            found_in=f"conda-meta/{damaged.path.name}",
        )


def _list_unmet(asker: PrefixPackage, view: PrefixView) -> Iterator[_Unmet]:
    depends = asker.record.depends
    for index, text in enumerate((*depends, *asker.record.constrains)):
        if text.startswith("__"):
            continue
        try:
            match = parse_match_spec(text)
        except MatchSpecError:
            continue
        found = view.conda.get(match.name)
        if found is None:
            if index < len(depends) and not _is_conditional(match):
                yield _Unmet(asker, text, match, None)
        elif satisfies_match(found.record.version, found.record.build, match) is False:
            yield _Unmet(asker, text, match, found)


def _is_conditional(match: MatchSpec) -> bool:
    return any(key in {"when", "extras"} for key, _ in match.brackets)


def _diagnose(name: str, found: list[_Unmet]) -> Diagnosis:
    first = found[0]
    askers = tuple(dict.fromkeys(each.asker.record.name for each in found))
    who = askers[0] if len(askers) == 1 else f"{askers[0]} and {len(askers) - 1} more"
    lines = [f"{each.asker.record.dist_name} needs {each.text}" for each in found]
    more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    installed = first.found.record.dist_name if first.found else ""
    return Diagnosis(
        code=PLAIN if installed else MISSING,
        severity=Severity.ERROR,
        title=f"{installed} is not what {who} needs: {first.text}"
        if installed
        else f"{name} is not installed, but {who} needs it",
        cause="A package was installed, changed or removed without solving the environment as a"
        " whole (`--no-deps`, `--force`, or files deleted by hand).",
        remedies=(
            Remedy(
                text=f"put {first.text} into the environment and build it again",
                changes=(SpecChange(kind="require", requirement=first.text),),
            ),
        ),
        confidence=Confidence.CERTAIN,
        evidence="; ".join(lines[:_SHOWN]) + more,
        found_in=f"conda-meta/{first.asker.record.dist_name}.json",
        packages=(name, *askers),
    )
