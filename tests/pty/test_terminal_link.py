"""The byte budget on real pseudo-terminals: idle, fast, slow, very slow, far, silent."""

import re
import statistics
import sys
import time
from pathlib import Path

import pytest

from tests.pty.terminal import Terminal

pytestmark = pytest.mark.pty

PROGRAM = Path(__file__).parent / "programs" / "pouring_app.py"


def open_app(tmp_path, *words, **options):
    return Terminal([sys.executable, PROGRAM, *words], home=tmp_path, **options)


def keys_shown(terminal):
    match = re.search(r"keys \d+", terminal.screen_text())
    return match and match[0]


def measure_keys(terminal, count=7):
    latencies = []
    for n in range(count):
        latencies.append(terminal.latency("x", keys_shown))
        # Not in step with anything that the program does at intervals.
        time.sleep(0.2 + 0.37 * n % 0.5)
    return latencies


def test_an_idle_screen_sends_nothing(tmp_path):
    with open_app(tmp_path, "governed", "idle") as terminal:
        terminal.wait_text("link .* fast")
        terminal.wait_quiet(1.0)
        assert terminal.count_bytes(1.5) == 0
        asked = terminal.questions
        terminal.press("x")
        terminal.wait_text("keys 1")
        terminal.wait_quiet(0.5)
        assert asked < terminal.questions <= asked + 4
        assert terminal.count_bytes(1.0) == 0


@pytest.mark.slow
def test_on_a_fast_link_a_pouring_log_keeps_to_its_budget(tmp_path):
    with open_app(tmp_path, "governed", "lines=5000") as terminal:
        terminal.wait_text("link .* fast")
        time.sleep(2)
        assert terminal.count_bytes(3.0) / 3 < 30_000
        assert statistics.median(measure_keys(terminal, 5)) < 0.15


@pytest.mark.parametrize("buffer_bytes", [pytest.param(0, marks=pytest.mark.slow), 60_000])
def test_on_a_slow_link_keys_are_answered_in_time(tmp_path, buffer_bytes):
    with open_app(tmp_path, "governed", bytes_per_s=20_000, buffer_bytes=buffer_bytes) as terminal:
        terminal.wait_text("slow .*kB/s")
        assert statistics.median(measure_keys(terminal)) <= 0.5


@pytest.mark.slow
def test_on_a_very_slow_link_the_log_is_one_line(tmp_path):
    with open_app(tmp_path, "governed", bytes_per_s=5_000) as terminal:
        terminal.wait_text("strip .*kB/s", timeout_s=40)
        terminal.wait_for(lambda: keys_shown(terminal))
        time.sleep(4)
        assert statistics.median(measure_keys(terminal, 5)) <= 0.5


def test_a_link_that_gets_better_is_used_again(tmp_path):
    with open_app(tmp_path, "governed", bytes_per_s=20_000) as terminal:
        terminal.wait_text("slow .*kB/s")
        terminal.speed_up(2_000_000)
        terminal.wait_text("link .* fast", timeout_s=60)


@pytest.mark.slow
def test_a_far_link_is_fast_all_the_same(tmp_path):
    with open_app(tmp_path, "governed", round_trip_s=0.4) as terminal:
        terminal.wait_text("link [34]00.0 ms fast")
        time.sleep(3)
        terminal.wait_text("link [34]00.0 ms fast")
        assert statistics.median(measure_keys(terminal, 5)) < 0.2


@pytest.mark.slow
def test_a_terminal_that_answers_nothing_is_noticed(tmp_path):
    with open_app(tmp_path, "governed", answers=False) as terminal:
        terminal.wait_text("does not answer")
        assert terminal.raw.count(b"\x1b[6n") == 1
        terminal.wait_for(lambda: keys_shown(terminal))
        assert statistics.median(measure_keys(terminal, 5)) < 0.2
        assert terminal.raw.count(b"\x1b[6n") == 1


def test_in_tmux_nothing_is_asked(tmp_path):
    environ = {"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "tmux-256color"}
    with open_app(tmp_path, "governed", environ=environ) as terminal:
        terminal.wait_text("inside tmux")
        time.sleep(1)
        assert terminal.raw.count(b"\x1b[6n") == 0
        assert terminal.raw.count(b"\x1b[?2026$p") == 1


def test_after_a_suspension_paints_and_measures_go_on(tmp_path):
    with open_app(tmp_path, "governed", "idle") as terminal:
        terminal.wait_text("keys 0")
        terminal.signal(19)
        terminal.wait_stopped()
        terminal.signal(18)
        terminal.press("x")
        terminal.wait_text("keys 1")
        terminal.wait_quiet(0.5)
        asked = terminal.questions
        terminal.press("x")
        terminal.wait_text("keys 2")
        terminal.wait_for(lambda: terminal.questions > asked)


def grow(tmp_path, *words, **options):
    program = PROGRAM.with_name("growing_app.py")
    with Terminal([sys.executable, program, *words], home=tmp_path, **options) as terminal:
        terminal.wait_text("all done", timeout_s=40)
        terminal.wait_quiet(1.0)
        return terminal.screen_text(), len(terminal.raw)


def test_what_gathered_while_paints_were_held_is_all_there_in_the_end(tmp_path):
    expected, _ = grow(tmp_path)
    shown, _ = grow(tmp_path, "governed", bytes_per_s=15_000)
    assert shown == expected
