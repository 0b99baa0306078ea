"""What the log viewer tells the screen around it."""

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from envbench.ui.widgets.log_view.status import Status
    from envbench.workbench.logs import Level


class LogStatus(Message):
    """Something that a title would say has changed; at most one for each poll or key."""

    def __init__(self, status: "Status") -> None:
        """Say how things stand now."""
        super().__init__()
        self.status = status


class CopyWanted(Message):
    """The user wants a text copied."""

    def __init__(self, text: str) -> None:
        """Say which; as it is shown, without marks."""
        super().__init__()
        self.text = text


class FindWanted(Message):
    """The user wants to type what to look for."""

    def __init__(self, *, only: bool) -> None:
        """Say what for: to leave out all other lines, or to go from one to the next."""
        super().__init__()
        self.only = only


class SearchWanted(Message):
    """The user wants lines of certain levels found; the answer goes to `LogView.show_hits`."""

    def __init__(self, *, levels: "tuple[Level, ...]", first_line: int, limit: int) -> None:
        """Say which.

        Args:
            levels: Any of them.
            first_line: Where to begin, counted from 0.
            limit: How many are wanted.
        """
        super().__init__()
        self.levels = levels
        self.first_line = first_line
        self.limit = limit
