"""What a check says of a text."""

from dataclasses import dataclass

from envbench.model.problem import Problem


@dataclass(frozen=True, slots=True)
class LineMeaning:
    """What one item of a spec asks for."""

    line: int
    """1-based; where the item begins."""
    text: str
    """In words, cleaned and without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReport:
    """What an editor must know of a text that need not be saved; all plain values."""

    path: str
    """How messages name the file."""
    sha256: str
    """Of the bytes that the text would be saved as."""
    name: str = ""
    """The environment's name as the text has it; empty when it has none."""
    is_spec: bool
    """False when the text is too broken to be read as a spec."""
    problems: tuple[Problem, ...]
    """In order of their place; spans and edits count the characters of the text."""
    errors: int
    warnings: int
    meanings: tuple[LineMeaning, ...] = ()
    """Of the dependencies, conda's and pip's, in order of their lines."""
    other_kind: str = ""
    """`an explicit lock`, when the text is of a kind that only looks like a spec."""

    @property
    def is_fine(self) -> bool:
        """Whether nothing keeps it from being solved and built."""
        return self.is_spec and not self.errors and not self.other_kind
