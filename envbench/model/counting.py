"""Numbers of things in words."""


def count_of(number: int, noun: str) -> str:
    """Write `1 package`, `2 packages`; nouns with a regular plural only."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
