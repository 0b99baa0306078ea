"""What a plan comes to, computed once for each solve: counts, who asks, what surprises."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from envbench.ui.state import SolveView

if TYPE_CHECKING:
    from envbench.model.package_needs import Needs
    from envbench.model.plan import PackageChange, PackageRecord, Plan
    from envbench.workbench.values.solving import AskedLine, SolveReport


class PlanLine(NamedTuple):
    """One package of a plan, or one that goes."""

    name: str
    old: "PackageRecord | None"
    new: "PackageRecord | None"
    kind: str
    """A change's kind; `same` for what stays, `new` where there is nothing to compare with."""
    surprise: str
    """What nobody would expect, in words; empty for the rest."""
    rank: int
    """The lower, the more it must be seen."""


class PlanFacts(NamedTuple):
    """What is said of a plan beside its packages."""

    needs: "Needs"
    asked: "Mapping[str, AskedLine]"
    """Name of a conda package to the line that asks for it."""
    changed: tuple[PlanLine, ...]
    """What changes, surprises first; empty when there is nothing to compare with."""
    whole: tuple[PlanLine, ...]
    """All packages of the plan: those that lines ask for, then the rest, each by name."""
    same: tuple[PlanLine, ...]
    counts: tuple[int, int, int, int]
    """How many change, come, go, stay."""
    virtuals: tuple[str, ...]
    """The properties of the box that packages look at, `__cuda 12.4`."""
    cpu_builds: tuple[str, ...]
    """Packages whose builds leave GPUs alone."""


class LastMade:
    """Keeps the last thing made, as long as it is asked for with the same parts."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._parts: tuple[object, ...] = ()
        self._made: object = None

    def get(self, parts: tuple[object, ...], make: Callable[[], object]) -> object:
        """Give what was made of just these parts, or make it."""
        same = len(parts) == len(self._parts) and all(
            a is b or (isinstance(a, int | str) and a == b)
            for a, b in zip(parts, self._parts, strict=True)
        )
        if not same:
            self._parts, self._made = parts, make()
        return self._made


_last_facts = LastMade()
_RANKS = {"downgrade": 2, "rechannel": 3, "rebuild": 3, "upgrade": 5, "add": 6, "remove": 7}


def plan_facts(view: SolveView) -> PlanFacts:
    """Give the facts of a plan; they are computed once."""
    facts = _last_facts.get((view.report,), lambda: _make_facts(view))
    assert isinstance(facts, PlanFacts)
    return facts


def _make_facts(view: SolveView) -> PlanFacts:
    from envbench.model.package_needs import map_needs

    report, plan = view.report, view.report.plan
    packages = plan.packages if plan is not None else ()
    asked = {line.name: line for line in reversed(report.asked) if line.name and not line.is_pip}
    changes = {change.name: change for change in report.changes} if view.against else {}
    has_gpu = plan is not None and plan.host.cuda is not None
    judge = _Judge(has_gpu)
    lines = [judge.judge(record, changes.get(record.name), view.against) for record in packages]
    gone = [
        judge.judge(None, change, view.against) for change in changes.values() if not change.new
    ]
    whole = sorted(lines, key=lambda line: (line.name not in asked, line.name))
    changed = [line for line in (*whole, *gone) if line.kind not in {"same", "new"}]
    return PlanFacts(
        needs=map_needs(packages),
        asked=asked,
        changed=tuple(sorted(changed, key=lambda line: line.rank)),
        whole=tuple(whole),
        same=tuple(line for line in whole if line.kind == "same"),
        counts=_count(lines, gone),
        virtuals=_find_virtuals(plan) if plan is not None else (),
        cpu_builds=tuple(judge.cpu_builds),
    )


def _count(lines: list[PlanLine], gone: list[PlanLine]) -> tuple[int, int, int, int]:
    same = sum(line.kind == "same" for line in lines)
    new = sum(line.kind in {"add", "new"} for line in lines)
    return len(lines) - same - new, new, len(gone), same


class _Judge:
    """Says what is odd about each package."""

    def __init__(self, has_gpu: bool) -> None:
        self.has_gpu = has_gpu
        self.cpu_builds: list[str] = []

    def judge(
        self, record: "PackageRecord | None", change: "PackageChange | None", against: str
    ) -> PlanLine:
        name = record.name if record is not None else change.name if change is not None else ""
        old = change.old if change is not None else None
        kind = change.kind.value if change is not None else "same" if against else "new"
        on_cpu = self._is_for_cpu(record) if record is not None else False
        if on_cpu:
            self.cpu_builds.append(name)
        surprise, rank = self._find_surprise(old, record, kind, on_cpu=on_cpu)
        return PlanLine(name, old if kind != "same" else record, record, kind, surprise, rank)

    def _is_for_cpu(self, record: "PackageRecord") -> bool:
        # Most build strings rule it out at once.
        if "cpu" not in record.build and "cpuonly" not in " ".join(record.depends):
            return False
        from envbench.model.build_flavour import Flavour, read_flavour

        return read_flavour(record) is Flavour.CPU

    def _find_surprise(
        self, old: "PackageRecord | None", new: "PackageRecord | None", kind: str, *, on_cpu: bool
    ) -> tuple[str, int]:
        rank = _RANKS.get(kind, 8)
        if on_cpu and old is not None and kind != "same" and _was_for_gpu(old):
            return "CPU build for a GPU build", 0
        if on_cpu and self.has_gpu:
            return "CPU build on a box with a GPU", 1
        if kind == "downgrade":
            return "goes back", rank
        moved = old is not None and new is not None and _address(old) != _address(new)
        if kind == "rechannel" or (moved and kind in {"upgrade", "rebuild"}):
            return "another channel", 3
        return ("another build", rank) if kind == "rebuild" else ("", rank)


def _was_for_gpu(record: "PackageRecord") -> bool:
    from envbench.model.build_flavour import Flavour, read_flavour

    return read_flavour(record) is Flavour.GPU


def _address(record: "PackageRecord") -> str:
    return record.channel_url or record.channel


def _find_virtuals(plan: "Plan") -> tuple[str, ...]:
    """List the properties of the box of which packages ask for a version."""
    asking = {
        text.partition(" ")[0]
        for record in plan.packages
        for text in record.depends
        if text.startswith("__") and " " in text
    }
    have = plan.host.virtual_packages()
    return tuple(f"{v.name} {v.version}" for v in have if v.name in asking | {"__cuda"})


def say_asker(name: str, facts: PlanFacts) -> str:
    """Say who asks for a package: `line 10`, or a package and how many more."""
    line = facts.asked.get(name)
    if line is not None:
        return f"line {line.line}"
    needs = facts.needs.get(name, ())
    askers = tuple(dict.fromkeys(need.by for need in needs))
    if not askers:
        return "-"
    first = next((asker for asker in askers if asker in facts.asked), askers[0])
    return f"{first} +{len(askers) - 1}" if len(askers) > 1 else first


def counted_pip(report: "SolveReport") -> "tuple[AskedLine, ...]":
    """List the pip items of the spec."""
    return tuple(line for line in report.asked if line.is_pip)
