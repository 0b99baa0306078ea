"""Every code that a problem of a spec can have: data for the checks, the help and the documents.

EB1xx text and schema, EB2xx conda dependencies, EB3xx pip section, EB4xx channels,
EB5xx name, prefix, platforms and variables. A code keeps its meaning for ever; one that goes out
of use is not given to anything else.
"""

import re

from envbench.model.checks.codes.channels import CHANNELS
from envbench.model.checks.codes.conda import CONDA_DEPENDENCIES
from envbench.model.checks.codes.entry import CodeEntry
from envbench.model.checks.codes.naming import NAME_PREFIX_VARIABLES
from envbench.model.checks.codes.pip import PIP_SECTION
from envbench.model.checks.codes.text import TEXT_AND_SCHEMA
from envbench.model.cleaning import clean
from envbench.model.problem import Edit, Problem
from envbench.model.redaction import redact
from envbench.model.span import Span

__all__ = ["CATALOGUE", "CodeEntry", "make_problem"]

MESSAGE_LIMIT = 400
"""Most characters of a message or a hint."""

CATALOGUE: dict[str, CodeEntry] = {
    entry.code: entry
    for entry in (
        *TEXT_AND_SCHEMA,
        *CONDA_DEPENDENCIES,
        *PIP_SECTION,
        *CHANNELS,
        *NAME_PREFIX_VARIABLES,
    )
}
"""Code to entry, in ascending order."""


def make_problem(
    code: str, message: str, span: Span | None, hint: str = "", edit: Edit | None = None
) -> Problem:
    """Make a problem with the severity of its code; texts are cleaned and redacted here.

    Raises:
        KeyError: The code is not in the catalogue.
    """
    return Problem(
        code=code,
        severity=CATALOGUE[code].severity,
        message=_presentable(message),
        span=span,
        hint=_presentable(hint),
        edit=edit,
    )


def _presentable(text: str) -> str:
    # Tabs and line breaks become blanks first: cleaning would glue the words together.
    return clean(redact(re.sub(r"[\t\n]", " ", text)), limit=MESSAGE_LIMIT)
