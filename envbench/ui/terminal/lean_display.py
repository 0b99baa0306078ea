"""Stands between Textual's pictures and the terminal: only what changed goes out."""

from typing import TYPE_CHECKING, Any

from textual._compositor import CompositorUpdate

from envbench.ui.terminal.access import find_driver
from envbench.ui.terminal.driver import TerminalDriver
from envbench.ui.terminal.picture import DrawnUpdate

if TYPE_CHECKING:
    from textual.app import App


def draw_less(app: "App[Any]", update: Any) -> Any:
    """Turn an update into one that writes only the cells that differ.

    To be called for each update that an app displays, and the result to be displayed.

    Returns:
        The update to display; None when the terminal shows it already.
    """
    driver = find_driver(app)
    if not isinstance(driver, TerminalDriver) or not isinstance(update, CompositorUpdate):
        return update
    if app._batch_count or not app.is_running:  # noqa: SLF001 - such an update is not displayed
        return update
    sequence = driver.picture.draw(update, app.console, (app.size.width, app.size.height))
    if sequence is None:
        return update
    cursor = app.cursor_position
    if not sequence and cursor == driver.cursor:
        return None
    driver.cursor = cursor
    return DrawnUpdate(sequence)


def forget_picture(app: "App[Any]") -> None:
    """Write everything anew from now on: the terminal may show something else than was written."""
    driver = find_driver(app)
    if isinstance(driver, TerminalDriver):
        driver.picture.forget()
        driver.cursor = None
