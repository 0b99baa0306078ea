"""Runs a command as a child in the place of this process: same terminal, group, signals, ending.

Whoever started this process must not notice that the command is one level below: what comes to
this process is passed on, what comes to the whole group is not doubled, a stopped command stops
this process, and its death is died here too.

Source: signal(7), sigwaitinfo(2) (`si_code` tells the kernel's signals from those of processes),
the chapter on job control of the GNU C library's manual.
"""

import ctypes
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import NoReturn

_PR_SET_PDEATHSIG = 1
"""Source: prctl(2)."""

_PASSED_ON = (
    *(signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1),
    *(signal.SIGUSR2, signal.SIGALRM, signal.SIGCONT, signal.SIGWINCH, signal.SIGTSTP),
)
_FROM_TERMINAL = frozenset({signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU})


def run_in_foreground(
    executable: str,
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    on_started: Callable[[int], None],
) -> int:
    """Run a command to its end.

    To be called before any thread is started. If this process is killed, so is the command.

    Args:
        executable: The program.
        argv: Its arguments, its name first.
        environ: Its variables, complete.
        on_started: Gets its pid, and may start threads; signals do not reach them.

    Returns:
        Its exit code, or minus the number of the signal that ended it.

    Raises:
        OSError: It cannot be run.
    """
    # What this process was told to ignore (nohup), the command ignores as well.
    heard: set[int] = {each for each in _PASSED_ON if signal.getsignal(each) is not signal.SIG_IGN}
    heard.add(signal.SIGCHLD)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, heard)
    try:
        child = _start(executable, argv, environ, before)
        on_started(child.pid)
        code = _attend(child.pid, heard)
        child.returncode = code
        return code
    finally:
        # What was meant for the command and came too late must not hit what is left to do.
        while signal.sigtimedwait(heard, 0) is not None:
            continue
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_as(code: int) -> NoReturn:
    """End this process as a command ended.

    Args:
        code: Its exit code, or minus the number of the signal that ended it.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    if code < 0:
        # The command has left its core dump; that of this process would hide it.
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
        # A signal that does not end a process, or that is blocked here: as shells write it.
        code = 128 - code
    sys.exit(code)


def _start(
    executable: str, argv: Sequence[str], environ: Mapping[str, str], mask: Collection[int]
) -> "subprocess.Popen[bytes]":
    libc, parent = ctypes.CDLL(None, use_errno=True), os.getpid()

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    return subprocess.Popen(
        argv,
        executable=executable,
        env=dict(environ),
        # Descriptors that the caller has opened for the command reach it.
        close_fds=False,
        preexec_fn=prepare,
    )


def _attend(pid: int, heard: Collection[int]) -> int:
    """Pass on signals until the command ends; return how it did."""
    while True:
        told = signal.sigwaitinfo(heard)
        if told.si_signo == signal.SIGCHLD:
            code = _look(pid)
            if code is not None:
                return code
        elif told.si_code <= 0:
            # From a process. What the kernel sends (Ctrl-C, a hang-up, another window size) goes
            # to the whole group of the terminal, the command included.
            os.kill(pid, told.si_signo)


def _look(pid: int) -> int | None:
    """See how the command is; None while it lives."""
    while True:
        found, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
        if found == 0:
            return None
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status)
        if os.WSTOPSIG(status) in _FROM_TERMINAL or _is_in_foreground():
            # The shell looks at this process alone to know that its job has stopped.
            os.kill(os.getpid(), signal.SIGSTOP)
            os.kill(pid, signal.SIGCONT)


def _is_in_foreground() -> bool:
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
