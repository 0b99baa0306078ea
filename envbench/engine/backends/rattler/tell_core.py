"""A core between lines: what kind of thing it is, and how it comes about."""

from collections.abc import Sequence

from envbench.engine.backends.rattler.candidates import Line
from envbench.engine.backends.rattler.core_words import list_and, name_line
from envbench.engine.backends.rattler.judge import Judge, Part
from envbench.engine.backends.rattler.refusal import Refusal
from envbench.engine.conflict_text import ConflictText, read_conflict, trim_text
from envbench.engine.errors import SolveTimeoutError
from envbench.engine.outside_text import show_text
from envbench.model.channel import ChannelPriority
from envbench.model.conflict import Core, CoreKind


async def tell_core(refusal: Refusal, judge: Judge, part: Part) -> Core:
    """Tell of a smallest set of lines without a solution.

    Args:
        refusal: What it is part of.
        judge: Has the solver's own words, if it was asked.
        part: Indexes of the lines.
    """
    chosen = [line for line in refusal.lines if line.index in part]
    read = read_conflict(judge.refusals.get(part, ""))
    kind, why, available = await _classify(refusal, chosen, read)
    return Core(
        kind=kind,
        lines=tuple(line.spec_line for line in chosen),
        explanation=tuple(show_text(text, limit=600) for text in why),
        available=tuple(available)[:6],
        solver_text=trim_text(read.text),
    )


async def _classify(
    refusal: Refusal, chosen: Sequence[Line], read: ConflictText
) -> tuple[CoreKind, list[str], Sequence[str]]:
    names = [name_line(line.spec_line) for line in chosen]
    together = (
        f"{list_and(names)} cannot be combined."
        if len(names) > 1
        else f"{names[0]} cannot be installed, even alone."
    )
    if await _is_solvable_unordered(refusal, chosen):
        return CoreKind.CHANNEL_PRIORITY, [together, _explain_priority(refusal, read)], ()
    missing = [text for text in read.missing_virtual if not refusal.host.satisfies(text)]
    if missing:
        box = refusal.host.describe(missing[0].split()[0])
        return CoreKind.MISSING_VIRTUAL, [together, f"It needs {missing[0]}; {box}."], missing
    told = [together]
    if len(chosen) == 1 and read.without_candidates:
        told.append(f"Nothing provides {read.without_candidates[0]}.")
    for line in chosen:
        needs = _list_needs(line, {other.name for other in chosen if other is not line})
        if needs:
            more = " ..." if len(needs) > 4 else ""
            told.append(f"{line.name}: its builds need {' or '.join(needs[:4])}{more}.")
    return CoreKind.INCOMPATIBLE, told, ()


async def _is_solvable_unordered(refusal: Refusal, chosen: Sequence[Line]) -> bool:
    """Tell whether only strict priority forbids the core."""
    from rattler.exceptions import SolverError

    if refusal.attempt.request.channel_priority is not ChannelPriority.STRICT:
        return False
    try:
        await refusal.attempt.run([line.index for line in chosen], unordered=True)
    except (SolverError, SolveTimeoutError):
        return False
    return True


def _explain_priority(refusal: Refusal, read: ConflictText) -> str:
    hidden = [f"{what} of {refusal.names(url)}" for what, url in read.hidden_by_priority]
    if not hidden:
        return "Strict channel priority hides the builds that fit."
    more = f" and {len(hidden) - 2} more" if len(hidden) > 2 else ""
    return f"Strict channel priority leaves out {' and '.join(hidden[:2])}{more}."


def _list_needs(line: Line, names: set[str]) -> list[str]:
    """List what the builds want of the other lines; empty unless every build wants something."""
    needs: dict[str, None] = {}
    for candidate in line.matching:
        wanted = [d for d in candidate.depends if d.split(" ", 1)[0].lower() in names]
        if not wanted:
            return []
        needs.update(dict.fromkeys(wanted))
    return list(needs)
