"""How the culprits hold a pip package: the ways and ranges between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from envbench.engine.pip_section.chains import Meeting, choose_meeting, find_meeting
from envbench.engine.pip_section.conda_part import CondaPart, trace_hold
from envbench.engine.pip_section.core_words import join_names, name_line, tell_chain
from envbench.engine.pip_section.demands import DemandGraph
from envbench.engine.pip_section.guilty import GuiltySet, PipItem
from envbench.engine.pip_section.prose import Prose, read_prose
from envbench.engine.pip_section.trial import PipTrials
from envbench.model.conflict import Chain, SpecLine
from envbench.model.why import Culprit

_MOST_WAYS = 3


@dataclass(frozen=True, slots=True)
class CulpritTeller:
    """Tells of the culprits of one package."""

    trials: PipTrials
    conda: CondaPart
    name: str
    newest: str
    line: SpecLine | None
    """The item of the package, if it has one."""

    def tell(
        self, parts: Sequence[GuiltySet], items: Sequence[PipItem], pins: Sequence[str]
    ) -> tuple[tuple[Culprit, ...], str]:
        """Give the culprits and a sentence about them.

        Args:
            parts: Smallest parts that refuse a newer version.
            items: The items to blame, in their order.
            pins: The distributions of conda to blame.
        """
        culprits: list[Culprit] = []
        ways: list[Chain] = []
        for part in parts:
            meeting = self._find_meeting(part)
            theirs = [
                *self._blame_items([i for i in items if i in part.items], meeting),
                *self._blame_pins({p: v for p, v in part.pins.items() if p in pins}, meeting),
            ]
            culprits += [each for each in theirs if each.line not in {c.line for c in culprits}]
            ways += [each.chain for each in theirs if each.chain is not None]
            ways += [chain for chain in meeting.chains if chain.line.name == self.name]
        return tuple(culprits), _sentence(culprits, ways)

    def _find_meeting(self, part: GuiltySet) -> Meeting:
        goal = self.line or SpecLine(text=self.name, name=self.name, is_pip=True)
        lines = [goal, *(shown for shown in part.lines if shown != goal)]
        prose = read_prose(part.talk)
        meeting = find_meeting(DemandGraph([prose], part.pins), lines, part.pins)
        if meeting.is_whole:
            return meeting
        exact = self._ask_exactly(part)
        again = find_meeting(DemandGraph([exact], part.pins), lines, part.pins)
        both = find_meeting(DemandGraph([exact, prose], part.pins), lines, part.pins)
        return choose_meeting(meeting, choose_meeting(again, both))

    def _ask_exactly(self, part: GuiltySet) -> Prose:
        released = [name for name in self.trials.task.owned if name not in part.pins]
        texts = [*part.texts, f"{self.name}=={self.newest}"]
        return read_prose(self.trials.try_items(texts, released=released).refusal)

    def _blame_items(self, items: Sequence[PipItem], meeting: Meeting) -> list[Culprit]:
        chains = {chain.line: chain for chain in meeting.chains}
        return [Culprit(line=item.shown, chain=chains.get(item.shown)) for item in items]

    def _blame_pins(self, pins: dict[str, str], meeting: Meeting) -> list[Culprit]:
        """Blame the conda lines behind the pins, or the conda package where no line forces it."""
        found: list[Culprit] = []
        for name, version in sorted(pins.items()):
            hold = trace_hold(self.conda, name, meeting.ranges if name == meeting.name else ())
            found += [Culprit(line=chain.line, chain=chain) for chain in hold.chains]
            if not hold.chains:
                package = SpecLine(text=f"{hold.package} {version}", name=hold.package)
                found.append(Culprit(line=package, chain=Chain(line=package, demand=package.text)))
        return found


def _sentence(culprits: Sequence[Culprit], ways: Sequence[Chain]) -> str:
    names = [
        name_line(culprit.line)
        if culprit.line.line is not None or culprit.line.is_pip
        else f"{culprit.line.text}, which conda chose,"
        for culprit in culprits
    ]
    told = [text.rstrip(".") for way in ways if (text := tell_chain(way))]
    how = "; ".join(list(dict.fromkeys(told))[:_MOST_WAYS])
    holds = "holds" if len(names) == 1 else "hold"
    return f"{join_names(names)} {holds} it{f': {how}' if how else ''}."
