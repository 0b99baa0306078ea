"""Problems of a spec as lines of text: `file:line:column: severity CODE message`."""

from typing import TYPE_CHECKING

from envbench.cli.output import Painted, say
from envbench.cli.table import fold, terminal_width
from envbench.model.problem import Problem, Severity

if TYPE_CHECKING:
    from envbench.workbench.specs import SpecReport

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def show_problems(report: "SpecReport") -> None:
    """Print all problems to stdout, the sum last."""
    width = terminal_width()
    for problem in report.problems:
        say(*_describe(problem, report.path, width))
        if problem.hint:
            say(fold(f"    {problem.hint}", width, "    "))
    counts = {level: sum(p.severity is level for p in report.problems) for level in Severity}
    found = ", ".join(_count(count, level) for level, count in counts.items() if count)
    say(f"{report.path}: {found or 'no problems'}")


def _count(count: int, level: Severity) -> str:
    plural = "s" if count != 1 and level is not Severity.INFO else ""
    return f"{count} {level.value}{plural}"


def _describe(problem: Problem, path: str, width: int | None) -> tuple[str | Painted, ...]:
    place = f"{path}:{problem.span.line}:{problem.span.column}" if problem.span else path
    level = problem.severity.value
    line = fold(f"{place}: {level} {problem.code} {problem.message}", width, "    ")
    # Coloured after it was folded: escape sequences would count as text.
    head, mark, tail = line.partition(f": {level} {problem.code}")
    if not mark:
        return (line,)
    return f"{head}: ", Painted(level, _COLOURS[problem.severity]), f" {problem.code}{tail}"
