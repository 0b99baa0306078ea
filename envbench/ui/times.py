"""Moments of records as people read them."""

from envbench.ui.sizes import show_age

DAY_S = 86400


def read_moment(text: str) -> float:
    """Read an ISO 8601 moment as Unix time; 0 when it cannot be read."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(text).timestamp() if text else 0.0
    except ValueError:
        return 0.0


def show_since(text: str, now: float) -> str:
    """Say how long ago an ISO 8601 moment was; `-` when it cannot be read.

    Args:
        text: The moment.
        now: Unix time.
    """
    moment = read_moment(text)
    return show_age(max(0.0, now - moment)) if moment else "-"


def show_day(text: str | None, now: float) -> str:
    """Say to a day how long ago a moment was: `today`, `yesterday`, `41 days`; `-` when unknown."""
    moment = read_moment(text or "")
    if not moment:
        return "-"
    days = int(max(0.0, now - moment) // DAY_S)
    return "today" if days == 0 else "yesterday" if days == 1 else f"{days} days"
