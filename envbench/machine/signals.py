"""Signals to one's own processes, and to none that has taken over a number."""

import os

from envbench.jobs.processes import identify
from envbench.jobs.processes import send_signal as send_to_identity
from envbench.machine.process_files import EndedError, ProcessFiles, UnreadError
from envbench.machine.process_start import SAME_START_S, StartClock
from envbench.machine.user_names import UserNames
from envbench.model.errors import NotFineError, PreventedError


def send_signal(pid: int, started_s: float, signal_number: int) -> None:
    """Send a signal to a process of this user.

    It is sent through a descriptor of the process, where the kernel has such: a process that ends
    meanwhile cannot be mistaken for the next one of its number.

    Args:
        pid: The process.
        started_s: When it was started, Unix time, as `OwnerReader` told it.
        signal_number: Such as `signal.SIGTERM`.

    Raises:
        NotFineError: It is gone, or another process has its number.
        PreventedError: It belongs to somebody else, or the kernel refuses.
    """
    # First the identity, then the checks: what is signalled is what was checked.
    identity = identify(pid) if pid > 0 else None
    if identity is None:
        raise _tell_gone(pid)
    files = ProcessFiles("/proc", pid)
    try:
        stat = files.read_stat()
        uid = files.read_uid()
    except EndedError:
        raise _tell_gone(pid) from None
    except UnreadError as fault:
        raise PreventedError(f"process {pid} cannot be looked at", why=str(fault)) from None
    is_same = abs(StartClock().to_unix(stat.start_ticks) - started_s) <= SAME_START_S
    if not is_same or stat.start_ticks != identity["start_ticks"]:
        raise NotFineError(
            f"process {pid} is another one by now",
            why="the process that was shown has ended, and its number was given away again",
            hint="nothing was sent",
        )
    if stat.has_ended:
        raise _tell_gone(pid)
    if uid != os.geteuid():
        raise PreventedError(
            f"process {pid} belongs to {UserNames().name(uid)}",
            why="signals are sent to one's own processes only",
            hint="ask its owner, or the administrator of this box",
        )
    if not send_to_identity(identity, signal_number):
        if identify(pid) != identity:
            raise _tell_gone(pid)
        raise PreventedError(f"the kernel refused to send a signal to process {pid}")


def _tell_gone(pid: int) -> NotFineError:
    return NotFineError(f"process {pid} has ended", hint="nothing was sent")
