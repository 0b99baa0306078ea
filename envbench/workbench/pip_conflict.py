"""A pip section without a solution, told as a conflict."""

from envbench.model.conflict import Conflict, ConflictCause, Core
from envbench.model.counting import count_of


def tell_pip_conflict(cores: tuple[Core, ...]) -> Conflict | None:
    """Make the conflict of some cores; None where there are none."""
    if not cores:
        return None
    more = len(cores) - 1
    also = f"; and {count_of(more, 'more conflict')}" if more else ""
    return Conflict(
        summary=cores[0].explanation[0].rstrip(".") + also,
        causes=tuple(
            ConflictCause(core.kind, line.text, line.line, core.explanation[0], core.available)
            for core in cores
            for line in core.lines
        ),
        solver_text="\n\n".join(core.solver_text for core in cores if core.solver_text),
        is_proven=all(core.is_minimal for core in cores),
        cores=cores,
    )
