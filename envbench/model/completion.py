"""What is offered at a cursor of the spec editor."""

from dataclasses import dataclass

from envbench.model.spec_place import PlaceKind

MAX_ITEMS = 50


@dataclass(frozen=True, slots=True)
class CompletionItem:
    """One thing to choose; all texts are safe to show."""

    insert: str
    """What takes the place of the text from `start_column` to the cursor."""
    label: str
    """What the list shows; mostly the same."""
    detail: str
    """What helps to choose, `1.26.4  conda-forge`; empty when nothing is known."""
    start_column: int
    """Characters of the line before the text to be replaced."""
    positions: tuple[int, ...] = ()
    """Places in `label`, 0-based, of the letters that were typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionReport:
    """All that is offered at one place of a text."""

    kind: PlaceKind
    query: str = ""
    """What stands there already, up to the cursor."""
    items: tuple[CompletionItem, ...] = ()
    """Best first, at most `MAX_ITEMS`."""
    more: int = 0
    """How many fit beside these; counted for versions and builds only."""
    status: str = ""
    """What keeps the list from being whole or fresh, in words; empty when nothing does."""
    pending: bool = False
    """Whether an index is still being read: ask again, there may be more."""
