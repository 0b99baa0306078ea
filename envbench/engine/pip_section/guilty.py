"""Which items of a pip section, and which pins of conda, are to blame together."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from packaging.utils import canonicalize_name

from envbench.engine.outside_text import show_text
from envbench.engine.pip_section.blame import BlameFinder
from envbench.engine.pip_section.items import read_item, vet_items
from envbench.engine.pip_section.prose import Prose, read_prose
from envbench.engine.pip_section.trial import PipTrials
from envbench.model.conflict import SpecLine

_QUESTIONS = 80
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PipItem:
    """One item of the section, as uv gets it and as it is shown."""

    text: str
    """The requirement line."""
    shown: SpecLine


@dataclass(frozen=True, slots=True)
class GuiltySet:
    """A smallest set that has no solution."""

    items: tuple[PipItem, ...]
    pins: Mapping[str, str]
    """Distributions of conda that take part, with their versions."""
    is_minimal: bool
    talk: str
    """What uv says about this set alone."""

    @property
    def texts(self) -> list[str]:
        """The items as uv gets them."""
        return [item.text for item in self.items]

    @property
    def lines(self) -> tuple[SpecLine, ...]:
        """The items as they are shown."""
        return tuple(item.shown for item in self.items)


def list_items(trials: PipTrials) -> tuple[PipItem, ...]:
    """Give the items of a section with their lines.

    Raises:
        PipItemError: One is not accepted.
    """
    task = trials.task
    vet_items(task)
    numbers = [*task.lines, *[None] * (len(task.items) - len(task.lines))]
    return tuple(
        PipItem(text, _show(text, number)) for text, number in zip(task.items, numbers, strict=True)
    )


def find_guilty(
    trials: PipTrials,
    items: Sequence[PipItem],
    *,
    freed: Collection[str] = (),
    wish: str = "",
) -> GuiltySet | None:
    """Find one smallest set among the items and the pins of conda; None when all is well.

    Args:
        trials: How uv is asked.
        items: What is asked for.
        freed: Distributions of conda that pip may choose as if conda did not own them.
        wish: A further requirement that is never to blame.
    """
    search = _Search(trials, freed, wish)
    if search.is_fine(items):
        return None
    chosen = search.shrink_items(items)
    pins = search.shrink_pins(chosen)
    if pins and not _Search(trials, {*freed, *pins}, wish).is_fine(chosen, []):
        # They exclude each other in that very package: conda's version of it is beside the point.
        return find_guilty(trials, chosen, freed={*freed, *pins}, wish=wish)
    talk = search.talk(chosen, pins)
    minimal = not search.exhausted and search.is_minimal(chosen, pins)
    owned = trials.task.owned
    return GuiltySet(tuple(chosen), {name: owned[name] for name in pins}, minimal, talk)


class _Search:
    """Shrinks items and pins with one budget of questions."""

    def __init__(self, trials: PipTrials, freed: Collection[str], wish: str) -> None:
        self._trials = trials
        # What no index has can only be released.
        gone = {name for name in freed if trials.resolves([name], owned={})}
        self._owned = {n: v for n, v in trials.task.owned.items() if n not in gone}
        self._pins = sorted(self._owned.keys() - set(freed))
        self._wish = [wish] if wish else []
        self.exhausted = False

    def is_fine(self, items: Sequence[PipItem], pins: Sequence[str] | None = None) -> bool:
        """Tell whether items have a solution beside these pins of conda, all others released."""
        released = self._released(pins)
        return self._trials.resolves(self._texts(items), self._owned, released=released)

    def read(self, items: Sequence[PipItem]) -> Prose:
        """Read why items have none; only a hint where to look first."""
        texts, released = self._texts(items), self._released(None)
        return read_prose(self._trials.try_items(texts, self._owned, released=released).refusal)

    def talk(self, items: Sequence[PipItem], pins: Sequence[str]) -> str:
        """Tell why they have none, in uv's words."""
        released = self._released(pins)
        return self._trials.try_items(self._texts(items), self._owned, released=released).refusal

    def shrink_items(self, items: Sequence[PipItem]) -> list[PipItem]:
        """Find a smallest set of items that fails beside all pins, in their order."""
        if self._wish and not self.is_fine([]):
            return []
        required = {term.name for term in self.read(items).required}
        named = [item for item in items if item.shown.name in required]
        start = named if named and not self.is_fine(named) else items
        return self._shrink(start, lambda part: not self.is_fine(part))

    def shrink_pins(self, items: Sequence[PipItem]) -> list[str]:
        """Find a smallest set of pins without which these items are no conflict."""
        if not self._pins or not self.is_fine(items, []):
            return []
        named = self.read(items).names
        start = [name for name in self._pins if name in named]
        if not start or self.is_fine(items, start):
            start = self._pins
        return self._shrink(start, lambda part: not self.is_fine(items, part))

    def is_minimal(self, items: Sequence[PipItem], pins: Sequence[str]) -> bool:
        """Take each item and each pin away in turn: what is left must have a solution."""
        fewer_items = [[other for other in items if other is not item] for item in items]
        fewer_pins = [[other for other in pins if other != pin] for pin in pins]
        return all(self.is_fine(part, pins) for part in fewer_items if part or self._wish) and all(
            self.is_fine(items, part) for part in fewer_pins
        )

    def _shrink(self, start: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> list[T]:
        finder = BlameFinder[T](fails, questions=_QUESTIONS, budget_s=self._trials.seconds_left())
        found = finder.smallest_failing(start)
        self.exhausted = self.exhausted or finder.exhausted
        return found

    def _texts(self, items: Sequence[PipItem]) -> list[str]:
        return [*(item.text for item in items), *self._wish]

    def _released(self, pins: Sequence[str] | None) -> set[str]:
        kept = self._pins if pins is None else pins
        return self._owned.keys() - set(kept)


def _show(text: str, line: int | None) -> SpecLine:
    return SpecLine(
        text=show_text(text, limit=200),
        name=canonicalize_name(read_item(text).name),
        line=line,
        is_pip=True,
    )
