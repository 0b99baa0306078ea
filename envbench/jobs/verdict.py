"""Puts the end of a job into the words of its result. The supervisor reads this file."""

import json
import signal
import time

from envbench.model.job_states import Exit, JobState, Own, judge
from envbench.model.signal_names import name_signal

_TEXT_LIMIT = 600
"""Characters; two such texts fit into the blocks that are kept for the result."""
_CODES = {JobState.DONE: 0, JobState.CANCELLED: 130}
_PREVENTED = 3
_LOOK = "look at the end of the log"


class End:
    """What the supervisor knows when everything is over."""

    __slots__ = ("cancel", "leftover", "never_ran_why", "oom", "own", "returned", "started_at")

    def __init__(self) -> None:
        self.returned: int | None = None
        """Exit status, or minus the signal's number; None when nobody waited."""
        self.own: dict[str, object] | None = None
        """The worker's own result."""
        self.cancel = False
        self.oom = False
        self.leftover = 0
        """Processes that could not be ended."""
        self.never_ran_why = ""
        """Why the worker was not started; empty when it was, or when a cancel came first."""
        self.started_at: float | None = None
        """Unix time; None when it never ran."""

    def classify(self) -> Exit:
        """Name the way in which the worker ended."""
        if self.returned is None:
            return Exit.NEVER_RAN if self.never_ran_why else Exit.UNKNOWN
        if self.returned < 0:
            return Exit.KILLED if self.returned == -signal.SIGKILL else Exit.SIGNALLED
        return Exit.NONZERO if self.returned else Exit.ZERO


def decide(end: End) -> JobState:
    """Judge the end by the table."""
    own = Own.NONE
    if end.own is not None:
        said = end.own.get("state")
        own = Own(str(said)) if said in set(Own) else Own.FAILED
    return judge(exit=end.classify(), own=own, cancel=end.cancel, oom=end.oom)


def write_verdict(end: End, state: JobState) -> bytes:
    """Make the text of the result: `envbench.model.job.JobResult` without the payload.

    The payload stays in the worker's own result: it may be large, and this must always fit.
    """
    own = end.own if end.own is not None and end.own.get("state") == state else {}
    reason, hint = _explain(end, state)
    returned = end.returned
    verdict = {
        "state": state,
        "exit_code": returned if returned is not None and returned >= 0 else None,
        "signal": -returned if returned is not None and returned < 0 else None,
        "reason": str(own.get("reason") or reason)[:_TEXT_LIMIT],
        "hint": str(own.get("hint") or hint)[:_TEXT_LIMIT],
        "code": own.get("code", _CODES.get(state, _PREVENTED)),
        "started": write_time(end.started_at) if end.started_at is not None else "",
        "ended": write_time(time.time()),
    }
    return json.dumps(verdict, ensure_ascii=False).encode("utf-8", "replace")


def write_time(moment: float) -> str:
    """Write a Unix time as UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def _explain(end: End, state: JobState) -> tuple[str, str]:
    reason, hint = _explain_state(end, state)
    if end.leftover:
        reason = f"{reason}; {end.leftover} of its processes could not be ended".lstrip("; ")
    return reason, hint


def _explain_state(end: End, state: JobState) -> tuple[str, str]:
    match state:
        case JobState.DONE:
            return "", ""
        case JobState.CANCELLED:
            return "it was cancelled", ""
        case JobState.OOM:
            why = "it was killed by the system, probably because the memory was used up"
            return why, "free memory, or raise the memory limit of this session, and try again"
        case JobState.LOST:
            why = "it ended while nothing watched it; how, is unknown"
            return why, f"{_LOOK}, then start it again"
    return _explain_failure(end)


def _explain_failure(end: End) -> tuple[str, str]:
    if end.never_ran_why:
        return f"it could not be started: {end.never_ran_why}", ""
    returned = end.returned or 0
    if returned < 0:
        return f"its worker was ended by {name_signal(-returned)}", _LOOK
    if returned in (125, 126, 127):
        return "its worker could not be started", _LOOK
    return f"its worker ended with status {returned} and left no result", _LOOK
