"""Why a pip package is not newer: what holds it, proved by leaving that away.

uv is asked for a newer version beside the items and what conda owns. As long as that has no
solution, a smallest part of them that refuses it is looked for; a smallest choice that takes one
of each such part is what holds the package, once the newer version fits without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from envbench.engine.outside_text import show_text
from envbench.engine.pip_section.conda_part import CondaPart
from envbench.engine.pip_section.culprits import CulpritTeller
from envbench.engine.pip_section.guilty import GuiltySet, PipItem, find_guilty, list_items
from envbench.engine.pip_section.items import read_item, specifier_of
from envbench.engine.pip_section.trial import PipTrials
from envbench.model.conflict import SpecLine
from envbench.model.hitting_sets import smallest_hitting_sets
from envbench.model.version import compare_versions
from envbench.model.why import HeldBack

_MOST_PARTS = 8


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
    chosen = trials.try_items().versions.get(canonicalize_name(name))
    if chosen is None:
        return None
    search = _Search(trials, canonicalize_name(name), chosen, conda or CondaPart())
    newest = search.find_newest()
    return None if newest in {"", chosen} else search.explain(newest)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Items and pins without which a newer version fits."""

    items: tuple[PipItem, ...]
    pins: tuple[str, ...]
    parts: tuple[GuiltySet, ...]
    """The smallest parts that refuse it, each of which has one of these."""


@dataclass(frozen=True, slots=True)
class _Search:
    trials: PipTrials
    name: str
    chosen: str
    conda: CondaPart

    def find_newest(self) -> str:
        """Resolve the name alone, as if conda were free in all that it installs."""
        free = list(self.trials.task.owned)
        return self.trials.try_items([self._written()], released=free).versions.get(self.name, "")

    def explain(self, newest: str) -> HeldBack:
        """Find the culprits and tell of them."""
        items = list_items(self.trials)
        line = next((item.shown for item in items if item.shown.name == self.name), None)
        choice = self._choose(items)
        if choice is None:
            return self._tell(newest, line, "What holds it could not be found out.")
        if not choice.parts:
            return self._tell(newest, line, self._price())
        teller = CulpritTeller(self.trials, self.conda, self.name, newest, line)
        culprits, reason = teller.tell(choice.parts, choice.items, choice.pins)
        return HeldBack(
            name=self.name,
            chosen=self.chosen,
            newest=newest,
            is_pip=True,
            line=line,
            culprits=culprits,
            jumps_to=self._jump(choice),
            reason=show_text(reason, limit=600),
        )

    def _choose(self, items: Sequence[PipItem]) -> _Choice | None:
        blamable = [i for i in items if i.shown.name != self.name or _says_more(i)]
        pins = sorted(self.trials.task.owned)
        everything: list[PipItem | str] = [*blamable, *pins]
        numbers = {each: number for number, each in enumerate(everything)}
        parts: list[GuiltySet] = []
        while len(parts) < _MOST_PARTS:
            sets = [_number(part, numbers) for part in parts]
            chosen = set(next(iter(smallest_hitting_sets(sets)), ()))
            if parts and not chosen:
                return None
            gone = tuple(pin for pin in pins if numbers[pin] in chosen)
            left = [item for item in blamable if numbers[item] not in chosen]
            part = find_guilty(self.trials, left, freed=gone, wish=self._wish)
            if part is None:
                taken = tuple(item for item in blamable if numbers[item] in chosen)
                return _Choice(taken, gone, tuple(parts))
            if not part.items and not part.pins:
                return None
            parts.append(part)
        return None

    def _jump(self, choice: _Choice) -> str:
        """Resolve without the culprits; what is not newer by itself then is asked for."""
        kept = [item.text for item in list_items(self.trials) if item not in choice.items]
        for asked in (self._written(), self._wish):
            trial = self.trials.try_items([*kept, asked], released=choice.pins)
            version = trial.versions.get(self.name, "")
            if version and compare_versions(self.chosen, version) > 0:
                return version
        return ""

    def _price(self) -> str:
        """Say what would be older for it, where no line holds it."""
        before = self.trials.try_items().versions
        free = self.trials.try_items([*self.trials.task.items, self._wish]).versions
        older = [
            f"{name} {version} instead of {before[name]}"
            for name, version in sorted(free.items())
            if name != self.name and before.get(name, version) != version
        ]
        price = f", with {', '.join(older[:3])}" if older else ""
        return f"No line holds it: {self.name} {free.get(self.name, '')} goes with all{price}."

    def _tell(self, newest: str, line: SpecLine | None, reason: str) -> HeldBack:
        return HeldBack(
            name=self.name, chosen=self.chosen, newest=newest, is_pip=True, line=line,
            reason=show_text(reason, limit=600),
        )  # fmt: skip

    @property
    def _wish(self) -> str:
        # A local version cannot be compared with; the public one stands for all of them.
        return f"{self._written()}>{self.chosen.partition('+')[0]}"

    def _written(self) -> str:
        """Write the name with the extras of its items."""
        items = map(read_item, self.trials.task.items)
        extras = {e for r in items if canonicalize_name(r.name) == self.name for e in r.extras}
        return f"{self.name}[{','.join(sorted(extras))}]" if extras else self.name


def _says_more(item: PipItem) -> bool:
    """Whether an item says more than that there is to be some version."""
    return bool(specifier_of(item.text)) or read_item(item.text).url is not None


def _number(part: GuiltySet, numbers: Mapping[PipItem | str, int]) -> set[int]:
    return {numbers[item] for item in part.items} | {numbers[pin] for pin in part.pins}
