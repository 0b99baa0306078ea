"""A rule: a pattern, where it looks, and what it means; rules are rows of data."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from envbench.model.diagnosis import Confidence
from envbench.probes.diagnosis.evidence import Evidence

Fields = dict[str, str]
Refine = Callable[[Fields, Evidence], Fields | None]


class Rank(IntEnum):
    """How near to the cause the text of a rule is; of several that fit, the nearest leads."""

    SPECIFIC = 0
    """States the cause with its particulars."""
    CAUSE = 10
    """States a cause."""
    SYMPTOM = 20
    """Follows from one of several causes."""
    LAST = 30
    """Stands beside many causes, and for itself only when nothing else was said."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A way out, as a template: left out when a field of it is unknown."""

    text: str
    command: str = ""
    requires: tuple[str, ...] = ()
    """Requirements that the spec should have, in conda's words: `numpy <2`."""
    removes: tuple[str, ...] = ()
    section: str = ""
    """`conda` or `pip`, where the requirement can only go there."""
    """Names that the spec should not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row: texts may name the groups of the pattern, and what `refine` found out, in braces.

    In a pattern a space stands for any white space, ` ?` for some or none, and case never matters.
    """

    code: str
    pattern: str
    title: str
    cause: str
    fixes: tuple[Fix, ...] = ()
    rank: Rank = Rank.CAUSE
    in_log: bool = True
    """Whether a line of the log counts too when there is an exception that could have said it."""
    is_notice: bool = False
    """Printed by runs that are fine as well: it explains a fall-back, never a failure."""
    refine: Refine | None = None
    """Turns the groups into more fields, `code` and `confidence` among them; None: it does not fit."""
    confidence: Confidence = Confidence.LIKELY
    packages: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    def search(self, text: str) -> "list[re.Match[str]]":
        """Find where the pattern stands in a text."""
        return list(compile_pattern(self.pattern).finditer(text))


_COMPILED: "dict[str, re.Pattern[str]]" = {}


def compile_pattern(pattern: str) -> "re.Pattern[str]":
    """Compile a pattern of a rule, once."""
    if pattern not in _COMPILED:
        spaced = pattern.replace(" ?", r"\s*").replace(" ", r"\s+")
        _COMPILED[pattern] = re.compile(spaced, re.IGNORECASE | re.MULTILINE)
    return _COMPILED[pattern]
