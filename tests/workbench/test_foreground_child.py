"""A command one level below this process behaves as if it had taken its place."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pty.terminal import Terminal

PROGRAM = [sys.executable, str(Path(__file__).with_name("foreground_program.py"))]
SHOWING = """
import signal, sys
names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGQUIT")
def show(number, frame):
    print(signal.Signals(number).name, flush=True)
for name in names:
    signal.signal(getattr(signal, name), show)
print("ready", flush=True)
for line in sys.stdin:
    print("line", line.strip(), flush=True)
    if line.strip() == "end":
        sys.exit(7)
"""
SHOW = [sys.executable, "-c", SHOWING]


def start(*command: str, **options: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*PROGRAM, *command],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def wait_for(is_so: Callable[[], object], limit_s: float = 20.0) -> None:
    deadline = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to be so"
        time.sleep(0.01)


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "gone"


@pytest.mark.parametrize("code", [0, 1, 77, 255])
def test_the_exit_code_is_that_of_the_command(code: int):
    done = start("/bin/sh", "-c", f"exit {code}")
    assert done.communicate(timeout=20)[1].endswith(f"ended {code}\n")
    assert done.returncode == code


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"])
def test_its_death_is_died_as_well(name: str):
    number = getattr(signal, name)
    done = start("/bin/sh", "-c", f"kill -{int(number)} $$")
    done.communicate(timeout=20)
    assert done.returncode == -number


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGINT", "SIGQUIT"])
def test_a_signal_to_this_process_reaches_the_command_once(name: str):
    child = start(*SHOW)
    assert child.stdout.readline() == "ready\n"
    child.send_signal(getattr(signal, name))
    assert child.stdout.readline() == f"{name}\n"
    out, _ = child.communicate("end\n", timeout=20)
    assert out == "line end\n"
    assert child.returncode == 7


def test_a_command_that_takes_no_care_of_a_signal_dies_of_it_and_so_does_this():
    child = start("/bin/sleep", "60")
    assert child.stderr.readline().startswith("pid ")
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=20)
    assert child.returncode == -signal.SIGTERM


def test_what_is_ignored_stays_ignored_as_under_nohup():
    command = [*PROGRAM, sys.executable, "-c",
               "import signal; print(signal.getsignal(signal.SIGHUP).name,"
               " signal.getsignal(signal.SIGPIPE).name, signal.pthread_sigmask(0, []))"]  # fmt: skip
    done = subprocess.run(
        ["nohup", *command], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True
    )
    # Python ignores SIGPIPE by itself.
    assert done.stdout == "SIG_IGN SIG_IGN set()\n"


def test_the_command_inherits_the_default_for_a_broken_pipe():
    script = f"{' '.join(PROGRAM)} /bin/cat /proc/self/status"
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    words = dict(line.split(":\t") for line in done.stdout.splitlines() if line.startswith("Sig"))
    assert int(words["SigIgn"], 16) & 1 << signal.SIGPIPE - 1 == 0
    assert int(words["SigBlk"], 16) == 0


def test_descriptors_that_were_opened_for_it_reach_the_command(tmp_path: Path):
    (tmp_path / "words").write_text("hello\n")
    with (tmp_path / "words").open() as stream:
        child = start("/bin/bash", "-c", f"cat <&{stream.fileno()}", pass_fds=(stream.fileno(),))
        assert child.communicate(timeout=20)[0] == "hello\n"


def test_a_program_that_is_not_there_is_an_error_of_this_process():
    done = start("/no/such/program")
    assert "FileNotFoundError" in done.communicate(timeout=20)[1]
    assert done.returncode == 1


def test_the_command_dies_with_this_process_when_that_is_killed():
    child = start("/bin/sleep", "60")
    pid = int(child.stderr.readline().split()[1])
    child.kill()
    child.communicate(timeout=20)
    wait_for(lambda: state_of(pid) in {"gone", "Z"})


def test_a_stopped_process_goes_on_with_its_command():
    child = start(*SHOW)
    pid = int(child.stderr.readline().split()[1])
    assert child.stdout.readline() == "ready\n"
    os.kill(pid, signal.SIGTSTP)
    wait_for(lambda: state_of(child.pid) == "T")
    assert state_of(pid) == "T"
    child.send_signal(signal.SIGCONT)
    out, _ = child.communicate("end\n", timeout=20)
    assert (out, child.returncode) == ("line end\n", 7)


@pytest.fixture
def shell(tmp_path: Path):
    (tmp_path / "show.py").write_text(SHOWING)
    environ = {"PS1": "$ ", "RUN": " ".join(PROGRAM), "SHOW": f"{sys.executable} show.py"}
    with Terminal(
        ["/bin/bash", "--norc", "-i"], home=tmp_path, environ=environ, columns=80, rows=24
    ) as terminal:
        terminal.wait_text(r"(?m)^\$")
        yield terminal
        # An interactive shell takes no notice of SIGTERM.
        terminal.type("exit 0\r")
        assert terminal.wait_exit() == 0


@pytest.mark.pty
def test_keys_of_the_terminal_reach_the_command_once(shell: Terminal):
    shell.type("$RUN $SHOW; echo code $?\r")
    shell.wait_text("ready")
    shell.type("one\r")
    shell.wait_text("line one")
    shell.type("\x03")
    shell.wait_text("SIGINT")
    shell.type("two\r")
    shell.wait_text("line two")
    shell.type("end\r")
    shell.wait_text("code 7")
    assert bytes(shell.raw).count(b"SIGINT") == 1


@pytest.mark.pty
def test_ctrl_c_ends_both_and_the_shell_sees_the_signal(shell: Terminal):
    shell.type("$RUN sleep 60; echo code $?\r")
    shell.wait_text("pid ")
    shell.type("\x03")
    shell.wait_text(r"ended -2")
    # Bash gives up the whole line when its command died of an interrupt.
    shell.type("echo after $?\r")
    shell.wait_text("after 130")
    assert b"code" not in bytes(shell.raw).replace(b"echo code", b"")


@pytest.mark.pty
def test_ctrl_z_stops_both_and_the_shell_brings_them_back(shell: Terminal):
    shell.type("$RUN $SHOW; echo code $?\r")
    shell.wait_text("ready")
    shell.type("\x1a")
    shell.wait_text("Stopped")
    shell.type("echo mine\r")
    shell.wait_text("(?m)^mine")
    shell.type("fg\r")
    # What is typed before the shell has handed the terminal over is read in the shell's own mode.
    shell.wait_for(lambda: shell.screen_text().count("$RUN $SHOW") == 3)
    shell.type("three\r")
    shell.wait_text("line three")
    shell.type("end\r")
    shell.wait_text("ended 7")
