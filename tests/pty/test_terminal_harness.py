"""The terminal of the tests itself: it must see, press, time and reap truthfully."""

import signal
import sys
import time
from pathlib import Path

import pytest

from tests.pty.escapes import EscapeSieve, Mode, Question
from tests.pty.keys import key_bytes
from tests.pty.terminal import Terminal

pytestmark = pytest.mark.pty

PROGRAMS = Path(__file__).parent / "programs"
CURSES = [sys.executable, PROGRAMS / "counting_curses.py"]
EMPTY = [sys.executable, PROGRAMS / "empty_textual.py"]


def shell(text: str) -> list[str]:
    return ["/bin/sh", "-c", text]


def test_sees_presses_resizes_and_learns_the_exit_code(tmp_path):
    with Terminal(CURSES, home=tmp_path, columns=60, rows=12) as terminal:
        terminal.wait_text(r"keys 0$")
        terminal.press("x", "x")
        terminal.wait_text(r"keys 2$")
        terminal.wait_gone(r"keys 0$")
        assert terminal.latency("y", Terminal.screen_text) < 5
        terminal.resize(70, 20)
        terminal.wait_text(r"size 70x20")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert terminal.is_restored


def test_an_empty_textual_app_comes_and_leaves_the_terminal_as_it_was(tmp_path):
    with Terminal(EMPTY, home=tmp_path) as terminal:
        terminal.wait_for(lambda: 1049 in terminal.modes)
        terminal.wait_quiet()
        assert terminal.questions >= 1
        assert not terminal.echoes
        assert not terminal.is_restored
        assert terminal.count_bytes(0.3) == 0
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert terminal.is_restored


def test_last_words_of_a_program_that_ends_at_once_are_seen(tmp_path):
    with Terminal(shell("printf 'first\\nlast words'; exit 7"), home=tmp_path) as terminal:
        assert terminal.wait_exit() == 7
        assert terminal.screen_text().startswith("first\nlast words")


def test_a_deadly_signal_is_a_negative_exit_code(tmp_path):
    with Terminal(shell("echo ready; exec sleep 60"), home=tmp_path) as terminal:
        terminal.wait_text("ready")
        terminal.signal(signal.SIGKILL)
        assert terminal.wait_exit() == -signal.SIGKILL


def test_closing_the_pty_hangs_up(tmp_path):
    with Terminal(shell("echo ready; exec sleep 60"), home=tmp_path) as terminal:
        terminal.wait_text("ready")
        terminal.close_pty()
        assert terminal.wait_exit() == -signal.SIGHUP


@pytest.mark.slow
def test_a_program_that_ignores_term_is_reaped_all_the_same(tmp_path):
    with Terminal(
        shell("trap '' TERM HUP; echo ready; while :; do sleep 1; done"), home=tmp_path
    ) as t:
        t.wait_text("ready")
    assert t.exit_code == -signal.SIGKILL


def test_a_vain_wait_shows_the_screen(tmp_path):
    with Terminal(shell("echo here I am; exec sleep 60"), home=tmp_path) as terminal:
        terminal.wait_text("here")
        with pytest.raises(AssertionError, match=r"(?s)in vain for /absent/.*here I am"):
            terminal.wait_text("absent", timeout_s=0.2)


@pytest.mark.parametrize("buffer_bytes", [0, 30_000])
def test_a_slow_link_lets_so_many_bytes_through(tmp_path, buffer_bytes):
    command = shell("head -c 20000 /dev/zero | tr '\\0' x; echo; echo end; sleep 60")
    start = time.monotonic()
    with Terminal(
        command, home=tmp_path, bytes_per_s=20_000, buffer_bytes=buffer_bytes, columns=200, rows=200
    ) as t:
        t.wait_text("^end$")
        assert 0.8 < time.monotonic() - start < 5


def test_a_stopped_program_is_seen(tmp_path):
    with Terminal(
        shell("echo ready; kill -STOP $$; echo back; sleep 60"), home=tmp_path
    ) as terminal:
        terminal.wait_stopped()
        terminal.signal(signal.SIGCONT)
        terminal.wait_text("back")


def test_the_environment_is_private_and_whole(tmp_path):
    with Terminal(
        shell("env"), home=tmp_path, environ={"NO_COLOR": "1", "LANG": None}, rows=30
    ) as t:
        t.wait_exit()
        text = t.screen_text()
    assert f"HOME={tmp_path}" in text
    assert "NO_COLOR=1" in text
    assert "LANG=" not in text


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("enter", b"\r"),
        ("shift+tab", b"\x1b[Z"),
        ("ctrl+s", b"\x13"),
        ("ctrl+left", b"\x1b[1;5D"),
        ("alt+x", b"\x1bx"),
        ("f5", b"\x1b[15~"),
        ("f1", b"\x1bOP"),
        ("+", b"+"),
        ("a+b", b"a+b"),
        ("pörks", "pörks".encode()),
    ],
)
def test_keys_are_what_terminals_send(key, data):
    assert key_bytes(key) == data


def test_a_combination_that_no_terminal_sends_is_refused():
    with pytest.raises(ValueError, match="no terminal"):
        key_bytes("ctrl+enter")


def test_the_sieve_carries_half_sequences_over_reads():
    stream = "a\x1b[?1049hb\x1b]52;c;QQ==\x07c\x1b[38:5:1md\x1b[?2026$pe\x1b[>25uf\x1b[6n"
    whole = EscapeSieve().feed(stream)
    sieve = EscapeSieve()
    single = [token for character in stream for token in sieve.feed(character)]
    assert [t for t in single if not isinstance(t, str)] == [
        t for t in whole if not isinstance(t, str)
    ]
    text = "".join(t for t in whole if isinstance(t, str))
    assert text == "".join(t for t in single if isinstance(t, str)) == "abc\x1b[38;5;1mdef"
    assert whole[1] == Mode(1049, on=True)
    assert whole[-1] == Question("cursor")
