"""What the user would have, were there no conflict: what a fix is measured against."""

from collections.abc import Mapping, Sequence

from envbench.engine.repair.task import RepairTask
from envbench.engine.repair.trials import Trials
from envbench.engine.repair.variants import Variant
from envbench.model.build_flavour import Flavour, read_flavour
from envbench.model.conflict import SpecLine
from envbench.model.plan import PackageRecord, Plan
from envbench.model.repair import Move, MoveKind
from envbench.model.repair_cost import Outcome, Wish, asked_version, name_after, wishes_gpu


class Wishes:
    """Finds out what the lines of one search wish for."""

    def __init__(self, task: RepairTask, trials: Trials) -> None:
        """Prepare; see `RepairSearch`."""
        self._task = task
        self._trials = trials

    def make(self, plan: Plan, pip: Mapping[str, str], moves: Sequence[Move]) -> Wish:
        """Make the nearest wish of a plan.

        Args:
            plan: Of the spec with some changes.
            pip: Versions of its pip section.
            moves: The changes; what a removed line asked for is part of the wish.
        """
        removed = {(m.line, m.name) for m in moves if m.kind is MoveKind.REMOVE}
        asked = {}
        for line in self._task.lines:
            if (line.line, line.name) in removed:
                version = asked_version(line, self._trials.supply(line.name).versions)
                if version:
                    asked[line.name] = version
        direct = {line.name for line in self._task.lines}
        gpu = {p.name for p in plan.packages if p.name in direct and _is_gpu(p)}
        gpu |= {line.name for line in self._task.lines if wishes_gpu(line)}
        return Wish(packages=plan.packages, pip=pip, asked=asked, gpu=frozenset(gpu))

    def find_gpus(self, wish: Wish, outcome: Outcome, moves: Sequence[Move]) -> frozenset[str]:
        """Name further packages that are wished for GPUs.

        These are what a package for GPUs is renamed to, and lines that the wish leaves out and
        that would be for GPUs alone.
        """
        renamed = {name_after(m) for m in moves if m.kind is MoveKind.RENAME and m.name in wish.gpu}
        if self._task.request.host.cuda is None:
            return frozenset(renamed)
        left_out = {line.name for line in self._task.lines} - {p.name for p in wish.packages}
        cpu = {
            p.name
            for p in outcome.packages
            if p.name in left_out and p.name not in wish.gpu and read_flavour(p) is Flavour.CPU
        }
        alone = {line.name for line in self._task.lines if line.name in cpu and self._alone(line)}
        return frozenset(renamed | alone)

    def _alone(self, line: SpecLine) -> bool:
        """Tell whether a line, asked for alone, or its package, gets a build for GPUs."""
        index = self._task.lines.index(line)
        nothing = Variant(texts=(None,) * len(self._task.lines))
        for text in (line.text, line.name):
            answer = self._trials.try_variant(nothing.with_text(index, text))
            if answer.is_solvable:
                return any(
                    _is_gpu_build(pick.build) for pick in answer.picks if pick.name == line.name
                )
        return False


def _is_gpu(record: PackageRecord) -> bool:
    return read_flavour(record) is Flavour.GPU


def _is_gpu_build(build: str) -> bool:
    record = PackageRecord(
        name="",
        version="",
        build=build,
        build_number=0,
        subdir="",
        file_name="",
        url="",
        channel="",
    )
    return read_flavour(record) is Flavour.GPU
