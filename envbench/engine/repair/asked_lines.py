"""The user's lines as a search speaks of them: by their place in the request."""

from collections.abc import Collection, Iterator, Sequence

from envbench.engine.repair.contexts import Context
from envbench.engine.repair.task import RepairTask
from envbench.engine.repair.trials import Trials
from envbench.engine.repair.variants import Variant
from envbench.model.channel import ChannelPriority
from envbench.model.conflict import Conflict, Core, SpecLine
from envbench.model.repair import Move
from envbench.model.repair_candidate import Candidate, remove
from envbench.model.repair_moves import Supply, list_candidates


class AskedLines:
    """What is known of the lines of one search."""

    def __init__(self, task: RepairTask, trials: Trials) -> None:
        """Prepare; see `RepairSearch`."""
        self._task = task
        self._trials = trials
        self.texts = tuple(spec.text for spec in task.request.specs)

    @property
    def is_strict(self) -> bool:
        """Whether channel priority is strict."""
        return self._task.request.channel_priority is ChannelPriority.STRICT

    def weigh(self, index: int) -> tuple[bool, int]:
        """Order lines for a search: Python last, since whoever asks for one mostly means it."""
        return (self._task.lines[index].name == "python", index)

    def line(self, index: int) -> SpecLine:
        """Give a line."""
        return self._task.lines[index]

    def supply(self, index: int) -> Supply:
        """Tell what the channels have of the package of a line."""
        return self._trials.supply(self._task.lines[index].name)

    def candidates(self, index: int) -> tuple[Candidate, ...]:
        """List the changes of a line."""
        return list_candidates(self.line(index), self.supply(index), strict=self.is_strict)

    def vary(self, context: Context | None, removed: Collection[int]) -> Variant:
        """Make the variant without some lines, in a context or in none."""
        texts = tuple(None if i in removed else text for i, text in enumerate(self.texts))
        return context.vary(texts) if context is not None else Variant(texts=texts)

    def remove(self, chosen: Sequence[int]) -> tuple[Move, ...]:
        """Make the moves that take lines out."""
        return tuple(remove(self._task.lines[index]).move for index in chosen)

    def explain(self, variant: Variant) -> list[frozenset[int]]:
        """Find the cores of a variant; none where it has a solution."""
        conflict = self._trials.explain(variant)
        return self.read_cores(conflict) if conflict is not None else []

    def read_cores(self, conflict: Conflict) -> list[frozenset[int]]:
        """Give the cores of a conflict as sets of places; all lines where it names none."""
        found = [frozenset(self._find_lines(core)) for core in conflict.cores]
        if not any(found):
            lines = {cause.line for cause in conflict.causes}
            found = [frozenset(i for i, s in enumerate(self._task.lines) if s.line in lines)]
        if not any(found):
            found = [frozenset(range(len(self.texts)))]
        return [core for core in found if core]

    def _find_lines(self, core: Core) -> Iterator[int]:
        for wanted in core.lines:
            if wanted.is_pip:
                continue
            same = [i for i, line in enumerate(self._task.lines) if line.line == wanted.line]
            named = [i for i in same if self._task.lines[i].name == wanted.name]
            yield from (named or same)

    def common_to(self, cores: Sequence[frozenset[int]]) -> frozenset[int]:
        """Give the lines that no change of these cores touches."""
        touched = {i for core in cores for i in core}
        return frozenset(
            i
            for i, line in enumerate(self._task.lines)
            if i not in touched and line.name != "python"
        )

    def name(self, chosen: Sequence[int]) -> str:
        """Name the packages of lines."""
        return ", ".join(self._task.lines[index].name for index in chosen)
