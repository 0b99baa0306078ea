"""How a line of the spec comes to refuse a version, read from the plan that it has."""

from collections.abc import Sequence

from envbench.model.conflict import Chain, Link, SpecLine
from envbench.model.package_needs import map_needs, trace_needs
from envbench.model.plan import PackageRecord
from envbench.model.version_match import satisfies_version


def trace_refusal(
    packages: Sequence[PackageRecord], line: SpecLine, name: str, version: str
) -> Chain | None:
    """Find the shortest way from a line to a dependency that refuses a version of a package.

    Args:
        packages: Those of the plan.
        line: Where the way begins.
        name: Of the package that it ends at.
        version: What the last step on the way must refuse.

    Returns:
        None when nothing in the plan refuses it for the sake of that line: other versions of what
        is in the plan would have to be looked at.
    """
    known = {package.name: package.version for package in packages}
    needs = dict(map_needs(packages))
    needs[name] = tuple(n for n in needs.get(name, ()) if _refuses(n.text, version))
    ways = trace_needs(name, needs, {line.name}, most=1)
    if not ways:
        return None
    links = tuple(Link(f"{need.by} {known[need.by]}", need.text) for need in ways[0])
    return Chain(line=line, links=links, demand=ways[0][-1].text)


def _refuses(dependency: str, version: str) -> bool:
    """Tell whether `numpy >=1.2,<2 build` is not met by a version; an unreadable text refuses none."""
    _, _, constraint = dependency.partition(" ")
    words = constraint.split()
    return bool(words) and satisfies_version(version, words[0]) is False
