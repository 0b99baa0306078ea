"""What conda's part of a spec says about the distributions that it installs."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from envbench.engine.outside_text import show_text
from envbench.model.conflict import Chain, Link, SpecLine
from envbench.model.known_names import conda_name_of
from envbench.model.package_needs import Need, Needs, map_needs, trace_needs
from envbench.model.plan import Plan
from envbench.model.version_match import satisfies_version

_BOUND = re.compile(r"\d[\w.]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaPart:
    """The conda lines of a spec, and what they came to."""

    lines: tuple[SpecLine, ...] = ()
    """In the order of the file, `python` among them."""
    plan: Plan | None = None
    packages: Mapping[str, str] = field(default_factory=dict)
    """Normalised name of a distribution to the conda package that brings it, where the names
    differ in other ways than the known ones."""
    lines_against: Callable[[str], tuple[SpecLine, ...] | None] | None = None
    """Asks the conda solver: a smallest set of the lines that exclude this match spec; empty when
    they all go with it; None when that is not known."""

    def package_of(self, distribution: str) -> str:
        """Name the conda package that brings a distribution."""
        known = self.packages.get(distribution)
        if known is not None or self.plan is None:
            return known or conda_name_of(distribution)
        names = {record.name for record in self.plan.packages}
        usual = conda_name_of(distribution)
        same = (name for name in sorted(names) if canonicalize_name(name) == distribution)
        return usual if usual in names else next(same, usual)

    def line_of(self, package: str) -> SpecLine | None:
        """Give the line that names a conda package."""
        return next((line for line in self.lines if line.name == package), None)


@dataclass(frozen=True, slots=True)
class Hold:
    """How conda's part comes to the version of a distribution that pip does not want."""

    package: str
    """conda's name of it."""
    chains: tuple[Chain, ...]
    """From each of the user's lines that force the version; empty when none does."""
    is_proven: bool
    """Whether the conda solver was asked; otherwise the lines are those of the plan."""


def trace_hold(conda: CondaPart, distribution: str, needed: Sequence[str]) -> Hold:
    """Find the lines that keep conda from installing what pip needs.

    Args:
        conda: The lines and their plan.
        distribution: Normalised name of what both want.
        needed: Version ranges that pip needs, any of which will do.
    """
    package = conda.package_of(distribution)
    chains = _chains_in_plan(conda, package, needed)
    if conda.lines_against is None:
        return Hold(package, chains, False)
    against = _ask_solver(conda.lines_against, package, needed)
    if against is None:
        return Hold(package, chains, False)
    told = {chain.line: chain for chain in chains}
    proven = [told.get(line, Chain(line=line, demand=line.text)) for line in against]
    return Hold(package, tuple(proven), True)


def _ask_solver(
    ask: Callable[[str], tuple[SpecLine, ...] | None], package: str, needed: Sequence[str]
) -> tuple[SpecLine, ...] | None:
    against: dict[SpecLine, None] = {}
    for versions in needed or ("",):
        lines = ask(f"{package} {versions}".strip())
        if not lines:
            return lines
        against.update(dict.fromkeys(lines))
    return tuple(sorted(against, key=lambda line: line.line or 0))


def _chains_in_plan(conda: CondaPart, package: str, needed: Sequence[str]) -> tuple[Chain, ...]:
    own = conda.line_of(package)
    if own is not None and excludes(own.text, needed):
        return (Chain(line=own, demand=own.text),)
    if conda.plan is None:
        return ()
    versions = {record.name: record.version for record in conda.plan.packages}
    roots = {line.name: line for line in conda.lines}
    needs = _forcing_needs(map_needs(conda.plan.packages), package, needed)
    ways = trace_needs(package, needs, roots.keys())
    return tuple(_make_chain(roots[way[0].by], way, versions) for way in ways)


def _forcing_needs(needs: Needs, package: str, needed: Sequence[str]) -> Needs:
    """Leave out what would also go with the versions that pip needs."""
    forcing = tuple(need for need in needs.get(package, ()) if excludes(need.text, needed))
    return {**needs, package: forcing}


def _make_chain(line: SpecLine, way: Sequence[Need], versions: Mapping[str, str]) -> Chain:
    links = [
        Link(show_text(f"{need.by} {versions.get(need.by, '')}", limit=200), show_text(need.text))
        for need in way
    ]
    return Chain(line=line, links=tuple(links), demand=links[-1].needs)


def excludes(dependency: str, needed: Sequence[str]) -> bool:
    """Tell whether no version meets both a conda dependency and one of the ranges.

    Versions are taken at the ends of all ranges and a little above; an unreadable text excludes
    nothing.
    """
    constraint = version_part(dependency)
    if not constraint or not needed:
        return False
    samples = _sample_versions([constraint, *needed])
    if all(satisfies_version(sample, constraint) in (False, None) for sample in samples):
        return False
    return not any(
        satisfies_version(sample, constraint) is not False
        and satisfies_version(sample, versions) is not False
        for versions in needed
        for sample in samples
    )


def version_part(dependency: str) -> str:
    """Give the version constraint of a match spec, without its build: `numpy >=1,<2 py39_0`."""
    name = re.match(r"(?:\S+?::)?[A-Za-z0-9_][\w.-]*", dependency)
    rest = dependency[name.end() :].strip() if name else ""
    if not rest or rest.startswith("["):
        return ""
    words = rest.split()
    written = words[0]
    if written.startswith("=") and not written.startswith("=="):
        # `=1.2` means `1.2.*`; a second `=` begins the build.
        bare = written[1:].split("=")[0]
        exact = written[1:].count("=") > 0
        return bare if exact or bare.endswith("*") else f"{bare}.*"
    return written


def _sample_versions(ranges: Sequence[str]) -> list[str]:
    bounds = [bound.strip(".") for text in ranges for bound in _BOUND.findall(text)]
    found = ["0"]
    for bound in bounds:
        found += [bound, f"{bound}.0.0.1", f"{bound}.99999"]
    return list(dict.fromkeys(found))
