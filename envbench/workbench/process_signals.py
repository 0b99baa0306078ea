"""Signals to one's own processes, by name."""

import signal

from envbench.machine.signals import send_signal
from envbench.model.errors import UsageError

SIGNALS: dict[str, int] = {
    "TERM": signal.SIGTERM,
    "INT": signal.SIGINT,
    "KILL": signal.SIGKILL,
    "STOP": signal.SIGSTOP,
    "CONT": signal.SIGCONT,
    "HUP": signal.SIGHUP,
    "USR1": signal.SIGUSR1,
}
"""What may be sent, by the names that people use."""


def signal_process(pid: int, started_s: float, name: str) -> None:
    """Send a signal to a process of this user, and to none that has taken over its number.

    Args:
        pid: The process.
        started_s: When it was started, Unix time, as the sampler told it.
        name: One of `SIGNALS`.

    Raises:
        UsageError: There is no such signal.
        NotFineError: The process is gone, or another one has its number.
        PreventedError: It belongs to somebody else.
    """
    number = SIGNALS.get(name)
    if number is None:
        raise UsageError(f"there is no signal {name!r}", hint=f"there are: {', '.join(SIGNALS)}")
    send_signal(pid, started_s, number)
