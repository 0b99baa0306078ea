"""Conflicts whose explanation the library never finishes.

Where packages depend on each other in a circle, the library can know that there is no solution
and then write the text of the error for ever, some hundred megabytes a second, where neither its
own time limit nor anything else in the process can stop it. So a solve is watched; one that runs
away ends its process, and the next process is told what was learned. That a part of a request has
no solution is *proven* by the order of things: the time limit is honoured while solving, so a solve
that goes on well behind its limit is writing, and it only writes when there is no solution.
"""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from envbench.engine.errors import EngineError

T = TypeVar("T")

Part = tuple[int, ...]
"""Indexes of specs, ascending; led by `UNORDERED` when solved with flexible instead of strict."""

UNORDERED = -1
SUSPICIOUS_BYTES = 512 * 1024**2
"""Growth of the process's own memory during one solve that is looked into."""
HOPELESS_BYTES = 6 * 1024**3
"""Growth that is not waited for in any case."""
PROOF_LIMIT_S = 2.0
"""Time limit of a solve that is to prove itself."""
PROOF_MARGIN_S = 1.5
"""How long behind its limit a solve may end and still have been solving."""
MAX_PARTS = 24
"""Parts that may run away before the conflict is not narrowed down any further."""
_TICK_S = 0.05


class RunawayError(EngineError):
    """A solve runs away; the process it runs in must be ended."""

    def __init__(self, part: Part, *, proven: bool) -> None:
        """Keep what was solved.

        Args:
            part: What ran away.
            proven: It has no solution, with certainty.
        """
        super().__init__("the solver does not come to the end of its explanation")
        self.part = part
        self.proven = proven


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What processes that ran away have taught about a request."""

    suspect: Part | None = None
    """Ran away once, for reasons not yet known."""
    unsolvable: tuple[Part, ...] = ()
    """Have no solution, with certainty."""
    narrow: bool = True
    """Whether to look for the smallest conflict at all."""

    def learn(self, error: RunawayError) -> "Lessons":
        """Add what a runaway taught."""
        if not error.proven:
            return replace(self, suspect=error.part)
        parts = (*self.unsolvable, error.part)
        return replace(self, suspect=None, unsolvable=parts, narrow=len(parts) < MAX_PARTS)


NOTHING_LEARNED = Lessons()


async def watch_solve(
    solve: Awaitable[T], part: Part, *, limit_s: float, suspect: bool, trusted: bool
) -> T:
    """Wait for a solve that may run away.

    Args:
        solve: The library's solve, given `limit_s` as its own time limit.
        part: What is solved.
        limit_s: From now, seconds.
        suspect: It ran away before: let it prove itself.
        trusted: A larger part of the same request was solved in ordinary memory, so growth alone
            proves that the library is writing.

    Raises:
        RunawayError: It runs away.
    """
    task = asyncio.ensure_future(solve)
    ends = time.monotonic() + limit_s + PROOF_MARGIN_S
    before = measure_own_memory()
    while True:
        done, _ = await asyncio.wait({task}, timeout=_TICK_S)
        if done:
            return task.result()
        if time.monotonic() > ends:
            raise RunawayError(part, proven=True)
        grown = measure_own_memory() - before
        if grown > SUSPICIOUS_BYTES and not suspect:
            raise RunawayError(part, proven=trusted)
        if grown > HOPELESS_BYTES:
            raise EngineError(
                f"the solver needs more than {HOPELESS_BYTES >> 30} GiB of memory",
                hint="Pin more versions, so that there is less to choose from.",
            )


def measure_own_memory() -> int:
    """Measure this process's own memory in bytes, mapped files left out; 0 where unknown."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0
