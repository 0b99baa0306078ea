"""The one place that reaches for the driver of an app: Textual gives it no public name."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver


def find_driver(app: "App[Any]") -> "Driver | None":
    """Return what writes to the terminal; None before it opened, and without a terminal (tests)."""
    driver: Driver | None = app._driver  # noqa: SLF001 - see above
    return None if driver is None or driver.is_headless else driver


def write_to_terminal(app: "App[Any]", sequence: str) -> bool:
    """Send a control sequence, between pictures; tells whether there is a terminal."""
    driver = find_driver(app)
    if driver is None:
        return False
    driver.write(sequence)
    return True
