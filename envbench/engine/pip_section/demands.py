"""Who wants what of whom, as far as uv said it."""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion

from envbench.engine.pip_section.prose import Demand, Prose, Term
from envbench.model.conflict import Chain, Link, SpecLine

_MOST_SHOWN = 3

Steps = tuple[tuple[str, str], ...]
"""Names of neighbours, `((openai, httpx), (httpx, anyio))`."""


class DemandGraph:
    """The demands of one or several explanations."""

    def __init__(self, proses: Iterable[Prose], pins: Mapping[str, str] | None = None) -> None:
        """Join what several explanations say.

        Args:
            proses: The explanations.
            pins: What conda owns; uv words its pins as if packages asked for them.
        """
        said: defaultdict[tuple[str, str], list[Demand]] = defaultdict(list)
        for prose in proses:
            for demand in prose.demands:
                pin = (pins or {}).get(demand.what.name)
                if pin is None or demand.what.versions != f"=={pin}":
                    said[demand.who.name, demand.what.name].append(demand)
        self._demands = {pair: keep_widest(demands) for pair, demands in said.items()}
        self._given = {
            pair for pair, demands in said.items() if any(not d.is_concluded for d in demands)
        }
        self._followers: defaultdict[str, list[str]] = defaultdict(list)
        for who, what in sorted(said):
            self._followers[who].append(what)

    @property
    def wanted(self) -> tuple[str, ...]:
        """Names of all that somebody wants."""
        return tuple(sorted({what for _, what in self._demands}))

    def way(self, start: str, end: str) -> Steps | None:
        """Find the shortest way; given statements are preferred to concluded ones."""
        given = self._search(start, end, given_only=True)
        return given if given is not None else self._search(start, end)

    def is_given(self, steps: Steps) -> bool:
        """Tell whether uv stated each step; what it concluded may skip packages in between."""
        return all(step in self._given for step in steps)

    def ranges(self, who: str, what: str) -> tuple[str, ...]:
        """Say which versions of `what` any version of `who` wants; each once."""
        return tuple(sorted({demand.what.versions for demand in self._demands[who, what]}))

    def chain(self, line: SpecLine, steps: Steps) -> Chain:
        """Tell a way in words."""
        links = [self._link(*step) for step in steps]
        return Chain(line=line, links=tuple(links), demand=links[-1].needs if links else line.text)

    def _search(self, start: str, end: str, *, given_only: bool = False) -> Steps | None:
        waiting: deque[tuple[str, Steps]] = deque([(start, ())])
        seen = {start}
        while waiting:
            name, steps = waiting.popleft()
            if name == end:
                return steps
            for other in self._followers.get(name, ()):
                step = (name, other)
                if other not in seen and (not given_only or step in self._given):
                    seen.add(other)
                    waiting.append((other, (*steps, step)))
        return None

    def _link(self, who: str, what: str) -> Link:
        ranges = self.ranges(who, what)
        needs = [f"{what} {versions}".strip() for versions in ranges[:_MOST_SHOWN]]
        if len(ranges) > _MOST_SHOWN:
            needs.append("others")
        told = {spell_versions(demand.who) for demand in self._demands[who, what]}
        versions = next(iter(told)) if len(told) == 1 else ""
        return Link(f"{who} {versions}".strip(), " or ".join(needs))


def keep_widest(demands: Iterable[Demand]) -> tuple[Demand, ...]:
    """Leave out what a conclusion about more versions of the same package says as well."""
    distinct = list({(d.who, d.what): d for d in demands}.values())
    return tuple(
        demand
        for demand in distinct
        if not any(
            other is not demand and other.is_concluded and _covers(other.who, demand.who)
            for other in distinct
        )
    ) or tuple(distinct)


def spell_versions(term: Term) -> str:
    """Spell versions that exist: `2.13.0`, `2.0.0 ... 2.48.0`, `>=3`."""
    parts = term.versions.split(",")
    if len(parts) == 1 and parts[0].startswith("==") and not parts[0].endswith("*"):
        return parts[0][2:]
    if len(parts) == 2 and parts[0].startswith(">=") and parts[1].startswith("<="):
        return f"{parts[0][2:]} ... {parts[1][2:]}"
    return term.versions


def tell_demand(demand: Demand) -> str:
    """Tell it: `openai 2.0.0 needs typing-extensions >=4.11,<5`."""
    return f"{demand.who.name} {spell_versions(demand.who)}".strip() + f" needs {demand.what}"


def _covers(outer: Term, inner: Term) -> bool:
    """Whether a range holds another one and more, judged by their ends."""
    if not outer.versions:
        return bool(inner.versions)
    open_above = not re.search("<|==", inner.versions) and "<" in outer.versions
    open_below = not re.search(">|==", inner.versions) and ">" in outer.versions
    if not inner.versions or open_above or open_below or outer.versions == inner.versions:
        return False
    ends = re.findall(r"(?:==|>=|<=|>|<)([^,]+)", inner.versions)
    try:
        allowed = SpecifierSet(outer.versions)
        return all(allowed.contains(end.rstrip(".*"), prereleases=True) for end in ends)
    except (InvalidSpecifier, InvalidVersion):
        return False
