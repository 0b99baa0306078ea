"""What the editor tells the screen around it.

Lines are counted from 1, as in problems; a column is the number of characters before the cursor.
"""

from dataclasses import dataclass
from typing import Literal

from textual.message import Message

from envbench.model.problem import Problem


@dataclass
class TextEdited(Message, namespace="spec_editor"):
    """The text was changed, and no key came for a moment."""

    text: str
    version: int


@dataclass
class SaveWanted(Message, namespace="spec_editor"):
    """The user wants the text saved."""

    text: str
    version: int


@dataclass
class FixWanted(Message, namespace="spec_editor"):
    """The user takes the fix of a problem: hand its edit to `apply_edit` with this version."""

    problem: Problem
    version: int


@dataclass
class LeaveWanted(Message, namespace="spec_editor"):
    """The user wants out of the editor."""


@dataclass
class CompletionWanted(Message, namespace="spec_editor"):
    """Something may be offered at the cursor: answer with `show_completions`."""

    version: int
    line: int
    column: int
    line_text: str
    explicit: bool
    """Whether a key asked for it, rather than typing."""


@dataclass
class InspectWanted(Message, namespace="spec_editor"):
    """The cursor rests on a line: answer with `show_inspection`."""

    line_number: int
    line_text: str


@dataclass
class CursorMoved(Message, namespace="spec_editor"):
    """The cursor is elsewhere, or the problems are others."""

    line: int
    column: int
    """From 1, as a title shows it."""
    problems: tuple[int, int]
    """Which problem the cursor is on, from 1 (0: none), and how many there are."""


@dataclass
class EditorWanted(Message, namespace="spec_editor"):
    """The user wants the file in the editor of his choice."""

    line: int


@dataclass
class FormWanted(Message, namespace="spec_editor"):
    """The user wants the small form for a dependency."""

    kind: Literal["insert", "edit"]
    line: int


@dataclass
class Refused(Message, namespace="spec_editor"):
    """A key could not do what it does, and why."""

    reason: str
