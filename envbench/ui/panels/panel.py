"""A pane that shows a part of the state."""

from typing import Any, ClassVar

from textual.events import Resize

from envbench.ui.pane_view import PaneView
from envbench.ui.state import ScreenState
from envbench.ui.widgets.row_pane import RowPane


class Panel(RowPane):
    """A `RowPane` whose view is a pure function of the state and of the width."""

    reads: ClassVar[tuple[str, ...]] = ()
    """The fields of `ScreenState` that it shows; others do not touch it."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Make a panel that has seen no state."""
        super().__init__(id=id, classes=classes)
        self._state: ScreenState | None = None
        self._seen: tuple[Any, ...] = ()
        self._wanted = ""

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """Give what to show.

        Args:
            state: All that is known.
            width: Of the lines, in cells.
        """
        raise NotImplementedError

    def show(self, state: ScreenState) -> None:
        """Take a state; the view is made again only when a part that it reads is another."""
        self._state = state
        width = self.size.width
        seen = (width, *(getattr(state, name) for name in self.reads))
        if width <= 0:
            return
        wanted = state.selected.get(self.id or "", "")
        # Only what somebody else asks for moves the cursor: an echo of its own moves comes late,
        # and would take it back to where it was.
        is_new = wanted != self._wanted
        self._wanted = wanted
        asked = wanted if is_new and not self.take_echo(wanted) else ""
        if asked:
            self.aim(asked)
        if not _same(seen, self._seen):
            self._seen = seen
            self.show_view(self._describe_safely(state, width))

    def _describe_safely(self, state: ScreenState, width: int) -> PaneView:
        """Describe; a pane that cannot says so, and the others go on."""
        try:
            return self.describe(state, width)
        except Exception as fault:  # noqa: BLE001 - an outer edge: one pane must not end the screen
            from envbench.ui.flows.fault_record import record_fault
            from envbench.ui.ink import ink, wrap

            said = ink(("× ", "error"), record_fault(fault))
            return PaneView(self.id or "", empty=wrap(said, max(2, width)))

    def keys_target(self) -> "Panel":
        """Take the keys itself."""
        return self

    def on_resize(self, event: Resize) -> None:
        """Lay the view out for the new width."""
        super().on_resize(event)
        if self._state is not None:
            self.show(self._state)


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return len(one) == len(other) and all(
        a is b or (isinstance(a, int | str) and a == b) for a, b in zip(one, other, strict=True)
    )
