"""Doing something once, when nothing happened for a moment."""

from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget


class Debounce:
    """A call that waits; each new request starts the wait again."""

    def __init__(self, widget: Widget, call: Callable[[], None]) -> None:
        """Prepare a call on behalf of a widget."""
        self._widget = widget
        self._call = call
        self._timer: Timer | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether the call is still to come."""
        return self._timer is not None

    def request(self, delay_s: float) -> None:
        """Call after a delay, unless another request comes first."""
        self.cancel()
        if self._widget.is_running:
            self._timer = self._widget.set_timer(delay_s, self._run)

    def cancel(self) -> None:
        """Forget the request."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def flush(self) -> None:
        """Call now, if it is still to come."""
        if self._timer is not None:
            self.cancel()
            self._call()

    def _run(self) -> None:
        self._timer = None
        self._call()
