"""Ways out of a violated requirement: changes of the spec that keep all other requirements in view."""

from collections.abc import Sequence

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from envbench.envs.doctor.view import Distribution, PrefixView
from envbench.model.diagnosis import Remedy, SpecChange
from envbench.model.known_names import conda_name_of

_MOST_TERMS = 12


def propose_remedies(
    name: str, askers: Sequence[Distribution], wanted: Sequence[Requirement], view: PrefixView
) -> tuple[Remedy, ...]:
    """Propose to bring the required distribution into range, or to take its user as new as needed.

    Args:
        name: The required distribution.
        askers: Those that ask in vain.
        wanted: Everything that the installed ones ask of it: mending one must not break another.
        view: The environment.
    """
    terms = _join_terms(wanted)
    found = view.visible.get(name)
    section = _choose_section(found, askers)
    verb = "install" if found is None else "bring"
    what = f"{name}{' ' if terms else ''}{terms}"
    text = f"install {what}" if verb == "install" else f"bring {name} into the range {terms}"
    first = Remedy(text=text, changes=(make_change(name, terms, section),))
    if found is None:
        return (first,)
    others = tuple(make_change(each.name, "", _section_of(each)) for each in askers[:4])
    names = " and ".join(dict.fromkeys(each.name for each in askers[:4]))
    second = Remedy(
        text=f"or take a version of {names} that fits {found.label}",
        changes=(*others, make_change(name, f"=={found.version}", section)),
    )
    return (first, second)


def make_change(name: str, terms: str, section: str) -> SpecChange:
    """Write a constraint in the words of the section it goes into."""
    if section == "pip":
        return SpecChange(kind="require", requirement=f"{name}{terms}", section="pip")
    constraint = f" {to_conda_terms(terms)}" if terms else ""
    return SpecChange(kind="require", requirement=f"{conda_name_of(name)}{constraint}")


def to_conda_terms(terms: str) -> str:
    """Say a specifier in conda's words: `==1.2.*` is `1.2.*` there."""
    parts = [part.strip() for part in terms.split(",") if part.strip()]
    plain = [
        p[2:] if p.startswith("==") and p.endswith(".*") else p.replace("===", "==") for p in parts
    ]
    return ",".join(plain)


def _choose_section(found: Distribution | None, askers: Sequence[Distribution]) -> str:
    if found is not None:
        return _section_of(found)
    return "conda" if all(each.conda_package for each in askers) else "pip"


def _section_of(distribution: Distribution) -> str:
    return "conda" if distribution.conda_package else "pip"


def _join_terms(wanted: Sequence[Requirement]) -> str:
    """Join all terms into one specifier: only the highest lower and the lowest upper bound stay."""
    terms = SpecifierSet()
    for requirement in wanted:
        terms &= requirement.specifier
    kept = {str(term) for term in terms}
    for operator, keep in ((">=", max), ("<", min)):
        bounds = [term for term in terms if term.operator == operator]
        if len(bounds) > 1:
            from packaging.version import Version

            best = keep(bounds, key=lambda term: Version(term.version))
            kept -= {str(term) for term in bounds if term is not best}
    return ",".join(sorted(kept)[:_MOST_TERMS])
