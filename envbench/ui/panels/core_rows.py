"""The lines that cannot go together: two side by side as the chains that meet, more as a list."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from envbench.ui.flows.plan_texts import KIND_WORDS
from envbench.ui.ink import Line, Piece, ink, pad, width_of, wrap
from envbench.ui.pane_view import Row

if TYPE_CHECKING:
    from envbench.model.conflict import Chain, Core, SpecLine

CLASH = "\N{MULTIPLICATION SIGN}"
_BETWEEN = ink("   ", (f"{CLASH} clash {CLASH}", "error"), "   ")
_APART = "   "
_STEP = "  "


def list_cores(cores: "Sequence[Core]", width: int, *, is_low: bool = False) -> tuple[Row, ...]:
    """List all cores, each with a heading where there are several.

    Args:
        cores: As they were found.
        width: Of the lines, in cells.
        is_low: There is room for few lines: chains are left out, the sentences say it as well.
    """
    rows: list[Row] = []
    for index, core in enumerate(cores):
        if len(cores) > 1:
            rows.append(_heading(core, index, len(cores), width))
        rows += _show_core(core, index, width, is_low=is_low)
    return tuple(rows)


def _heading(core: "Core", index: int, count: int, width: int) -> Row:
    words = KIND_WORDS.get(core.kind.value, core.kind.value)
    rest = "" if core.is_independent else ", shares a line with one above"
    title = ink((f"conflict {index + 1} of {count}", "bold"), (f"   {words}{rest}", "dim"))
    before: tuple[Line, ...] = ((),) if index else ()
    return Row(f"heading:core:{index}", (*before, *wrap(title, max(2, width))), selectable=False)


def _show_core(core: "Core", index: int, width: int, *, is_low: bool) -> list[Row]:
    chains = () if is_low else core.chains
    beside = _stand_beside(chains, width) if len(chains) == 2 else ()
    if beside:
        numbers = ",".join(str(line.line or "") for line in core.lines)
        rows = [Row(f"cause:{numbers}:{index}", beside)]
    elif len(chains) == 2:
        rows = [
            Row(_key(chain.line, index, at), _stack(chain, width))
            for at, chain in enumerate(chains)
        ]
    elif chains:
        rows = [
            Row(_key(chain.line, index, at), _list_chain(chain, width))
            for at, chain in enumerate(chains)
        ]
    else:
        rows = [
            Row(_key(line, index, at), _say_line(line, core, width))
            for at, line in enumerate(core.lines)
        ]
    return [*rows, _say_words(core, index, width)]


def _key(line: "SpecLine", index: int, at: int) -> str:
    return f"cause:{line.line or ''}:{index}.{at}"


def name_line(line: "SpecLine") -> Line:
    """Name a line of the spec: its number, its text, and whether pip reads it."""
    where = f"line {line.line}  " if line.line is not None else ""
    return ink((where, "dim"), (line.text, "bold"), ("   (pip)" if line.is_pip else "", "dim"))


def _steps(chain: "Chain") -> tuple[str, ...]:
    """Name the packages between a line and what it demands in the end."""
    packages = [link.package for link in chain.links]
    if packages and _says_no_more(packages[0], chain.line):
        del packages[0]
    return tuple(packages)


def _says_no_more(package: str, line: "SpecLine") -> bool:
    """Whether a package is the one of the line, in the version that is written there."""
    name, _, version = package.partition(" ")
    return name == line.name and (not version or line.text.endswith(version))


def _draw(chain: "Chain", rows: int = 0) -> list[Line]:
    """Draw a line and its chain, one step a row; the demand comes last, in the given row."""
    steps = _steps(chain)
    lines = [name_line(chain.line)]
    for depth, step in enumerate(steps):
        lines.append(ink((f"{_APART}{_STEP * depth}└ ", "dim"), step))
    lines += [()] * max(0, rows - len(lines) - 1)
    lead = f"{_APART}{_STEP * len(steps)}└ "
    if not chain.links:
        lead = f"{_APART}└ asks for "
    return [*lines, ink((lead, "dim"), (chain.demand, "warning"))]


def _stand_beside(chains: "Sequence[Chain]", width: int) -> tuple[Line, ...]:
    """Draw two chains side by side; nothing when they do not fit."""
    rows = max(len(_steps(chain)) for chain in chains) + 2
    left, right = (_draw(chain, rows) for chain in chains)
    size, gap = max(map(width_of, left)), width_of(_BETWEEN)
    if size + gap + max(map(width_of, right)) > width:
        return ()
    blank = (Piece(" " * gap),)
    middles = [blank] * (rows - 1) + [_BETWEEN]
    together = zip(left, middles, right, strict=True)
    return tuple(pad(one, size) + middle + other for one, middle, other in together)


def _stack(chain: "Chain", width: int) -> tuple[Line, ...]:
    lines = _draw(chain)
    lines[-1] = ink(lines[-1], (f"   {CLASH}", "error"))
    return tuple(row for line in lines for row in _hang(line, width))


def _list_chain(chain: "Chain", width: int) -> tuple[Line, ...]:
    if not chain.links and chain.demand.replace(" ", "=", 1) == chain.line.text.replace(
        " ", "=", 1
    ):
        # What it asks for stands there already.
        return tuple(_hang(name_line(chain.line), width))
    steps = _steps(chain)
    through = f"   through {', '.join(steps)}" if steps else ""
    demand = ink(("   needs  ", "dim"), (chain.demand, "warning"), (through, "dim"))
    return tuple(_hang(ink(name_line(chain.line), demand), width))


def _say_line(line: "SpecLine", core: "Core", width: int) -> tuple[Line, ...]:
    words = KIND_WORDS.get(core.kind.value, core.kind.value)
    return tuple(_hang(ink(name_line(line), "   ", (words, "error")), width))


def _hang(line: Line, width: int, indent: str = "      ") -> list[Line]:
    """Break a line; what follows stands further in."""
    room = max(2, width)
    if width_of(line) <= room:
        return [line]
    if width < 30:
        indent = " "
    first, *rest = wrap(line, room)
    below = [row for part in rest for row in wrap(part, max(2, room - len(indent)))]
    return [first, *(ink(indent, row) for row in below)]


def _say_words(core: "Core", index: int, width: int) -> Row:
    """Say in sentences where the lines meet, and what there is instead."""
    lines = [row for said in core.explanation for row in wrap(ink(said), max(2, width))]
    if not core.is_minimal:
        doubt = ink(("time was up before it was known whether fewer lines do", "dim"))
        lines += wrap(doubt, max(2, width))
    instead = _list_instead(core)
    if instead:
        lead = "there is  " if instead == core.available else "there is also  "
        lines += wrap(ink((lead, "dim"), (", ".join(instead), "accent")), max(2, width))
    return Row(f"words:{index}", tuple(lines) or ((),), selectable=False)


def _list_instead(core: "Core") -> tuple[str, ...]:
    """List what there is instead and no sentence names."""
    said = " ".join(core.explanation)
    return tuple(item for item in core.available if item not in said)
