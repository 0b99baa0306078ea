"""A question before something is lost: yes by its key, no by everything else."""

from collections.abc import Sequence

from textual.events import Key

from envbench.ui.ink import Line, ink
from envbench.ui.screens.dialog import Dialog


class Question(Dialog[bool]):
    """One question; the default answer is no."""

    def __init__(self, question: str, details: Sequence[str] = (), yes: str = "y") -> None:
        """Prepare the question.

        Args:
            question: Names what it is about.
            details: What will be lost, one line each.
            yes: The key that means yes.
        """
        super().__init__(question, details)
        self._yes = yes

    def keys_line(self) -> Line:
        """Name both answers; the default one is the capital."""
        return ink((self._yes, "accent"), " yes   ", ("N", "accent"), " no (Enter, Esc)")

    def on_key(self, event: Key) -> None:
        """Take the answer; other keys do nothing, so that a slip answers nothing."""
        event.stop()
        if event.character == self._yes:
            self.dismiss(True)
        elif event.key in {"escape", "enter", "n", "N", "q"}:
            self.dismiss(False)
