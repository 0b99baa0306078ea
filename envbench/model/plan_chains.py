"""How a line of the spec comes to refuse a version, read from the plan that it has."""

from collections.abc import Collection, Mapping, Sequence

from envbench.model.conflict import Chain, Link, SpecLine
from envbench.model.package_needs import Need, map_needs, trace_needs
from envbench.model.plan import PackageRecord
from envbench.model.version_match import satisfies_version


def trace_refusal(
    packages: Sequence[PackageRecord],
    line: SpecLine,
    name: str,
    version: str,
    others: Collection[str] = (),
) -> Chain | None:
    """Find the shortest way from a line to a dependency that refuses a version of a package.

    Args:
        packages: Those of the plan.
        line: Where the way begins.
        name: Of the package that it ends at.
        version: What the last step on the way must refuse.
        others: Names of packages that other lines ask for: a way past them shows what this line
            does by itself, and is preferred to a shorter one.

    Returns:
        None when nothing in the plan refuses it for the sake of that line: other versions of what
        is in the plan would have to be looked at.
    """
    known = {package.name: package.version for package in packages}
    needs = dict(map_needs(packages))
    needs[name] = tuple(
        need
        for need in needs.get(name, ())
        if _refuses(need.text, version)
        and (need.by == line.name or not _is_twin(need, name, known))
    )
    past = {key: tuple(n for n in found if n.by not in others) for key, found in needs.items()}
    roots = {line.name}
    ways = trace_needs(name, past, roots, most=1) or trace_needs(name, needs, roots, most=1)
    if not ways:
        return None
    links = tuple(Link(f"{need.by} {known[need.by]}", need.text) for need in ways[0])
    return Chain(line=line, links=links, demand=ways[0][-1].text)


def _is_twin(need: Need, name: str, versions: Mapping[str, str]) -> bool:
    """Tell whether two packages are released together, so that one would be newer with the other.

    `typing-extensions 4.14.1` needs `typing_extensions ==4.14.1`: that holds neither of them.
    """
    _, _, constraint = need.text.partition(" ")
    exact = constraint.split(" ")[0].lstrip("=")
    return exact == versions[name] == versions[need.by]


def _refuses(dependency: str, version: str) -> bool:
    """Tell whether `numpy >=1.2,<2 build` is not met by a version; an unreadable text refuses none."""
    _, _, constraint = dependency.partition(" ")
    words = constraint.split()
    return bool(words) and satisfies_version(version, words[0]) is False
