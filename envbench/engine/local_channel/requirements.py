"""From the requirements of a distribution to the dependencies of a conda package."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from envbench.model.requirement import read_requirement

_OPERATORS = {"===": "=="}


@dataclass(frozen=True, slots=True)
class Needs:
    """What a distribution asks for, on one interpreter."""

    depends: tuple[str, ...]
    """Match specs, sorted by name; without `python`."""
    names: tuple[str, ...]
    """Normalised names of the distributions in `depends`."""
    depends_on_python: bool
    """Whether another Python would have got other dependencies."""
    extras: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Names that are asked for with extras, and those extras."""


def convert_requirements(
    requires: Iterable[str],
    environment: Mapping[str, str],
    extras: Iterable[str] = (),
) -> Needs:
    """Turn `Requires-Dist` lines into match specs.

    Markers are evaluated for the given interpreter. A requirement by URL keeps its name only.
    Names are normalised as on PyPI, never translated to what a public channel calls them.

    Args:
        requires: The lines; one that cannot be parsed is left out.
        environment: Values of the markers' variables.
        extras: The extras of the distribution that are asked for.
    """
    depends: dict[str, list[str]] = {}
    asked: dict[str, set[str]] = {}
    depends_on_python = False
    for requirement in _parse(requires):
        if requirement.marker:
            depends_on_python |= _asks_for_python(requirement.marker)
            if not _applies(requirement.marker, environment, extras):
                continue
        name = str(canonicalize_name(requirement.name))
        if requirement.extras:
            asked.setdefault(name, set()).update(requirement.extras)
        terms = depends.setdefault(name, [])
        terms += [term for term in [convert_specifiers(requirement.specifier)] if term]
    specs = (" ".join([name, _join(terms)]).strip() for name, terms in sorted(depends.items()))
    extras_of = tuple((name, tuple(sorted(names))) for name, names in sorted(asked.items()))
    return Needs(tuple(specs), tuple(sorted(depends)), depends_on_python, extras_of)


def convert_specifiers(specifiers: SpecifierSet) -> str:
    """Turn PEP 440 specifiers into conda's version syntax; empty for "any version".

    Source:
        https://packaging.python.org/en/latest/specifications/version-specifiers/
    """
    return _join([term for specifier in specifiers for term in _convert(specifier)])


def convert_python_requirement(requires_python: str) -> str:
    """Turn `Requires-Python` into the dependency on `python`; a senseless one asks for any."""
    try:
        return f"python {convert_specifiers(SpecifierSet(requires_python))}".strip()
    except InvalidSpecifier:
        return "python"


def _parse(requires: Iterable[str]) -> Iterator[Requirement]:
    for line in requires:
        try:
            yield read_requirement(line)
        except InvalidRequirement:
            continue


def _applies(marker: Marker, environment: Mapping[str, str], extras: Iterable[str]) -> bool:
    return any(marker.evaluate({**environment, "extra": extra}) for extra in ("", *extras))


def _asks_for_python(marker: Marker) -> bool:
    text = str(marker)
    return any(name in text for name in ("python_version", "python_full_version"))


def _join(terms: Iterable[str]) -> str:
    """Join terms: wildcards first, since solvers read them wrongly anywhere else."""
    unique = dict.fromkeys(part for term in terms for part in term.split(","))
    return ",".join(sorted(unique, key=lambda part: (not part[0].isdigit(), part)))


def _convert(specifier: Specifier) -> tuple[str, ...]:
    operator, version = specifier.operator, specifier.version
    if operator == "~=":
        release = ".".join(version_release(version)[:-1])
        return (f"{release}.*", f">={version}")
    if operator == "==" and version.endswith(".*"):
        return (version,)
    return (f"{_OPERATORS.get(operator, operator)}{version}",)


def version_release(version: str) -> list[str]:
    """Return the parts of a version's release, with its epoch, `1!2.0rc1` -> `["1!2", "0"]`."""
    parsed = Version(version)
    parts = [str(number) for number in parsed.release]
    parts[0] = f"{parsed.epoch}!{parts[0]}" if parsed.epoch else parts[0]
    return parts
