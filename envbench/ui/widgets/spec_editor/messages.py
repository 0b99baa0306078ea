"""What the editor tells the screen around it.

Lines are counted from 1, as in problems; a column is the number of characters before the cursor.
"""

from typing import TYPE_CHECKING, Literal

from textual.message import Message

if TYPE_CHECKING:
    from envbench.model.problem import Problem


class TextEdited(Message, namespace="spec_editor"):
    """The text was changed, and no key came for a moment."""

    def __init__(self, text: str, version: int) -> None:
        """Hand over the text, and the version to answer with."""
        super().__init__()
        self.text = text
        self.version = version


class SaveWanted(Message, namespace="spec_editor"):
    """The user wants the text saved."""

    def __init__(self, text: str, version: int) -> None:
        """Hand over the text and its version."""
        super().__init__()
        self.text = text
        self.version = version


class FixWanted(Message, namespace="spec_editor"):
    """The user takes the fix of a problem: hand its edit to `apply_edit` with this version."""

    def __init__(self, problem: "Problem", version: int) -> None:
        """Say which problem, and of which version of the text."""
        super().__init__()
        self.problem = problem
        self.version = version


class LeaveWanted(Message, namespace="spec_editor"):
    """The user wants out of the editor."""


class CompletionWanted(Message, namespace="spec_editor"):
    """Something may be offered at the cursor: answer with `show_completions`."""

    def __init__(
        self, version: int, line: int, column: int, line_text: str, *, explicit: bool
    ) -> None:
        """Say where the cursor is, and whether a key asked for it rather than typing."""
        super().__init__()
        self.version = version
        self.line = line
        self.column = column
        self.line_text = line_text
        self.explicit = explicit


class InspectWanted(Message, namespace="spec_editor"):
    """The cursor rests on a line: answer with `show_inspection`."""

    def __init__(self, line_number: int, line_text: str) -> None:
        """Say which line, and what stands in it."""
        super().__init__()
        self.line_number = line_number
        self.line_text = line_text


class CursorMoved(Message, namespace="spec_editor"):
    """The cursor is elsewhere, or the problems are others."""

    def __init__(self, line: int, column: int, problems: tuple[int, int]) -> None:
        """Say where.

        Args:
            line: From 1.
            column: From 1, as a title shows it.
            problems: Which problem the cursor is on, from 1 (0: none), and how many there are.
        """
        super().__init__()
        self.line = line
        self.column = column
        self.problems = problems


class EditorWanted(Message, namespace="spec_editor"):
    """The user wants the file in the editor of his choice."""

    def __init__(self, line: int) -> None:
        """Say where the cursor is."""
        super().__init__()
        self.line = line


class FormWanted(Message, namespace="spec_editor"):
    """The user wants the small form for a dependency."""

    def __init__(self, kind: Literal["insert", "edit"], line: int) -> None:
        """Say what for: a new line behind this one, or this one."""
        super().__init__()
        self.kind = kind
        self.line = line


class Refused(Message, namespace="spec_editor"):
    """A key could not do what it does, and why."""

    def __init__(self, reason: str) -> None:
        """Say why."""
        super().__init__()
        self.reason = reason
