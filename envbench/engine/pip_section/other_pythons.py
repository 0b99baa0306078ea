"""Conflicts that another Python would end."""

import re
from collections.abc import Iterator, Sequence

from envbench.engine.outside_text import show_text
from envbench.engine.pip_section.conda_part import CondaPart, Hold, trace_hold
from envbench.engine.pip_section.core_words import name_line, name_lines, tell_chains
from envbench.engine.pip_section.demands import spell_versions, tell_demand
from envbench.engine.pip_section.guilty import GuiltySet
from envbench.engine.pip_section.prose import Demand, Prose, Term
from envbench.engine.pip_section.trial import PipTrials
from envbench.model.conflict import Chain, Core, CoreKind, Link, SpecLine
from envbench.model.version_match import satisfies_version

_OLDEST, _NEWEST = 7, 15
"""Minor versions of Python 3 that are tried."""


def tell_other_python(
    trials: PipTrials, guilty: GuiltySet, conda: CondaPart, prose: Prose
) -> Core | None:
    """Tell of items that this Python keeps from being installed; None when it does not."""
    if not prose.needs_python and not prose.without_wheel:
        return None
    found = find_pythons(trials, guilty.texts, prose)
    if not found:
        return None
    hold = trace_hold(conda, "python", (f"{found[0]}.*",))
    holders = {chain.line for chain in hold.chains}
    here = _minor_of(trials.python_version)
    told = (
        f"{name_lines(guilty.lines)} cannot be installed with {_name_python(here, hold, conda)}.",
        tell_chains(hold.chains),
        _tell_why(prose, here),
        f"With python {found[0]} it can.",
    )
    return Core(
        kind=CoreKind.PIP_AGAINST_CONDA,
        lines=(*sorted(holders, key=lambda line: (line.line or 0, line.text)), *guilty.lines),
        explanation=tuple(show_text(text, limit=600) for text in told if text),
        chains=(*hold.chains, *(_make_chain(line, prose) for line in guilty.lines)),
        meeting="python",
        available=tuple(f"python {version}" for version in found),
        is_minimal=guilty.is_minimal,
        solver_text=guilty.talk,
    )


def find_pythons(
    trials: PipTrials, items: Sequence[str], prose: Prose, *, most: int = 2
) -> tuple[str, ...]:
    """Find other Pythons with which items have a solution, nearest first, `3.11`.

    What conda owns counts as free: with another Python it would be other versions.

    Args:
        trials: How uv is asked.
        items: What is asked for.
        prose: Why they have no solution here. Pythons are left out for which it says the same.
        most: So many are enough.
    """
    owned = list(trials.task.owned)
    found: list[str] = []
    for python in _neighbours(trials.python_version):
        if _is_wanted(python, prose) and trials.resolves(
            items, python_version=python, released=owned
        ):
            found.append(python)
            if len(found) == most:
                break
    return tuple(found)


def _is_wanted(python: str, prose: Prose) -> bool:
    """Whether a Python meets what any left-out version needs, as far as that is told."""
    if prose.without_wheel:
        return True
    wanted = [demand.what.versions for demand in prose.needs_python]
    return any(satisfies_version(python, versions) is not False for versions in wanted)


def _neighbours(version: str) -> Iterator[str]:
    match = re.match(r"3\.(\d+)", version)
    if match is None:
        return
    here = int(match[1])
    minors = (minor for minor in range(_OLDEST, _NEWEST + 1) if minor != here)
    for minor in sorted(minors, key=lambda minor: (abs(minor - here), -minor)):
        yield f"3.{minor}"


def _name_python(here: str, hold: Hold, conda: CondaPart) -> str:
    direct = [chain.line for chain in hold.chains if not chain.links]
    if direct:
        return name_line(direct[0])
    chosen = "conda installs" if hold.chains or not conda.lines else "conda chose by itself"
    return f"python {here}, which {chosen}"


def _minor_of(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _tell_why(prose: Prose, here: str) -> str:
    if prose.needs_python:
        return f"{'; '.join(map(tell_demand, _join(prose.needs_python)[:3]))}."
    names = list(dict.fromkeys(str(term) for term in prose.without_wheel))
    return f"No wheel for python {here}: {', '.join(names[:3])}."


def _join(demands: Sequence[Demand]) -> list[Demand]:
    """Join neighbouring versions that want the same Python: `langchain >=1` for many ranges."""
    by_what: dict[tuple[str, Term], list[Demand]] = {}
    for demand in demands:
        by_what.setdefault((demand.who.name, demand.what), []).append(demand)
    return [each[0] if len(each) == 1 else _span(each) for each in by_what.values()]


def _span(demands: Sequence[Demand]) -> Demand:
    first, last = demands[0].who, demands[-1].who
    low = first.versions.split(",")[0]
    high = last.versions.split(",")[-1] if "," in last.versions else ""
    versions = ",".join(part for part in (low, high) if part.startswith((">", "<")))
    return Demand(Term(first.name, versions), demands[0].what)


def _make_chain(line: SpecLine, prose: Prose) -> Chain:
    demands = [d for d in _join(prose.needs_python) if d.who.name == line.name]
    if not demands:
        return Chain(line=line, demand="python")
    needs = " or ".join(dict.fromkeys(str(demand.what) for demand in demands))
    versions = spell_versions(demands[0].who) if len(demands) == 1 else ""
    package = f"{line.name} {versions}".strip()
    return Chain(line=line, links=(Link(package, needs),), demand=needs)
