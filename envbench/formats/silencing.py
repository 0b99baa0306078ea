"""Comments that silence problems: `# envbench: ignore EB203` on a line, or at the top for the file.

Errors cannot be silenced: with one the spec cannot be solved or built, said or unsaid.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from envbench.formats.yaml_tree import Comment
from envbench.model.checks.catalogue import CATALOGUE, make_problem
from envbench.model.problem import Problem
from envbench.model.span import LineIndex

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
    whole_file: set[str] = set()
    pairs: set[tuple[int, str]] = set()
    problems: list[Problem] = []
    for comment in comments:
        match = _DIRECTIVE.match(comment.text)
        if match is None:
            continue
        codes = [word for word in re.split(r"[\s,]+", match["codes"]) if word]
        problems += _unusable(codes, comment)
        known = {code.upper() for code in codes}
        if comment.alone and (first_key is None or comment.span.start < first_key):
            whole_file |= known
        else:
            line = _next_content(lines, comment) if comment.alone else comment.span.line
            pairs |= {(line, code) for code in known}
    return Silencing(frozenset(whole_file), frozenset(pairs), tuple(problems))


def _unusable(codes: list[str], comment: Comment) -> list[Problem]:
    problems: list[Problem] = []
    for code in codes:
        entry = CATALOGUE.get(code.upper())
        if entry is None:
            hint = "codes look like EB203" if not _CODE.fullmatch(code.upper()) else ""
            message = f"`{code}` is no code of a problem"
            problems.append(make_problem("EB115", message, comment.span, hint))
        elif entry.severity.value == "error":
            message = f"`{code}` is an error and cannot be silenced"
            problems.append(make_problem("EB115", message, comment.span))
    return problems


def _next_content(lines: LineIndex, comment: Comment) -> int:
    offset, line = lines.line_end(comment.span.end), comment.span.line + 1
    while offset < len(lines.text):
        end = lines.line_end(offset)
        content = lines.text[offset:end].strip()
        if content and not content.startswith("#"):
            return line
        offset, line = end, line + 1
    return line
