"""What holds a conda package back: a smallest set of lines, proved by a solve without them.

The question is put to the solver as a demand (`numpy >1.23.5`) beside the lines. As long as that
has no solution, a smallest part of the lines that refuses it is looked for; a smallest choice of
lines that takes one of each such part is what holds the package back, once a solve without these
lines has the demand fulfilled.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from envbench.engine.search import sort_versions
from envbench.engine.solver.protocol import Pick
from envbench.engine.why.counterfactual import BudgetSpentError, Counterfactuals
from envbench.engine.why.sides import Sides, ask_for_sides
from envbench.engine.why.words import explain_refusal, say_held
from envbench.model.channel import ChannelPriority
from envbench.model.conflict import SpecLine
from envbench.model.hitting_sets import smallest_hitting_sets
from envbench.model.matchspec import MatchSpec
from envbench.model.plan import PackageRecord
from envbench.model.plan_chains import trace_refusal
from envbench.model.version import compare_versions
from envbench.model.version_match import satisfies_version
from envbench.model.why import Culprit, HeldBack, Release

_MOST_CORES = 12
_MOST_ALTERNATIVES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found out of one package."""

    newest: str
    """The newest version that the channels have; empty when they have none."""
    held_back: HeldBack | None
    """None when it is the newest."""


@dataclass(slots=True)
class HeldBackFinder:
    """Looks into one package after the other; what was solved for one is known for the next."""

    facts: Counterfactuals
    lines: tuple[SpecLine, ...]
    """One for each spec of the request."""
    matches: tuple[MatchSpec | None, ...]
    """What each spec asks for, as far as it can be read."""
    packages: tuple[PackageRecord, ...] = ()
    """Those of the plan; they tell how a line holds a package where the solver does not."""

    def examine(self, name: str, chosen: str) -> Finding:
        """Find out whether there is a newer version, and what keeps it out.

        Args:
            name: Of the conda package.
            chosen: The version in the plan.

        Raises:
            BudgetSpentError: Time is up.
            EnvbenchError: As `SolverProcess.solve`.
        """
        existing = self._list_versions(name)
        newer = [version for version in existing if compare_versions(chosen, version) > 0]
        if not newer:
            return Finding(newest=existing[0] if existing else "", held_back=None)
        own = next((i for i, m in enumerate(self.matches) if m and m.name == name), None)
        question = _Question(self, name, chosen, newer, own)
        return Finding(newest=newer[0], held_back=question.answer())

    def _list_versions(self, name: str) -> list[str]:
        found = self.facts.find(name)
        return sort_versions(v for channel in found.versions for v in channel.versions)


@dataclass(slots=True)
class _Question:
    finder: HeldBackFinder
    name: str
    chosen: str
    newer: list[str]
    """Newest first."""
    own: int | None
    """Index of the spec that names it."""
    cores: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def facts(self) -> Counterfactuals:
        return self.finder.facts

    @property
    def demand(self) -> str:
        return f"{self.name} >{self.chosen}"

    def answer(self) -> HeldBack:
        under_flexible = self._try_flexible()
        if under_flexible:
            return self._tell_strict(under_flexible)
        alone = self.facts.try_with((), (self.demand,))
        if not alone.is_solvable:
            return self._tell(self.newer[0], reason=self._blame_box())
        newest = self._find_newest(self._version_in(alone.picks))
        if self._rules_out_all():
            self.cores.append((self.own,) if self.own is not None else ())
        culprits = self._find_culprits()
        if culprits is None:
            reason = "more lines hold it than can be told apart"
            return self._tell(newest, reason=reason)
        if not culprits:
            return self._tell_free(newest)
        return self._tell_held(newest, culprits)

    def _find_newest(self, picked: str) -> str:
        """Give the newest version that can be installed at all; the solver mostly picks it."""
        top = self.newer[0]
        if picked == top or not self.facts.try_with((), (f"{self.name} =={top}",)).is_solvable:
            return picked
        return top

    def _try_flexible(self) -> str:
        """Give the version that all lines leave when strict channel priority does not count."""
        if self.facts.request.channel_priority is not ChannelPriority.STRICT:
            return ""
        everything, demand = self.facts.everything, (self.demand,)
        if self.facts.try_with(everything, demand).is_solvable:
            return ""
        flexible = self.facts.try_with(everything, demand, ChannelPriority.FLEXIBLE)
        return self._version_in(flexible.picks)

    def _tell_strict(self, jumps: str) -> HeldBack:
        reason = (
            "no line of the file does: strict channel priority hides what is newer;"
            f" with flexible priority {self.name} {jumps} fits"
        )
        return self._tell(self.newer[0], reason, jumps)

    def _rules_out_all(self) -> bool:
        """Whether its own line refuses every newer version: that needs no solver."""
        match = self.finder.matches[self.own] if self.own is not None else None
        if match is None or match.version is None:
            return False
        return all(satisfies_version(version, match.version) is False for version in self.newer)

    def _find_culprits(self) -> tuple[int, ...] | None:
        """Find a smallest set of lines without which the demand has a solution."""
        while len(self.cores) <= _MOST_CORES:
            choices = smallest_hitting_sets(self.cores, self._weigh)
            if not choices:
                return None
            refused = self._first_refused(choices[0])
            if refused is None:
                return choices[0]
            self.cores.append(self.facts.find_core(refused, (self.demand,)))
        return None

    def _first_refused(self, dropped: Collection[int]) -> tuple[int, ...] | None:
        """Give the lines that are left when they still refuse the demand."""
        kept = self._without(dropped)
        return None if self.facts.try_with(kept, (self.demand,)).is_solvable else kept

    def _without(self, dropped: Collection[int]) -> tuple[int, ...]:
        return tuple(index for index in self.facts.everything if index not in dropped)

    def _weigh(self, index: int) -> int:
        """Of equally many lines, blame its own one first, and the line of Python last."""
        if index == self.own:
            return 0
        match = self.finder.matches[index]
        return 2 if match is not None and match.name == "python" else 1

    def _blame_box(self) -> str:
        conflict = self.facts.explain((), (self.demand,))
        words = explain_refusal(conflict) if conflict is not None else ""
        some = f"{self.name} {self.newer[0]}" + (" and the like" if len(self.newer) > 1 else "")
        told = f": {words}" if words else ""
        return f"no line of the file does: {some} cannot be installed here at all{told}"

    def _tell_free(self, newest: str) -> HeldBack:
        got = self._version_in(self.facts.try_with(self.facts.everything, (self.demand,)).picks)
        reason = (
            f"no line of the file does: {self.name} {got} fits when it is asked for"
            f" (`{self.demand}`); the solver preferred newer versions of others"
        )
        return self._tell(newest, jumps_to=got, reason=reason)

    def _tell_held(self, newest: str, culprits: tuple[int, ...]) -> HeldBack:
        jumps, is_asked_for = self._jump(self._without(culprits))
        sides, others = self._find_beside(culprits, jumps)
        told = tuple(
            Culprit(line=self.finder.lines[index], chain=side.of_line)
            for index, side in zip(culprits, sides, strict=True)
        )
        is_own = culprits == (self.own,)
        reason = say_held(told, wish=None if is_own else sides[0].of_demand, is_own=is_own)
        if is_asked_for:
            reason += f"; without it, {jumps} fits, but must be asked for"
        return replace(
            self._tell(newest, reason, jumps),
            culprits=told,
            alternatives=others,
        )

    def _find_beside(
        self, culprits: tuple[int, ...], jumps: str
    ) -> tuple[list[Sides], tuple[Release, ...]]:
        """Find what makes the answer fuller; without time left it is as true without."""
        sides: list[Sides] = []
        others: tuple[Release, ...] = ()
        with suppress(BudgetSpentError):
            others = self._find_alternatives(culprits)
            sides = [self._find_sides(index, culprits, jumps) for index in culprits]
        return sides or [Sides()] * len(culprits), others

    def _find_alternatives(self, culprits: tuple[int, ...]) -> tuple[Release, ...]:
        """List other choices of the same size, each solved, too."""
        others = [c for c in smallest_hitting_sets(self.cores, self._weigh) if c != culprits]
        return tuple(
            Release(
                lines=tuple(self.finder.lines[index] for index in choice),
                jumps_to=self._jump(self._without(choice))[0],
            )
            for choice in others[:_MOST_ALTERNATIVES]
            if self._first_refused(choice) is None
        )

    def _jump(self, kept: Collection[int]) -> tuple[str, bool]:
        """Tell which version these lines leave, and whether it must be asked for to get it."""
        free = self._version_in(self.facts.try_with(kept, (self.name,)).picks)
        if compare_versions(self.chosen, free) > 0:
            return free, False
        return self._version_in(self.facts.try_with(kept, (self.demand,)).picks), True

    def _find_sides(self, culprit: int, culprits: tuple[int, ...], jumps: str) -> Sides:
        """Find how a line comes to refuse the demand: in the plan, or by asking the solver."""
        line = self.finder.lines[culprit]
        if culprit == self.own:
            return Sides()
        others = {each.name for each in self.finder.lines} - {line.name}
        seen = trace_refusal(self.finder.packages, line, self.name, jumps, others)
        if seen is not None:
            return Sides(of_line=seen)
        core = next(c for c in self.cores if set(c) & set(culprits) == {culprit})
        return ask_for_sides(self.facts, core, self.demand, line)

    def _version_in(self, picks: Sequence[Pick]) -> str:
        return next((pick.version for pick in picks if pick.name == self.name), "")

    def _tell(self, newest: str, reason: str, jumps_to: str = "") -> HeldBack:
        if newest != self.newer[0]:
            reason += f"; {self.name} {self.newer[0]} exists, but cannot be installed here"
        return HeldBack(
            name=self.name,
            chosen=self.chosen,
            newest=newest,
            line=self.finder.lines[self.own] if self.own is not None else None,
            jumps_to=jumps_to,
            reason=reason,
        )
