"""Why a pip package is not newer: what holds it, proved by leaving that away."""

from collections.abc import Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from envbench.engine.outside_text import show_text
from envbench.engine.pip_section.chains import Meeting, choose_meeting, find_meeting
from envbench.engine.pip_section.conda_part import CondaPart, trace_hold
from envbench.engine.pip_section.core_words import name_line, tell_chain
from envbench.engine.pip_section.demands import DemandGraph
from envbench.engine.pip_section.guilty import GuiltySet, find_guilty, list_items
from envbench.engine.pip_section.items import read_item, specifier_of
from envbench.engine.pip_section.prose import Prose, read_prose
from envbench.engine.pip_section.trial import PipTrials
from envbench.model.conflict import Chain, SpecLine
from envbench.model.version import compare_versions
from envbench.model.why import Culprit, HeldBack


def explain_held_back(
    trials: PipTrials, name: str, conda: CondaPart | None = None
) -> HeldBack | None:
    """Say what keeps a package of the pip section from being newer.

    Args:
        trials: The section, which has a solution, and what conda owns.
        name: Of an item, or of any package that its resolution has.
        conda: The conda lines and their plan.

    Returns:
        None when it is the newest that the index has for this Python and platform, or when it is
        no part of the resolution.

    Raises:
        EnvbenchError: As `PipTrials.try_items`.
    """
    return _HeldBackSearch(trials, canonicalize_name(name), conda or CondaPart()).explain()


@dataclass(slots=True)
class _HeldBackSearch:
    trials: PipTrials
    name: str
    conda: CondaPart

    def explain(self) -> HeldBack | None:
        chosen = self.trials.try_items().versions.get(self.name)
        if chosen is None:
            return None
        newest = self._find_newest()
        if newest in {None, chosen}:
            return None
        items = list_items(self.trials)
        wish = f"{self._written()}>{chosen}"
        # The wish says what an item without versions says.
        blamable = [i for i in items if i.shown.name != self.name or specifier_of(i.text)]
        guilty = find_guilty(self.trials, blamable, wish=wish)
        line = next((item.shown for item in items if item.shown.name == self.name), None)
        if guilty is None:
            return self._tell_free(chosen, newest or "", line, wish)
        meeting = self._find_meeting(guilty, newest or "", line)
        culprits = (*self._blame_items(guilty, meeting), *self._blame_pins(guilty, meeting))
        return HeldBack(
            name=self.name,
            chosen=chosen,
            newest=newest or "",
            is_pip=True,
            line=line,
            culprits=culprits,
            jumps_to=self._jump(guilty, chosen),
            reason=show_text(self._tell(culprits, meeting), limit=600),
        )

    def _find_newest(self) -> str | None:
        """Resolve the name alone, as if conda were free in all that it installs."""
        free = list(self.trials.task.owned)
        return self.trials.try_items([self._written()], released=free).versions.get(self.name)

    def _written(self) -> str:
        """Write the name with the extras of its items."""
        items = map(read_item, self.trials.task.items)
        extras = {e for r in items if canonicalize_name(r.name) == self.name for e in r.extras}
        return f"{self.name}[{','.join(sorted(extras))}]" if extras else self.name

    def _tell_free(
        self, chosen: str, newest: str, line: SpecLine | None, wish: str
    ) -> HeldBack | None:
        """Tell of a package that could be newer: something else would then be older."""
        texts = [*self.trials.task.items, wish]
        free = self.trials.try_items(texts)
        before = self.trials.try_items().versions
        if free.is_refused:
            return None
        older = [
            f"{name} {version} instead of {before[name]}"
            for name, version in sorted(free.versions.items())
            if name != self.name and before.get(name, version) != version
        ]
        price = f", with {', '.join(older[:3])}" if older else ""
        return HeldBack(
            name=self.name,
            chosen=chosen,
            newest=newest,
            is_pip=True,
            line=line,
            reason=f"No line holds it: {self.name} {free.versions.get(self.name, '')} goes with all"
            f" of them{price}.",
        )

    def _jump(self, guilty: GuiltySet, chosen: str) -> str:
        """Resolve without the culprits; what is not newer by itself then is asked for."""
        kept = [item.text for item in list_items(self.trials) if item not in guilty.items]
        for asked in (self._written(), f"{self._written()}>{chosen}"):
            trial = self.trials.try_items([*kept, asked], released=list(guilty.pins))
            version = trial.versions.get(self.name, "")
            if version and compare_versions(chosen, version) > 0:
                return version
        return ""

    # -- how -------------------------------------------------------------------------------------

    def _find_meeting(self, guilty: GuiltySet, newest: str, line: SpecLine | None) -> Meeting:
        goal = line or SpecLine(text=self.name, name=self.name, is_pip=True)
        lines = [goal, *(shown for shown in guilty.lines if shown != goal)]
        prose = read_prose(guilty.talk)
        graph = DemandGraph([prose], guilty.pins)
        meeting = find_meeting(graph, lines, guilty.pins)
        if meeting.is_whole:
            return meeting
        exact = self._ask_exactly(guilty, newest)
        again = find_meeting(DemandGraph([exact], guilty.pins), lines, guilty.pins)
        both = find_meeting(DemandGraph([exact, prose], guilty.pins), lines, guilty.pins)
        return choose_meeting(meeting, choose_meeting(again, both))

    def _ask_exactly(self, guilty: GuiltySet, newest: str) -> Prose:
        released = [name for name in self.trials.task.owned if name not in guilty.pins]
        texts = [*guilty.texts, f"{self.name}=={newest}"]
        return read_prose(self.trials.try_items(texts, released=released).refusal)

    def _blame_items(self, guilty: GuiltySet, meeting: Meeting) -> list[Culprit]:
        chains = {chain.line: chain for chain in meeting.chains}
        return [Culprit(line=shown, chain=chains.get(shown)) for shown in guilty.lines]

    def _blame_pins(self, guilty: GuiltySet, meeting: Meeting) -> list[Culprit]:
        """Blame the conda lines behind the pins, or the conda package where no line forces it."""
        found: list[Culprit] = []
        for name, version in sorted(guilty.pins.items()):
            ranges = meeting.ranges if name == meeting.name else ()
            hold = trace_hold(self.conda, name, ranges)
            found += [Culprit(line=chain.line, chain=chain) for chain in hold.chains]
            if not hold.chains:
                package = SpecLine(text=f"{hold.package} {version}", name=hold.package)
                found.append(Culprit(line=package, chain=Chain(line=package, demand=package.text)))
        return found

    def _tell(self, culprits: Sequence[Culprit], meeting: Meeting) -> str:
        names = [
            name_line(culprit.line)
            if culprit.line.line is not None or culprit.line.is_pip
            else f"{culprit.line.text}, which conda chose,"
            for culprit in culprits
        ]
        who = " and ".join(names)
        own = next((c for c in meeting.chains if c.line.name == self.name and c.links), None)
        theirs = [
            c.chain for c in culprits if c.chain and c.chain.links and c.line.name != self.name
        ]
        told = "; ".join(
            tell_chain(chain).rstrip(".") for chain in (*theirs, *((own,) if own else ()))
        )
        holds = "holds" if len(names) == 1 else "hold"
        return f"{who} {holds} it{f': {told}' if told else ''}."
