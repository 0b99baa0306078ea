"""What `verify` prints: groups with counts, a mark on each line, the verdict last."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from textwrap import wrap
from typing import TYPE_CHECKING

from envbench.cli.output import Painted, make_safe, say
from envbench.cli.table import terminal_width

if TYPE_CHECKING:
    from envbench.model.lock_verdicts.finding import Finding, Judgement
    from envbench.workbench.values.verifying import LockReport, PackReport, VerifyReport

_WIDEST = 80
_COLOURS = {"+": "green", "-": "red", "~": "yellow"}


def show_report(report: "VerifyReport | LockReport | PackReport") -> None:
    """Print a report for people; lines are at most 80 columns where no word is longer."""
    from envbench.workbench.values.verifying import VerifyReport

    _show_findings(report.judgement.findings)
    if isinstance(report, VerifyReport):
        _show_list("files", report.describe_files())
    _show_rest(report.judgement)
    colour = "green" if report.is_fine else "red"
    first, *rest = _wrap(report.verdict, "")
    say(Painted(make_safe(first), colour, bold=True))
    for line in rest:
        say(Painted(make_safe(line), colour, bold=True))


def _show_findings(findings: Sequence["Finding"]) -> None:
    for group, members in groupby(findings, key=attrgetter("group")):
        listed = list(members)
        say(f"{group.value} ({len(listed)})")
        for finding in listed:
            where = f" [{finding.platform}]" if finding.platform else ""
            _show_line(f"{finding.mark.value} {finding.name}{where}: {finding.message}")
            if finding.places:
                _show_line(f"  {', '.join(map(str, finding.places))}")


def _show_rest(judgement: "Judgement") -> None:
    _show_list("not compared", judgement.not_compared)
    _show_list("notes", judgement.notes)
    _show_list("the box must have", judgement.needs)


def _show_list(title: str, lines: Iterable[str]) -> None:
    listed = list(lines)
    if listed:
        say(f"{title} ({len(listed)})")
    for line in listed:
        _show_line(line)


def _show_line(text: str) -> None:
    mark = text[:1] if text[1:2] == " " else ""
    for number, line in enumerate(_wrap(text, "  ")):
        if number == 0 and mark in _COLOURS:
            say("  ", Painted(mark, _COLOURS[mark]), line[3:])
        else:
            say(line)


def _wrap(text: str, indent: str) -> list[str]:
    """Break a line between words; what follows its first line stands deeper."""
    own = text[: len(text) - len(text.lstrip())]
    width = min(terminal_width() or _WIDEST, _WIDEST)
    return wrap(
        text.strip(), width, initial_indent=indent + own,
        subsequent_indent=indent + own + "    " if indent else "  ",
        break_long_words=False, break_on_hyphens=False,
    ) or [""]  # fmt: skip
