"""The packages of a plan or an environment as members of one graph, conda's and pip's alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envbench.envs.distributions import list_site_directories
from envbench.envs.doctor.installed_distributions import read_distributions
from envbench.envs.doctor.view import Distribution
from envbench.envs.generation_files import read_generation
from envbench.envs.prefix_records import PrefixRecords, read_prefix_records
from envbench.formats.environment_yml import check_text
from envbench.model.checks.context import CheckContext
from envbench.model.conflict import SpecLine
from envbench.model.package_needs import name_of
from envbench.model.plan import PackageRecord, Plan
from envbench.model.requirement import read_requirement
from envbench.model.requirer_tree import Key, Member, Wish
from envbench.model.spec import SpecText
from envbench.workbench.spec_lines import show_item, spec_lines

_MOST_ROUNDS = 8
"""Extras may ask for extras; further than this nobody nests them."""


@dataclass(frozen=True, slots=True)
class Membership:
    """All packages, and the lines that ask for some of them."""

    members: tuple[Member, ...]
    lines: Mapping[Key, SpecLine]


def describe_plan(plan: Plan, lines: Iterable[SpecLine]) -> Membership:
    """Take the packages of a plan, and the properties of its box.

    Args:
        plan: The conda part.
        lines: What the spec asks for; the first line of a name counts.
    """
    virtual = [Member(Key(v.name), v.version) for v in plan.host.virtual_packages()]
    return Membership((*map(_member, plan.packages), *virtual), _first_lines(lines))


def describe_installed(prefix: Path) -> Membership:
    """Read the packages of an environment, those that pip installed with what they require.

    The lines are those of the spec that it was built from, where that is known; else what the
    installers say was requested.
    """
    records = read_prefix_records(prefix)
    conda = [_member(package.record) for package in records.packages]
    distributions = _read_distributions(records)
    lines = _read_lines(prefix, records, distributions)
    pip = _describe_distributions(distributions, lines, _python_version(records))
    return Membership((*conda, *pip), lines)


def _member(record: PackageRecord) -> Member:
    wishes = (Wish(Key(name_of(text)), text) for text in record.depends if name_of(text))
    return Member(Key(record.name), record.version, tuple(wishes))


def _first_lines(lines: Iterable[SpecLine]) -> dict[Key, SpecLine]:
    found: dict[Key, SpecLine] = {}
    for line in lines:
        if line.name:
            found.setdefault(Key(line.name, line.is_pip), line)
    return found


def _read_lines(
    prefix: Path, records: PrefixRecords, distributions: Sequence[Distribution]
) -> dict[Key, SpecLine]:
    generation = read_generation(prefix)
    if generation is not None and generation.spec_text:
        source = SpecText.from_decoded(generation.spec_text, path="the spec it was built from")
        spec = check_text(source, CheckContext(platform=generation.platform)).spec
        if spec is not None:
            return _first_lines(spec_lines(spec, generation.platform))
    conda = [
        SpecLine(text=show_item(text), name=package.record.name)
        for package in records.packages
        for text in package.requested_specs[:1]
    ]
    # Installers leave this mark beside what was named on their command line (PEP 376).
    pip = [
        SpecLine(text=each.name, name=each.name, is_pip=True)
        for each in distributions
        if not each.conda_package and (prefix / each.info / "REQUESTED").is_file()
    ]
    return _first_lines((*conda, *pip))


def _read_distributions(records: PrefixRecords) -> list[Distribution]:
    owners = {
        each.path: package.record.name for package in records.packages for each in package.paths
    }
    sites = list_site_directories(records.prefix)
    return [d for site in sites for d in read_distributions(records.prefix, site, owners)]


def _python_version(records: PrefixRecords) -> str:
    found = (p.record.version for p in records.packages if p.record.name == "python")
    return next(found, "")


def _describe_distributions(
    distributions: Sequence[Distribution], lines: Mapping[Key, SpecLine], python: str
) -> list[Member]:
    """Make members of what pip installed; a requirement that conda fulfils points at its package."""
    keys = {
        each.name: Key(each.conda_package) if each.conda_package else Key(each.name, is_pip=True)
        for each in distributions
    }
    extras = _find_extras(distributions, lines, python)
    return [
        Member(
            keys[each.name],
            each.version,
            tuple(
                Wish(keys.get(name, Key(name, is_pip=True)), _show_requirement(requirement))
                for requirement in _read_active(each, extras.get(each.name, frozenset()), python)
                for name in (canonicalize_name(requirement.name),)
            ),
        )
        for each in distributions
        if not each.conda_package
    ]


def _find_extras(
    distributions: Sequence[Distribution], lines: Mapping[Key, SpecLine], python: str
) -> dict[str, frozenset[str]]:
    """Find which extras of which distribution are in use; extras may ask for further ones."""
    found: dict[str, frozenset[str]] = {}
    for key, line in lines.items():
        if key.is_pip and "[" in line.text:
            requirement = _parse(line.text)
            found[key.name] = frozenset(requirement.extras) if requirement else frozenset()
    for _ in range(_MOST_ROUNDS):
        before = dict(found)
        for each in distributions:
            for requirement in _read_active(each, found.get(each.name, frozenset()), python):
                if requirement.extras:
                    name = canonicalize_name(requirement.name)
                    found[name] = found.get(name, frozenset()) | requirement.extras
        if found == before:
            break
    return found


def _read_active(
    distribution: Distribution, extras: frozenset[str], python: str
) -> list[Requirement]:
    """Read the requirements that count in this environment."""
    environment = {str(name): str(value) for name, value in default_environment().items()}
    if python:
        environment |= {
            "python_version": ".".join(python.split(".")[:2]),
            "python_full_version": python,
        }
    parsed = (_parse(text) for text in distribution.requires)
    return [r for r in parsed if r is not None and _applies(r, extras, environment)]


def _applies(
    requirement: Requirement, extras: frozenset[str], environment: Mapping[str, str]
) -> bool:
    marker = requirement.marker
    if marker is None:
        return True
    return any(marker.evaluate({**environment, "extra": extra}) for extra in (*sorted(extras), ""))


def _parse(text: str) -> Requirement | None:
    try:
        return read_requirement(text)
    except InvalidRequirement:
        return None


def _show_requirement(requirement: Requirement) -> str:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return f"{canonicalize_name(requirement.name)}{extras}{requirement.specifier}"
