"""Problems of a spec as lines of text: `file:line:column: severity CODE message`."""

from typing import TYPE_CHECKING

import click

from envbench.cli.output import say
from envbench.model.problem import Problem, Severity

if TYPE_CHECKING:
    from envbench.workbench.specs import SpecReport

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def show_problems(report: "SpecReport") -> None:
    """Print all problems to stdout, the sum last."""
    for problem in report.problems:
        say(_describe(problem, report.path))
        if problem.hint:
            say(f"    {problem.hint}")
    counts = {level: sum(p.severity is level for p in report.problems) for level in Severity}
    found = ", ".join(_count(count, level) for level, count in counts.items() if count)
    say(f"{report.path}: {found or 'no problems'}")


def _count(count: int, level: Severity) -> str:
    plural = "s" if count != 1 and level is not Severity.INFO else ""
    return f"{count} {level.value}{plural}"


def _describe(problem: Problem, path: str) -> str:
    place = f"{path}:{problem.span.line}:{problem.span.column}" if problem.span else path
    severity = click.style(problem.severity.value, fg=_COLOURS[problem.severity])
    return f"{place}: {severity} {problem.code} {problem.message}"
