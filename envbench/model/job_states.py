"""The states of a job, and the one table that decides them.

Two rules: everything that decides a state is a row of `STATE_TABLE`; and nothing here knows
which process asks. The supervisor, which has to stay small in memory, reads this file too:
it imports nothing but `enum`.
"""

from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands."""

    STARTING = "starting"
    RUNNING = "running"
    UNSTARTED = "unstarted"
    """Submitted, but its supervisor died before the worker began; safe to start again."""
    ORPHANED = "orphaned"
    """The worker lives, its supervisor does not; to be adopted."""
    DEAD = "dead"
    """Both died without a result; to be judged."""
    FOREIGN = "foreign"
    """Belongs to another machine or container, whose processes cannot be seen from here."""
    DAMAGED = "damaged"
    """Its records cannot be read."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    OOM = "oom"
    """Killed, and the kernel's out-of-memory count rose meanwhile: probably for lack of memory."""
    LOST = "lost"
    """Died unsupervised; its exit status is unknown."""


FINAL_STATES = frozenset(
    {JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.OOM, JobState.LOST}
)

ADOPTABLE_STATES = frozenset({JobState.UNSTARTED, JobState.ORPHANED, JobState.DEAD})
"""States in which a new supervisor has something to do."""


class Life(StrEnum):
    """What can be said of a process on record."""

    NONE = "none"
    """There is no record of one."""
    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"
    """It is on record in another machine or container."""


class Exit(StrEnum):
    """How the worker ended, as far as its supervisor knows."""

    NOT_YET = "not yet"
    """No verdict is asked for: the job is looked at while it is on its way."""
    ZERO = "zero"
    NONZERO = "nonzero"
    KILLED = "killed"
    """By SIGKILL."""
    SIGNALLED = "signalled"
    """By another signal."""
    NEVER_RAN = "never ran"
    UNKNOWN = "unknown"
    """Nobody waited for it."""


class Own(StrEnum):
    """What the worker said of itself before it ended."""

    NONE = "none"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ANY = "*"
"""In a row of the table: whatever this fact is."""

COLUMNS = ("records", "exit", "own", "cancel", "oom", "supervisor", "worker", "started", "young")
"""The facts, in the order in which a row of the table names them.

`records` is whole or broken, `cancel` whether somebody asked for it, `oom` whether the kernel's
out-of-memory count rose, `started` whether the worker's program began, `young` whether the job
was submitted a moment ago.
"""

# fmt: off
STATE_TABLE: tuple[tuple[tuple[str, ...], JobState], ...] = (
    # records  exit         own          cancel oom    supervisor worker     started young
    (("broken", ANY,         ANY,         ANY,   ANY,   ANY,       ANY,       ANY,    ANY),   JobState.DAMAGED),
    # On its way: whoever looks asks where it is.
    (("whole",  "not yet",   ANY,         ANY,   ANY,   "unknown", ANY,       ANY,    ANY),   JobState.FOREIGN),
    (("whole",  "not yet",   ANY,         ANY,   ANY,   ANY,       "unknown", ANY,    ANY),   JobState.FOREIGN),
    (("whole",  "not yet",   ANY,         ANY,   ANY,   "alive",   "none",    ANY,    ANY),   JobState.STARTING),
    (("whole",  "not yet",   ANY,         ANY,   ANY,   "alive",   ANY,       "no",   ANY),   JobState.STARTING),
    (("whole",  "not yet",   ANY,         ANY,   ANY,   "alive",   ANY,       "yes",  ANY),   JobState.RUNNING),
    (("whole",  "not yet",   ANY,         ANY,   ANY,   "none",    "none",    "no",   "yes"), JobState.STARTING),
    (("whole",  "not yet",   ANY,         ANY,   ANY,   ANY,       "alive",   ANY,    ANY),   JobState.ORPHANED),
    (("whole",  "not yet",   ANY,         ANY,   ANY,   ANY,       ANY,       "no",   ANY),   JobState.UNSTARTED),
    (("whole",  "not yet",   ANY,         ANY,   ANY,   ANY,       ANY,       "yes",  ANY),   JobState.DEAD),
    # At its end, which its supervisor judges. A worker says `done` last of all, so it is believed even if a cancel came late.
    (("whole",  ANY,         "done",      ANY,   ANY,   ANY,       ANY,       ANY,    ANY),   JobState.DONE),
    (("whole",  ANY,         "cancelled", ANY,   ANY,   ANY,       ANY,       ANY,    ANY),   JobState.CANCELLED),
    (("whole",  ANY,         ANY,         "yes", ANY,   ANY,       ANY,       ANY,    ANY),   JobState.CANCELLED),
    (("whole",  ANY,         "failed",    "no",  ANY,   ANY,       ANY,       ANY,    ANY),   JobState.FAILED),
    (("whole",  "zero",      "none",      "no",  ANY,   ANY,       ANY,       ANY,    ANY),   JobState.DONE),
    (("whole",  "unknown",   "none",      "no",  ANY,   ANY,       ANY,       ANY,    ANY),   JobState.LOST),
    (("whole",  "killed",    "none",      "no",  "yes", ANY,       ANY,       ANY,    ANY),   JobState.OOM),
    (("whole",  ANY,         "none",      "no",  ANY,   ANY,       ANY,       ANY,    ANY),   JobState.FAILED),
)
# fmt: on


def judge(  # noqa: PLR0913 - one argument for each column
    *,
    records_whole: bool = True,
    exit: Exit = Exit.NOT_YET,
    own: Own = Own.NONE,
    cancel: bool = False,
    oom: bool = False,
    supervisor: Life = Life.NONE,
    worker: Life = Life.NONE,
    started: bool = False,
    young: bool = False,
) -> JobState:
    """Decide where a job stands: the first row of `STATE_TABLE` that fits the facts.

    A job that has its result is where the result says, and is not asked about here.

    Args:
        records_whole: The job's own records can be read.
        exit: How the worker ended; `NOT_YET` asks where a job without a result is now.
        own: What the worker said of itself.
        cancel: Somebody asked for its end.
        oom: The out-of-memory count of the kernel rose while the worker ran.
        supervisor: The life of the supervisor on record.
        worker: The life of the worker on record.
        started: The worker's program began.
        young: Submitted so short a time ago that its supervisor may still be on its way.
    """
    facts = (
        "whole" if records_whole else "broken",
        exit,
        own,
        _yes(cancel),
        _yes(oom),
        supervisor,
        worker,
        _yes(started),
        _yes(young),
    )
    for row, state in STATE_TABLE:
        if all(want in (ANY, fact) for want, fact in zip(row, facts, strict=True)):
            return state
    raise AssertionError(f"no row of the table fits {facts}")


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"
