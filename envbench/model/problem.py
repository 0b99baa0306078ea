"""What is wrong with a text, where, and the edit that would mend it."""

from dataclasses import dataclass

from envbench.model.severity import Severity as Severity
from envbench.model.span import Span


@dataclass(frozen=True, slots=True, order=True)
class Replacement:
    """Puts `text` in the place of the characters `start:end` of the original text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a text; everything outside the replacements stays byte for byte."""

    title: str
    """What the edit does, in the imperative: `pin numpy to 1.26.*`."""
    replacements: tuple[Replacement, ...]
    """Never overlapping, in ascending order, all offsets into the original text."""

    def apply(self, text: str) -> str:
        """Return `text` with all replacements made.

        Raises:
            ValueError: The replacements overlap, are out of order or out of the text.
        """
        parts: list[str] = []
        position = 0
        for replacement in self.replacements:
            if not position <= replacement.start <= replacement.end <= len(text):
                raise ValueError(f"replacement {replacement} is out of order or out of the text")
            parts += (text[position : replacement.start], replacement.text)
            position = replacement.end
        return "".join((*parts, text[position:]))


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding in a spec."""

    code: str
    """Stable and documented, such as `EB101`; may be silenced in the file by a comment."""
    severity: Severity
    message: str
    """One line, no full stop, in the words of the field."""
    span: Span | None = None
    """The exact place, or None when it concerns the file as a whole."""
    hint: str = ""
    """What to do about it; may be empty."""
    edit: Edit | None = None
    """An edit that mends it, where one is certain."""

    @property
    def is_error(self) -> bool:
        """Whether it keeps the spec from being solved or built."""
        return self.severity is Severity.ERROR
