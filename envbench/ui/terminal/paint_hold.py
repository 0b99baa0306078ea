"""Holds the paints of an app: changes gather, and are painted as one picture at the release."""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App


class PaintHold:
    """Held while there is any reason; use it from the app's own thread."""

    def __init__(self, app: "App[Any]") -> None:
        self._app = app
        self._reasons: set[str] = set()
        self._batch: ExitStack | None = None
        self._has_painted = self._has_missed = False
        self._watch_paints()

    @property
    def is_held(self) -> bool:
        """Nothing is painted at present."""
        return self._batch is not None

    def hold(self, reason: str) -> None:
        """Hold for a reason, until `release` is called with the same."""
        if not self._app.is_running:
            return
        self._reasons.add(reason)
        if self._batch is None:
            self._batch = ExitStack()
            self._batch.enter_context(self._app.batch_update())

    def release(self, reason: str) -> None:
        """Take a reason back; what changed is painted when it was the last."""
        self._reasons.discard(reason)
        batch = self._batch
        if batch is None or self._reasons:
            return
        self._batch = None
        batch.close()
        if not self._app.is_running or not self._app.screen_stack:
            return
        if self._has_missed:
            self._has_missed = False
            self._app.screen.refresh()
        else:
            self._app.screen.check_idle()

    def note_picture(self) -> None:
        """A picture went out."""
        self._has_painted = True

    def _watch_paints(self) -> None:
        """Learn of pictures that Textual made and dropped because they were held."""
        after = self._app.post_display_hook

        def hook() -> None:
            # The hold may begin within the very paint that ends here: that one was not dropped.
            if self._batch is not None and not self._has_painted:
                self._has_missed = True
            self._has_painted = False
            after()

        self._app.post_display_hook = hook  # type: ignore[method-assign]
