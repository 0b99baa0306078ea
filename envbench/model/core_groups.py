"""Which cores are told together, and how few lines end all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from envbench.model.chain_words import find_demand
from envbench.model.conflict import Chain, Conflict, Core, CoreKind, SpecLine
from envbench.model.hitting_sets import smallest_hitting_sets
from envbench.model.row_wrapping import list_or, name_lines

_BETWEEN = frozenset({CoreKind.INCOMPATIBLE, CoreKind.PIP_AGAINST_CONDA, CoreKind.PIP})
_NOT_BY_LINES = frozenset({CoreKind.CHANNEL_PRIORITY, CoreKind.MISSING_VIRTUAL, CoreKind.PLATFORM})
"""Kinds that something else than a line can mend."""
_ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class CoreGroup:
    """Cores with one cause."""

    cores: tuple[Core, ...]
    hub: SpecLine | None = None
    """The line that each of several cores has, against which the others stand."""

    @property
    def first(self) -> Core:
        """The core that gives the kind, the meeting and, if it is alone, the sentences."""
        return self.cores[0]

    @property
    def lines(self) -> tuple[SpecLine, ...]:
        """All lines, in the order of the file."""
        found = dict.fromkeys(line for core in self.cores for line in core.lines)
        return tuple(sorted(found, key=lambda line: line.line or 0))

    @property
    def chains(self) -> tuple[Chain, ...]:
        """All chains, each once."""
        return tuple(dict.fromkeys(chain for core in self.cores for chain in core.chains))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the lines that have one."""
        return tuple(line.line for line in self.lines if line.line is not None)


def group_cores(cores: Sequence[Core]) -> list[CoreGroup]:
    """Put cores together that one sentence explains; each group stands where its first core did."""
    groups: list[CoreGroup] = []
    for core in cores:
        for index, group in enumerate(groups):
            joined = _join(group, core)
            if joined is not None:
                groups[index] = joined
                break
        else:
            groups.append(CoreGroup((core,)))
    return groups


def hidden_channel(core: Core) -> str:
    """Name the channel whose packages strict priority hides; empty when that is not known."""
    names = {text.partition("::")[0] for text in core.available if "::" in text}
    return names.pop() if len(names) == 1 else ""


def _join(group: CoreGroup, core: Core) -> CoreGroup | None:
    first = group.first
    if not (first.is_minimal and core.is_minimal) or first.kind is not core.kind:
        return None
    if core.kind is CoreKind.CHANNEL_PRIORITY:
        channel = hidden_channel(core)
        is_same = bool(channel) and channel == hidden_channel(first)
        return CoreGroup((*group.cores, core)) if is_same and core.chains and first.chains else None
    if not (_is_between_two(first) and _is_between_two(core)) or first.meeting != core.meeting:
        return None
    shared = set(core.lines).intersection(*(each.lines for each in group.cores))
    if len(shared) != 1 or (group.hub is not None and group.hub not in shared):
        return None
    (hub,) = shared
    chains = {chain for each in (*group.cores, core) for chain in each.chains if chain.line == hub}
    return CoreGroup((*group.cores, core), hub) if len(chains) == 1 else None


def _is_between_two(core: Core) -> bool:
    return (
        core.kind in _BETWEEN
        and len(core.lines) == len(core.chains) == 2
        and all(find_demand(chain, core.meeting) for chain in core.chains)
    )


# -- the smallest change -------------------------------------------------------------------------


def say_changes(conflict: Conflict) -> str:
    """Say which lines can be enough to change, when there are several cores and all are known.

    Returns:
        A sentence; empty when it cannot be said, or when something else than lines may mend it.
    """
    cores = conflict.cores
    is_known = conflict.is_proven and not conflict.note
    if len(cores) < 2 or not is_known or any(core.kind in _NOT_BY_LINES for core in cores):
        return ""
    sets = [[line.line for line in core.lines if line.line is not None] for core in cores]
    if not all(len(s) == len(core.lines) for s, core in zip(sets, cores, strict=True)):
        return ""
    choices = smallest_hitting_sets(sets)
    return _say_choices(choices, sets) if choices else ""


def _say_choices(choices: Sequence[tuple[int, ...]], sets: Sequence[Sequence[int]]) -> str:
    size = len(choices[0])
    if size == 1:
        return _say_one([choice[0] for choice in choices])
    if len(choices) == 1:
        return (
            f"{name_lines(choices[0]).capitalize()} must {'both' if size == 2 else 'all'} change."
        )
    must = f"At least {'two' if size == 2 else size} lines must change"
    if len(choices) <= _ALTERNATIVES:
        pairs = [_and(choice) for choice in choices]
        return f"{must}: {', '.join(pairs[:-1])}, or {pairs[-1]}."
    if sum(map(len, sets)) == len({line for each in sets for line in each}):
        return f"{must}: one of each conflict."
    return f"{must}, such as {_and(choices[0])}."


def _say_one(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"Changing line {numbers[0]} alone can be enough."
    shown = [f"line {number}" for number in numbers[: _ALTERNATIVES + 1]]
    return f"Changing one line can be enough: {list_or(shown)}."


def _and(choice: Sequence[int]) -> str:
    return list_or([str(number) for number in choice], "and")
