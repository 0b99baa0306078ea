"""What is left alone for a while because a call about it hung or crashed: values and rules.

A part is confined, then tried again, each time after a longer wait; when it answers it is free, and
what befell it is remembered for a while. The clock is passed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from envbench.machine.sampler.breadcrumb import Breadcrumb
from envbench.machine.sampler.orders import BOX, OPTIONAL_CALLS, Part, name_call

RETRY_S = (30.0, 60.0, 120.0, 300.0, 600.0)
"""How long a part is left alone, the first time, the second..."""
MEMORY_S = 600.0
"""So long after it was freed, a part that fails again goes on where it left off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """One part, and what it did."""

    part: Part
    call: str
    """The function that did not come back, with its version."""
    is_crash: bool
    """Whether it ended the process; else it hung."""
    code: int | None
    """Number of the signal, for a crash."""
    words: str
    """One line: what happened."""
    remedy: str = ""
    """One line: what to do about it."""
    since_s: float
    """Unix time of the first time in a row."""
    times: int = 1
    """How often in a row."""
    retry_at_s: float = 0.0
    """CLOCK_MONOTONIC."""
    freed_at_s: float | None = None
    """CLOCK_MONOTONIC; None while it is confined."""


Quarantine = Mapping[Part, Confinement]
EMPTY: Quarantine = MappingProxyType({})


def blame(crumb: Breadcrumb, *, is_crash: bool) -> Part:
    """Say what a call that did not come back speaks against.

    A list of processes that crashes costs the GPU this list and nothing else. A call that hangs
    holds locks inside the driver, so that the whole GPU is left alone.
    """
    call = name_call(crumb.call)
    if crumb.gpu == BOX or (is_crash and call in OPTIONAL_CALLS):
        return crumb.gpu, call
    return crumb.gpu, ""


def tell_retry_s(times: int) -> float:
    """Tell how long a part is left alone that failed so often in a row."""
    return RETRY_S[min(max(times, 1), len(RETRY_S)) - 1]


def confine(held: Quarantine, news: Confinement, now_s: float) -> Quarantine:
    """Leave a part alone.

    Args:
        held: What is known so far.
        news: What happened; its `times`, `since_s` and `retry_at_s` are made here, the first two
            from what is remembered.
        now_s: CLOCK_MONOTONIC.
    """
    before = held.get(news.part)
    if before is not None and before.freed_at_s is not None:
        is_remembered = now_s - before.freed_at_s < MEMORY_S
        # It was in order meanwhile, so this is another time, though not the first.
        before = replace(before, since_s=news.since_s) if is_remembered else None
    times = before.times + 1 if before else 1
    entry = replace(
        news,
        times=times,
        since_s=before.since_s if before else news.since_s,
        retry_at_s=now_s + tell_retry_s(times),
        freed_at_s=None,
    )
    return {**held, news.part: entry}


def postpone(held: Quarantine, part: Part, now_s: float) -> Quarantine:
    """Have a part wait again that could not be tried, for as long as it waited before."""
    entry = held.get(part)
    if entry is None or entry.freed_at_s is not None:
        return held
    return {**held, part: replace(entry, retry_at_s=now_s + tell_retry_s(entry.times))}


def free(held: Quarantine, part: Part, now_s: float) -> Quarantine:
    """Free a part that has answered."""
    entry = held.get(part)
    if entry is None or entry.freed_at_s is not None:
        return held
    return {**held, part: replace(entry, freed_at_s=now_s)}


def forget(held: Quarantine, now_s: float) -> Quarantine:
    """Forget what is long past."""
    return {
        part: entry
        for part, entry in held.items()
        if entry.freed_at_s is None or now_s - entry.freed_at_s < MEMORY_S
    }


def find_due(held: Quarantine, now_s: float) -> Confinement | None:
    """Find what is to be tried now: what waits longest of all whose time has come."""
    due = [entry for entry in list_confined(held) if entry.retry_at_s <= now_s]
    return min(due, key=lambda entry: (entry.retry_at_s, entry.part), default=None)


def list_confined(held: Quarantine) -> tuple[Confinement, ...]:
    """List what must not be asked now."""
    return tuple(held[part] for part in sorted(held) if held[part].freed_at_s is None)


def list_parts(held: Quarantine) -> tuple[Part, ...]:
    """List the same, by what it is."""
    return tuple(entry.part for entry in list_confined(held))
