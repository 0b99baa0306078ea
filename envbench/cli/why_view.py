"""Who requires a package, and what keeps it from being newer, as text."""

from collections.abc import Iterable, Iterator, Sequence

from envbench.cli.output import say
from envbench.cli.table import fold, print_table, terminal_width
from envbench.model.conflict import Chain, SpecLine
from envbench.model.counting import count_of
from envbench.model.why import HeldBack, HeldBackReport, Requirer, WhyReport


def show_why(report: WhyReport, *, is_tree_shown: bool = True) -> None:
    """Print the tree above a package, and what keeps it from being newer."""
    if is_tree_shown and (report.version or report.requirers):
        _show_tree(report)
    if report.note:
        _say(report.note)
    if report.close_names and not report.version:
        _say(f"Names close to it: {', '.join(report.close_names)}")
    if report.held_back is not None:
        _show_held_back(report.held_back)
    elif report.package.startswith("__") and not is_tree_shown:
        _say(f"{report.package} {report.version} is what this box has; no channel brings another.")
    elif report.newest and report.version:
        where = "the package index has" if report.is_pip else "the channels have"
        name = "" if is_tree_shown else f"{report.package} "
        _say(f"{name}{report.version} is the newest that {where}.")


def show_held_back(report: HeldBackReport) -> None:
    """Print for each direct dependency what keeps it back, then what was not looked into."""
    if report.held_back:
        rows = [
            (each.name, each.chosen, each.newest, each.jumps_to or "-", _name_culprits(each))
            for each in report.held_back
        ]
        print_table(
            ("package", "chosen", "newest", "without it", "held by"),
            rows,
            whole=("package", "chosen", "newest", "without it"),
        )
    if report.newest:
        _say(f"the newest there is: {', '.join(report.newest)}")
    for untold in report.not_tried:
        _say(f"not looked into: {untold}")
    say(f"{count_of(report.solves, 'solve')} in {report.seconds:.1f} s")


def _show_tree(report: WhyReport) -> None:
    label = f"{report.package} {report.version}".strip() + (" (pip)" if report.is_pip else "")
    _say(f"{label}{_asked_by(report.line, report.subject)}")
    for line in _draw(report.requirers, report.more, ""):
        _say(line, indent=_indent_of(line))
    if not report.requirers and report.line is None and not report.is_pip:
        _say("Nothing requires it.")


def _draw(requirers: Sequence[Requirer], more: int, lead: str) -> Iterator[str]:
    for number, requirer in enumerate(requirers):
        is_last = number == len(requirers) - 1 and not more
        yield f"{lead}{'└─ ' if is_last else '├─ '}{_describe(requirer)}"
        below = f"{lead}{'   ' if is_last else '│  '}"
        yield from _draw(requirer.requirers, requirer.more, below)
    if more:
        yield f"{lead}└─ and {more} more"


def _describe(requirer: Requirer) -> str:
    pip = " (pip)" if requirer.is_pip else ""
    above = "  (told above)" if requirer.is_told_above else ""
    asked = _asked_by(requirer.line, "")
    return f"{requirer.package}{pip} needs {requirer.needs}{asked}{above}"


def _asked_by(line: SpecLine | None, path: str) -> str:
    if line is None:
        return ""
    if line.line is None:
        return f"  <- asked for: {line.text}"
    place = f"{path}:{line.line}" if path else f"line {line.line}"
    return f"  <- {place} {line.text}"


def _indent_of(drawn: str) -> str:
    """Give what stands below a branch whose text is continued on the next line."""
    head = drawn[: len(drawn) - len(drawn.lstrip("│├└─ "))]
    return head.replace("├─ ", "│  ").replace("└─ ", "   ") + "  "


def _show_held_back(held: HeldBack) -> None:
    _say(f"{held.name} {held.chosen} is not the newest: there is {held.newest}.")
    _say(f"  {held.reason}", indent="  ")
    for culprit in held.culprits:
        # A way of one step stands in the reason already.
        least = 1 if len(held.culprits) > 1 else 2
        if culprit.chain is not None and len(culprit.chain.links) >= least:
            _say(f"    {_say_chain(culprit.chain)}", indent="      ")
    if held.jumps_to and held.culprits:
        _say(f"  without {_names(c.line for c in held.culprits)}: {held.name} {held.jumps_to}")
    for other in held.alternatives:
        _say(f"  without {_names(other.lines)} instead: {held.name} {other.jumps_to}")


def _say_chain(chain: Chain) -> str:
    """Draw a way as conflicts are drawn: the line, the packages in between, the demand."""
    return " -> ".join((chain.line.text, *(link.package for link in chain.links), chain.demand))


def _names(lines: Iterable[SpecLine]) -> str:
    return " and ".join(
        f"line {line.line} {line.text}" if line.line is not None else line.text for line in lines
    )


def _name_culprits(held: HeldBack) -> str:
    return _names([culprit.line for culprit in held.culprits]) or held.reason


def _say(text: str, indent: str = "  ") -> None:
    say(fold(text, terminal_width(), indent))
