"""Whole numbers as the kernel writes them into its files."""

import re

_COUNT = re.compile(r"[0-9]{1,20}")


def parse_count(text: str) -> int | None:
    """Read a number that is not negative; None for anything else, `max` and `-1` included."""
    return int(text) if _COUNT.fullmatch(text) else None
