"""Whatever ends the screen, the terminal is as it was, and the exit code tells what happened."""

import signal
import sys
import time
from pathlib import Path

import pytest

from tests.pty.terminal import Terminal

pytestmark = pytest.mark.pty

APP = [sys.executable, Path(__file__).parent / "programs" / "manners_app.py"]


def open_app(tmp_path, *words, **options):
    terminal = Terminal([*APP, *words], home=tmp_path, columns=80, rows=24, **options)
    try:
        terminal.wait_text("keys 0")
        terminal.press("x")
        terminal.wait_text("keys 1")
    except BaseException:
        terminal.close()
        raise
    return terminal


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"])
def test_signals_restore_the_terminal_and_tell_which_it_was(tmp_path, name):
    number = getattr(signal, name)
    with open_app(tmp_path) as terminal:
        start = time.monotonic()
        terminal.signal(number)
        assert terminal.wait_exit() == 128 + number
        assert time.monotonic() - start < 3
        assert terminal.is_restored
        assert b"\x1b[?1049l" in terminal.raw
        assert b"\x1b[?25h" in terminal.raw


def test_quitting_restores_the_terminal(tmp_path):
    with open_app(tmp_path) as terminal:
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert terminal.is_restored


def test_a_blocked_loop_is_left_all_the_same(tmp_path):
    with open_app(tmp_path) as terminal:
        terminal.press("b")
        while not (tmp_path / "blocked").exists():
            terminal.wait_text("blocking")
            time.sleep(0.02)
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_exit(10) == 128 + signal.SIGTERM
        assert terminal.is_restored


def test_a_thread_that_never_ends_does_not_keep_the_process(tmp_path):
    with open_app(tmp_path) as terminal:
        terminal.press("t")
        terminal.wait_text("thread held")
        terminal.press("q")
        assert terminal.wait_exit(10) == 0
        assert terminal.is_restored


def test_a_terminal_that_takes_nothing_does_not_keep_the_process(tmp_path):
    # At one byte a second the pseudo-terminal is full: every write of the program blocks.
    with Terminal([*APP], home=tmp_path, bytes_per_s=1.0) as terminal:
        terminal.wait_for(lambda: len(terminal.raw) > 2)
        terminal.signal(signal.SIGTERM)
        assert terminal._reap(10) == 128 + signal.SIGTERM


def test_closing_the_pty_ends_the_process_quickly(tmp_path):
    with open_app(tmp_path) as terminal:
        start = time.monotonic()
        terminal.close_pty()
        assert terminal.wait_exit(10) == 128 + signal.SIGHUP
        assert time.monotonic() - start < 3


def test_closing_the_pty_ends_the_process_under_nohup_too(tmp_path):
    argv = ["/bin/sh", "-c", 'trap "" HUP; exec "$0" "$1"', *APP]
    with Terminal(argv, home=tmp_path) as terminal:
        terminal.wait_text("keys 0")
        start = time.monotonic()
        terminal.close_pty()
        assert terminal.wait_exit(10) == 128 + signal.SIGHUP
        assert time.monotonic() - start < 3


def test_ctrl_z_suspends_and_sigcont_resumes(tmp_path):
    with open_app(tmp_path) as terminal:
        terminal.press("ctrl+z")
        terminal.wait_stopped()
        terminal.wait_for(lambda: 1049 not in terminal.modes)
        assert terminal.is_restored
        terminal.signal(signal.SIGCONT)
        terminal.wait_for(lambda: 1049 in terminal.modes)
        terminal.wait_text("keys 1")
        terminal.press("x")
        terminal.wait_text("keys 2")
        assert not terminal.echoes
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_exit() == 128 + signal.SIGTERM
        assert terminal.is_restored


def test_a_stop_that_nobody_announced_is_survived(tmp_path):
    with open_app(tmp_path) as terminal:
        terminal.signal(signal.SIGSTOP)
        terminal.wait_stopped()
        terminal.signal(signal.SIGCONT)
        terminal.wait_raw(b"\x1b[?1049l\x1b[?25h")
        terminal.wait_text("keys 1")
        for count in (2, 3, 4):
            terminal.press("x")
            terminal.wait_text(f"keys {count}")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert terminal.is_restored


def test_another_program_gets_the_terminal_and_gives_it_back(tmp_path):
    with open_app(tmp_path) as terminal:
        terminal.press("v")
        terminal.wait_text("in child 1")
        assert terminal.echoes
        terminal.press("enter")
        terminal.wait_text("child 1 ended 3")
        terminal.press("x")
        terminal.wait_text("keys 2")
        terminal.press("q")
        assert terminal.wait_exit() == 0


def test_ctrl_c_in_another_program_is_for_that_program(tmp_path):
    with open_app(tmp_path) as terminal:
        for n in range(1, 7):
            terminal.press("v")
            terminal.wait_text(f"in child {n}")
            terminal.press("ctrl+c")
            terminal.wait_text(f"child {n} ended 130")
        terminal.signal(signal.SIGINT)
        assert terminal.wait_exit() == 128 + signal.SIGINT


def test_ctrl_c_before_another_program_runs_ends_nothing_of_ours(tmp_path):
    with open_app(tmp_path) as terminal:
        for n in range(1, 7):
            terminal.press("v")
            # The terminal is given away, the program is not there yet, or just now.
            terminal.wait_for(lambda: 1049 not in terminal.modes)
            terminal.press("ctrl+c")
            terminal.wait_for(
                lambda n=n: f"in child {n}" in terminal.screen_text() or 1049 in terminal.modes
            )
            terminal.press("enter")
            terminal.wait_text(f"child {n} ended (3|130)")
        terminal.press("q")
        assert terminal.wait_exit() == 0


def test_a_failure_is_told_shortly_with_a_nonzero_code_and_a_private_report(tmp_path):
    with open_app(tmp_path) as terminal:
        terminal.press("e")
        assert terminal.wait_exit() == 1
        assert terminal.is_restored
        text = terminal.screen_text()
        assert "RuntimeError: a failure of the app" in text
        assert b"hunter2" not in terminal.raw
        assert b"\x1b]52" not in terminal.raw
    (report,) = (tmp_path / "state").glob("failure-*.txt")
    assert report.stat().st_mode & 0o777 == 0o600
    assert "action_fail" in report.read_text()
    assert "hunter2" not in report.read_text()


def test_bytes_that_are_no_text_do_not_end_it(tmp_path):
    with open_app(tmp_path) as terminal:
        terminal.write(b"\xff\xfe\x80\xc3(")
        terminal.press("x")
        terminal.wait_text("keys 2")
