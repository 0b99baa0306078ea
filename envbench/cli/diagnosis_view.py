"""One diagnosis as text: what, why, the evidence, and what to do."""

from envbench.cli.output import Painted, say
from envbench.cli.table import fold, terminal_width
from envbench.model.diagnosis import Diagnosis, Remedy
from envbench.model.problem import Severity

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_INDENT = "    "


def show_diagnosis(diagnosis: Diagnosis, *, indent: str = "") -> None:
    """Print a diagnosis to stdout.

    Args:
        diagnosis: What was found.
        indent: Stands before each of its lines.
    """
    level = Painted(diagnosis.severity.value, _COLOURS[diagnosis.severity], bold=True)
    say(indent, level, f" {diagnosis.code}  {diagnosis.title}")
    inner = indent + _INDENT
    _say_indented(diagnosis.cause, inner)
    if diagnosis.evidence:
        where = f" ({diagnosis.found_in})" if diagnosis.found_in else ""
        _say_indented(f"seen: {diagnosis.evidence}{where}", inner)
    for remedy in diagnosis.remedies:
        _show_remedy(remedy, inner)
    if diagnosis.references:
        _say_indented(f"see: {', '.join(diagnosis.references)}", inner)


def _show_remedy(remedy: Remedy, indent: str) -> None:
    mark = "no way out" if remedy.is_refuted else "do"
    _say_indented(f"{mark}: {remedy.text}", indent)
    for change in remedy.changes:
        what = "remove" if change.kind == "remove" else "in the spec"
        place = " under pip" if change.section == "pip" else ""
        _say_indented(f"  {what}{place}: {change.requirement}", indent)
    if remedy.command:
        _say_indented(f"  $ {remedy.command}", indent)
    if remedy.proof:
        _say_indented(f"  {remedy.proof}", indent)


def _say_indented(text: str, indent: str) -> None:
    say(fold(indent + text, terminal_width(), indent + "  "))
