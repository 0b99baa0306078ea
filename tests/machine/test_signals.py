"""Signals reach the process that is meant, or nobody."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from envbench.machine.gpu_owners import OwnerReader
from envbench.machine.signals import send_signal
from envbench.model.errors import NotFineError, PreventedError
from envbench.model.gpu_process import GpuProcess

WAIT = "import sys; print('ready', flush=True); sys.stdin.read()"


@pytest.fixture
def child():
    process = subprocess.Popen(
        [sys.executable, "-c", WAIT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def started(pid: int) -> float:
    (process,) = OwnerReader(is_host=True).describe([GpuProcess(gpu=0, pid=pid)])
    return process.started_s


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGUSR1])
def test_it_arrives(child, number):
    send_signal(child.pid, started(child.pid), number)
    assert child.wait() == -number


def test_one_that_was_started_at_another_time_gets_nothing(child):
    with pytest.raises(NotFineError, match="another one by now"):
        send_signal(child.pid, started(child.pid) - 60, signal.SIGKILL)
    assert child.poll() is None


def test_one_that_is_gone(child):
    began = started(child.pid)
    child.kill()
    child.wait()
    with pytest.raises(NotFineError, match="has ended"):
        send_signal(child.pid, began, signal.SIGTERM)


def test_one_that_waits_for_its_parent(child):
    began = started(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(NotFineError, match="has ended"):
        send_signal(child.pid, began, signal.SIGTERM)


@pytest.mark.parametrize("pid", [0, -1, 2**22 + 1])
def test_numbers_that_are_no_process(pid):
    with pytest.raises(NotFineError, match="has ended"):
        send_signal(pid, 0.0, signal.SIGTERM)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may start a process of others")
def test_one_of_somebody_else_even_when_root_asks(child):
    theirs = subprocess.Popen(["sleep", "60"], user=65534, group=65534, extra_groups=[])
    try:
        with pytest.raises(PreventedError, match="belongs to nobody"):
            send_signal(theirs.pid, started(theirs.pid), signal.SIGKILL)
        assert theirs.poll() is None
    finally:
        theirs.kill()
        theirs.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may act as others")
def test_another_user_cannot_signal_ours(child):
    began = started(child.pid)
    asking = os.fork()
    if asking == 0:
        with suppress(BaseException):
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            try:
                send_signal(child.pid, began, signal.SIGKILL)
            except PreventedError as fault:
                os._exit(7 if "belongs to root" in fault.what else 1)
        os._exit(1)
    _, status = os.waitpid(asking, 0)
    assert os.waitstatus_to_exitcode(status) == 7
    assert child.poll() is None
