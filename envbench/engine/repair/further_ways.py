"""Ways out beyond the smallest change: one more line for a newer version, the pip section."""

from collections.abc import Sequence

from envbench.engine.repair.asked_lines import AskedLines
from envbench.engine.repair.ledger import Ledger
from envbench.engine.repair.lines import without_release
from envbench.engine.repair.set_search import SetSearch, Steps
from envbench.engine.repair.task import RepairTask
from envbench.engine.repair.trials import Trials
from envbench.engine.repair.variants import Variant
from envbench.engine.repair.views import View
from envbench.model.known_names import PYPI_OF_CONDA, pypi_name_of
from envbench.model.repair_candidate import Candidate
from envbench.model.repair_cost import wishes_gpu
from envbench.model.section_moves import line_to_pip
from envbench.model.well_known import PIP_PACKAGES


class FurtherWays:
    """Looks beyond what a search of the smallest sets found."""

    def __init__(
        self, task: RepairTask, lines: AskedLines, trials: Trials, ledger: Ledger, sets: SetSearch
    ) -> None:
        """Prepare; see `RepairSearch`."""
        self._task = task
        self._lines = lines
        self._trials = trials
        self._ledger = ledger
        self._sets = sets

    def pair_lines(self, view: View) -> Steps:
        """Where a line alone can only go one way, look for what keeps it from going the other."""
        for chosen in sorted(view.solved):
            if len(chosen) != 1 or not self._ledger.wants_more:
                continue
            index = chosen[0]
            base = self._lines.vary(view.context, chosen)
            blocked = self._sets.search_line(view, base, index).blocked_text()
            if blocked is None:
                continue
            text, pins = blocked
            yield self._ledger.snapshot()
            variant = self._lines.vary(view.context, ()).with_text(index, text)
            cores = self._lines.explain(variant)
            # One more line helps only where it takes part in every conflict that is left.
            shared = frozenset.intersection(*cores) - {index} if cores else frozenset[int]()
            for other in sorted(shared, key=self._lines.weigh):
                yield from self._pair(view, index, pins, other, variant)

    def _pair(
        self, view: View, index: int, pins: Sequence[Candidate], other: int, variant: Variant
    ) -> Steps:
        if not self._trials.try_variant(variant.with_text(other, None)).is_solvable:
            return
        pair = (index, other)
        base = self._lines.vary(view.context, pair)
        weaker = [c for c in self._lines.candidates(other) if not c.removals]
        options = [pins, without_release(weaker)]
        yield from self._sets.walk(view, base, pair, options, most_found=1)

    def move_to_pip(self, view: View) -> Steps:
        """Try lines in the pip section, if what PyPI has under the name is the same thing."""
        for chosen in sorted(view.solved):
            is_vain = bool(self._ledger.proofs.pip_refusal_of(self._lines.remove(chosen)))
            if len(chosen) != 1 or is_vain or not self._task.may_use_pip:
                continue
            line = self._task.lines[chosen[0]]
            if wishes_gpu(line) and self._task.request.host.cuda is None:
                # PyPI's package computes on the CPU where there is no driver, and does not say so.
                continue
            is_same = line.name in PYPI_OF_CONDA or pypi_name_of(line.name) in PIP_PACKAGES
            candidate = line_to_pip(line)
            if candidate is not None and (
                is_same or self._ledger.proofs.is_python_package(line.name)
            ):
                yield from self._ledger.prove((candidate.move,))
