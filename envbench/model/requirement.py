"""Requirements as pip writes them, from texts that may be meant to break their reader.

Source: PEP 508.
"""

from itertools import accumulate

from packaging.requirements import InvalidRequirement, Requirement

DEEPEST = 32
"""Most parentheses in each other; the parser that reads them calls itself for each one."""


def read_requirement(text: str) -> Requirement:
    """Read a requirement.

    Raises:
        InvalidRequirement: It is none, or nested deeper than anybody means.
    """
    steps = {"(": 1, ")": -1}
    if max(accumulate((steps.get(character, 0) for character in text), initial=0)) > DEEPEST:
        raise InvalidRequirement(f"more than {DEEPEST} parentheses stand in each other")
    return Requirement(text)
