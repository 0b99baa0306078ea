"""Ways out of a violated requirement: changes of the spec that keep all other requirements in view."""

from collections.abc import Mapping, Sequence

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envbench.envs.doctor.view import Distribution, PrefixView
from envbench.formats.spec_changes import to_conda_terms
from envbench.model.diagnosis import Remedy, SpecChange
from envbench.model.known_names import conda_name_of

_MOST_TERMS = 12
_MOST_USERS = 3
_MOST_NAMES = 20


def propose_remedies(
    name: str, askers: Sequence[Distribution], wanted: Sequence[Requirement], view: PrefixView
) -> tuple[Remedy, ...]:
    """Propose to bring a distribution into range, or to take versions of its users that fit it.

    Args:
        name: The required distribution.
        askers: Those that ask in vain.
        wanted: Everything that the installed ones ask of it: mending one must not break another.
        view: The environment.
    """
    terms = join_terms(wanted)
    found = view.visible[name]
    section = _section_of(found)
    first = Remedy(
        text=f"bring {name} into the range {terms}", changes=(make_change(name, terms, section),)
    )
    users = list(dict.fromkeys(each.name for each in askers))
    if len(users) > _MOST_USERS:
        return (first,)
    others = tuple(make_change(each.name, "", _section_of(each)) for each in askers)
    second = Remedy(
        text=f"or take a version of {' and '.join(users)} that fits {found.label}",
        changes=(*dict.fromkeys(others), make_change(name, f"=={found.version}", section)),
    )
    return (first, second)


def propose_missing(
    names: Sequence[str],
    asker: Distribution,
    wanted: Mapping[str, Sequence[Requirement]],
    view: PrefixView,
) -> Remedy:
    """Propose to install what a distribution requires."""
    section = _section_of(asker)
    changes = tuple(
        make_change(name, join_terms(wanted.get(name, ())), section) for name in names[:_MOST_NAMES]
    )
    command = ""
    if section == "pip" and not view.conda:
        quoted = " ".join(f"'{change.requirement}'" for change in changes)
        command = f"{view.prefix}/bin/python -m pip install {quoted}"
    return Remedy(text=f"install what {asker.name} requires", changes=changes, command=command)


def make_change(name: str, terms: str, section: str) -> SpecChange:
    """Write a constraint in the words of the section it goes into."""
    if section == "pip":
        return SpecChange(kind="require", requirement=f"{name}{terms}", section="pip")
    constraint = f" {to_conda_terms(terms)}" if terms else ""
    return SpecChange(kind="require", requirement=f"{conda_name_of(name)}{constraint}")


def _section_of(distribution: Distribution) -> str:
    return "conda" if distribution.conda_package else "pip"


def join_terms(wanted: Sequence[Requirement]) -> str:
    """Join all terms into one specifier: only the highest lower and the lowest upper bound stay."""
    terms = SpecifierSet()
    for requirement in wanted:
        terms &= requirement.specifier
    kept = {str(term) for term in terms}
    for operator, keep in ((">=", max), ("<", min)):
        bounds = [term for term in terms if term.operator == operator]
        if len(bounds) > 1:
            best = keep(bounds, key=lambda term: Version(term.version))
            kept -= {str(term) for term in bounds if term is not best}
    return ",".join(sorted(kept)[:_MOST_TERMS])
