"""A conflict in one line, and as causes by line."""

from collections.abc import Sequence

from envbench.engine.outside_text import show_text
from envbench.model.conflict import ConflictCause, Core, CoreKind, SpecLine

_ALONE = {
    CoreKind.MISSING_PACKAGE: "there is no such package",
    CoreKind.MISSING_VERSION: "there is no such version",
    CoreKind.MISSING_BUILD: "there is no such build",
    CoreKind.WRONG_CHANNEL: "it is not in that channel",
    CoreKind.MISSING_VIRTUAL: "this box lacks what it needs",
    CoreKind.PLATFORM: "it exists for other platforms only",
    CoreKind.CHANNEL_PRIORITY: "strict channel priority hides what would fit",
    CoreKind.INCOMPATIBLE: "what it needs cannot be installed",
}
_TOGETHER = {
    CoreKind.CHANNEL_PRIORITY: "under strict channel priority",
    CoreKind.MISSING_VIRTUAL: "on this box",
}


def summarise(cores: Sequence[Core]) -> str:
    """Say in one line what the conflict is."""
    if not cores:
        return "no solution"
    first = _summarise_core(cores[0])
    more = len(cores) - 1
    return f"{first}; and {more} more conflict{'s' if more > 1 else ''}" if more else first


def _summarise_core(core: Core) -> str:
    names = [name_line(line) for line in core.lines]
    if not core.is_minimal:
        return "no solution; the lines below are candidates for the cause, not proven to be it"
    if len(names) == 1:
        return f"{names[0]}: {_ALONE.get(core.kind, 'it cannot be installed')}"
    where = _TOGETHER.get(core.kind)
    return f"{list_and(names)} cannot be installed together{f' {where}' if where else ''}"


def list_causes(cores: Sequence[Core]) -> tuple[ConflictCause, ...]:
    """List the lines of all cores, each line of each core once, with what is wrong with it."""
    return tuple(
        ConflictCause(core.kind, line.text, line.line, _explain(core), core.available)
        for core in cores
        for line in core.lines
    )


def _explain(core: Core) -> str:
    if not core.is_minimal:
        return "may take part: there was no time to find out"
    return show_text(" ".join(core.explanation), limit=600)


def name_line(line: SpecLine) -> str:
    """Name a line: `numpy=1.23.* (line 7)`."""
    return f"{line.text} (line {line.line})" if line.line is not None else line.text


def list_and(names: Sequence[str]) -> str:
    """Join names: `a, b and c`."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
