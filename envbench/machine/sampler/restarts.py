"""How soon a sampler that ended is started again: rules only."""

DELAYS_S = (0.0, 1.0, 5.0, 30.0)
STEADY_S = 20.0
"""One that has told samples for so long was in order."""
MANY_KILLS = 3
"""After so many at the same call it is the driver that does not answer."""


def count_failures(before: int, lived_s: float) -> int:
    """Count the failures in a row, this one included.

    Args:
        before: The count before.
        lived_s: For how long it has told samples.
    """
    return 1 if lived_s >= STEADY_S else before + 1


def tell_delay_s(failures: int) -> float:
    """Tell how long to wait after so many failures in a row."""
    return DELAYS_S[min(max(failures, 1), len(DELAYS_S)) - 1]
