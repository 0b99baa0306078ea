"""Comments that silence problems: `# envbench: ignore EB203` on a line, or at the top for the file.

Errors cannot be silenced: with one the spec cannot be solved or built, said or unsaid.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from envbench.formats.yaml_tree import Comment
from envbench.model.checks.catalogue import CATALOGUE, make_problem
from envbench.model.problem import Problem
from envbench.model.span import LineIndex

MAX_CODES = 50
"""Most codes of one comment; more are not read."""

MAX_PROBLEMS = 50
"""Most problems with such comments that are told."""

_DIRECTIVE = re.compile(r"envbench:\s*ignore\s+(?P<codes>[^#]+)", re.IGNORECASE)
_CODE = re.compile(r"EB[0-9]{3}")


@dataclass(frozen=True, slots=True)
class Silencing:
    """Which codes are silenced where."""

    whole_file: frozenset[str]
    lines: frozenset[tuple[int, str]]
    """Line (1-based) and code."""
    problems: tuple[Problem, ...]
    """Codes that are unknown, or that cannot be silenced."""

    def keeps(self, problem: Problem) -> bool:
        """Tell whether a problem is still to be told."""
        if problem.is_error or problem.code == "EB115":
            return True
        if problem.code in self.whole_file:
            return False
        return problem.span is None or (problem.span.line, problem.code) not in self.lines


def read_silencing(
    comments: Iterable[Comment], lines: LineIndex, first_key: int | None
) -> Silencing:
    """Read the directives among the comments.

    Args:
        comments: All comments of the text.
        lines: The text.
        first_key: Offset of the first key; a comment that stands alone before it counts for the
            whole file. One that stands alone elsewhere counts for the next line with content.
    """
    content = _content_lines(lines.text)
    whole_file: set[str] = set()
    pairs: set[tuple[int, str]] = set()
    problems: list[Problem] = []
    for comment in comments:
        match = _DIRECTIVE.match(comment.text)
        if match is None:
            continue
        if len(problems) > MAX_PROBLEMS:
            break
        codes = re.findall(r"[^\s,]+", match["codes"])[:MAX_CODES]
        problems += _unusable(codes, comment)
        known = {code.upper() for code in codes}
        if comment.alone and (first_key is None or comment.span.start < first_key):
            whole_file |= known
        else:
            line = comment.span.line
            if comment.alone:
                index = bisect_right(content, line)
                line = content[index] if index < len(content) else line
            pairs |= {(line, code) for code in known}
    return Silencing(frozenset(whole_file), frozenset(pairs), tuple(problems[:MAX_PROBLEMS]))


def _unusable(codes: list[str], comment: Comment) -> list[Problem]:
    problems: list[Problem] = []
    for code in codes:
        entry = CATALOGUE.get(code.upper())
        if entry is None:
            hint = "codes look like EB203" if not _CODE.fullmatch(code.upper()) else ""
            shown = f"`{code}`" if len(code) <= 20 else f"a word of {len(code):,} characters"
            message = f"{shown} is no code of a problem"
            problems.append(make_problem("EB115", message, comment.span, hint))
        elif entry.severity.value == "error":
            message = f"`{code}` is an error and cannot be silenced"
            problems.append(make_problem("EB115", message, comment.span))
    return problems


def _content_lines(text: str) -> list[int]:
    """List the lines (1-based) that hold more than blanks and comments."""
    rows = enumerate(text.split("\n"), 1)
    return [line for line, row in rows if row.strip() and not row.lstrip().startswith("#")]
