"""What is wrong with an environment, in lines: cause, proof, ways out, how sure that is."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from envbench.ui.finding_choice import is_solved
from envbench.ui.ink import Line, Part, cut, ink, pad, spread, width_of, wrap

if TYPE_CHECKING:
    from envbench.model.diagnosis import Diagnosis, Remedy

LABEL = 8
MARKS: dict[str, tuple[str, str]] = {
    "error": ("×", "error"),
    "warning": ("▲", "warning"),
    "info": ("●", "info"),
}
"""Severity to its mark and role."""


def describe_diagnosis(diagnosis: "Diagnosis", width: int, *, key: str = "") -> tuple[Line, ...]:
    """Tell one diagnosis: cause with how sure it is, proof, remedies, references.

    Args:
        diagnosis: What was found.
        width: In cells.
        key: The key that makes a change of the spec; empty when it cannot be made now.
    """
    return tuple(_tell(diagnosis, width, key))


def _tell(diagnosis: "Diagnosis", width: int, key: str) -> Iterator[Line]:
    confidence = ink((diagnosis.confidence.value, "dim"))
    room = max(2, width - LABEL - width_of(confidence) - 2)
    first, *rest = wrap(ink(diagnosis.cause or diagnosis.title), room) or ((),)
    yield spread(_label("cause", first), confidence, width)
    for line in rest:
        yield cut(_label("", line), width)
    if diagnosis.evidence:
        where = f"   ({diagnosis.found_in})" if diagnosis.found_in else ""
        yield from _labelled("proof", width, diagnosis.evidence, (where, "dim"))
    for number, remedy in enumerate(diagnosis.remedies, 1):
        yield from _tell_remedy(number, remedy, width, key)
    if diagnosis.references:
        yield from _labelled("see", width, (", ".join(diagnosis.references), "dim"))


def _tell_remedy(number: int, remedy: "Remedy", width: int, key: str) -> Iterator[Line]:
    proof = f"   {remedy.proof}" if remedy.proof else ""
    role = "error" if remedy.is_refuted else "ok" if is_solved(remedy) else "dim"
    parts: list[Part] = [(remedy.text, "faint" if remedy.is_refuted else "text"), (proof, role)]
    if key and remedy.changes and is_solved(remedy):
        parts += ["   ", (key, "accent"), (" puts it into the spec", "dim")]
    yield from _labelled(f"fix {number}", width, *parts)
    for change in remedy.changes:
        where = "" if change.section == "conda" else f" ({change.section})"
        yield from _labelled("", width, (f"{change.kind} {change.requirement}{where}", "dim"))
    if remedy.command:
        yield from _labelled("", width, (f"$ {remedy.command}", "dim"))


def _labelled(label: str, width: int, *parts: Part) -> Iterator[Line]:
    for number, line in enumerate(wrap(ink(*parts), max(2, width - LABEL))):
        yield cut(_label("" if number else label, line), width)


def _label(label: str, line: Line) -> Line:
    return (*pad(ink((label, "dim")), LABEL), *line)
