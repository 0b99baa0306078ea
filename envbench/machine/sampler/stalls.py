"""When a call counts as hung: values and rules; the clock is passed in."""

from dataclasses import dataclass

from envbench.machine.sampler.breadcrumb import Breadcrumb
from envbench.machine.sampler.orders import BOX, DRIVER, OPEN_CALL

LOOK_S = 0.2
"""How often the breadcrumb is looked at."""
_MOST_CREDIT_S = 2 * LOOK_S
"""What one look may add: a box that slept or stood still makes no call hang."""
_DRIVER_EXTRA_S = 0.5
_BOX_LIMIT_S = 3.0
_WAKING_S, _LONGEST_WAKING_S = 4.0, 10.0
"""For a call that wakes a GPU: with others waiting, and with nobody waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What was seen of the call that is being made."""

    crumb: Breadcrumb | None = None
    """None when no call was being made."""
    lasted_s: float = 0.0
    """For how long it was watched."""
    looked_at_s: float = float("-inf")
    """CLOCK_MONOTONIC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a call may take."""

    name_s: float
    """Until it is told that it does not come back."""
    kill_s: float
    """Until the process that makes it is replaced."""


def look(before: Witness, crumb: Breadcrumb | None, now_s: float) -> Witness:
    """Note what is seen now.

    Args:
        before: What was noted before.
        crumb: What the breadcrumb says.
        now_s: CLOCK_MONOTONIC.
    """
    if crumb is None:
        return Witness(looked_at_s=now_s)
    passed_s = now_s - before.looked_at_s
    if before.crumb == crumb:
        lasted_s = before.lasted_s + min(passed_s, _MOST_CREDIT_S)
    else:
        lasted_s = min(max(0.0, now_s - crumb.began_s), passed_s, _MOST_CREDIT_S)
    return Witness(crumb=crumb, lasted_s=max(0.0, lasted_s), looked_at_s=now_s)


def tell_patience(crumb: Breadcrumb, limit_s: float, *, is_awaited: bool = True) -> Patience:
    """Tell how long this call may take.

    Args:
        crumb: The call.
        limit_s: For an ordinary call.
        is_awaited: Whether other GPUs wait for its end.
    """
    if crumb.gpu == BOX:
        return Patience(name_s=_BOX_LIMIT_S, kill_s=_BOX_LIMIT_S)
    if crumb.gpu == DRIVER:
        name_s = limit_s + _DRIVER_EXTRA_S
        return Patience(name_s=name_s, kill_s=max(name_s, _LONGEST_WAKING_S))
    if crumb.call == OPEN_CALL:
        waking_s = _WAKING_S if is_awaited else _LONGEST_WAKING_S
        return Patience(name_s=limit_s, kill_s=max(limit_s, waking_s))
    return Patience(name_s=limit_s, kill_s=limit_s)
