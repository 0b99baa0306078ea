"""Which bytes reach a terminal: of every kind, in every locale, whatever the texts hold."""

import re
import sys
from pathlib import Path

import pytest

from tests.pty.escapes import ControlString
from tests.pty.terminal import Terminal

pytestmark = pytest.mark.pty

APP = [sys.executable, Path(__file__).parent / "programs" / "manners_app.py"]
POSIX = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def open_app(tmp_path, *words, **options):
    return Terminal([*APP, *words], home=tmp_path, columns=80, rows=24, **options)


@pytest.mark.parametrize("term", ["xterm", "screen", "tmux-256color", "linux", "vt100"])
def test_it_opens_and_answers_in_every_terminal(tmp_path, term):
    with open_app(tmp_path, environ={"TERM": term, "COLORTERM": None}) as terminal:
        terminal.wait_text("keys 0")
        terminal.wait_text("► ● ○")
        terminal.press("x")
        terminal.wait_text("keys 1")
        true_colour = re.search(rb"\x1b\[[0-9;]*38;2;", terminal.raw)
        colours_256 = re.search(rb"\x1b\[[0-9;]*38;5;", terminal.raw)
        assert not true_colour
        assert bool(colours_256) == ("256" in term)
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert terminal.is_restored


def test_a_dumb_terminal_is_refused_with_what_works_instead(tmp_path):
    with open_app(tmp_path, environ={"TERM": "dumb"}) as terminal:
        assert terminal.wait_exit() == 2
        assert "envbench check SPEC" in terminal.screen_text()
        assert b"\x1b" not in terminal.raw


@pytest.mark.parametrize("encoding", ["C", "latin-1"])
def test_without_utf8_only_ascii_is_sent(tmp_path, encoding):
    environ = POSIX | ({"PYTHONIOENCODING": encoding} if encoding != "C" else {})
    with open_app(tmp_path, "hostile", environ=environ) as terminal:
        terminal.wait_text("keys 0")
        terminal.wait_text(re.escape("> * o ! v < ~ - | # e"))
        terminal.wait_text(r"^\+-{78}\+$")
        terminal.press("h")
        terminal.wait_text("hostile shown")
        terminal.press("x")
        terminal.wait_text("keys 1")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert terminal.raw.isascii()


def test_hostile_text_reaches_no_terminal(tmp_path):
    with open_app(tmp_path, "hostile") as terminal:
        terminal.wait_text("keys 0")
        terminal.press("h")
        terminal.wait_text("hostile shown")
        terminal.wait_quiet()
        text = terminal.raw.decode("utf-8")
        assert not [s for s in terminal.strings if s.text.startswith(("52", "0;", "2;"))]
        assert not re.search("[\x80-\x9f\u202a-\u202e\u2066-\u2069\u200b]", text)
        assert "\x07" not in text
        assert "\x1b[2J\x9b" not in text
        assert "evil" in terminal.screen_text()


def test_no_color_sends_no_colours(tmp_path):
    with open_app(tmp_path, environ={"NO_COLOR": "1"}) as terminal:
        terminal.wait_text("keys 0")
        terminal.wait_quiet()
        for colour in re.findall(rb"\x1b\[([0-9;]*)m", terminal.raw):
            for triple in re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", colour):
                assert len(set(triple)) == 1, colour


def test_copying_goes_to_the_terminal_and_to_a_private_file(tmp_path):
    with open_app(tmp_path) as terminal:
        terminal.wait_text("keys 0")
        terminal.press("c")
        terminal.wait_text("Copied the text")
        terminal.wait_for(lambda: ControlString("]", "52;c;Y29waWVkIHRleHQ=") in terminal.strings)
    copied = tmp_path / "state" / "clipboard.txt"
    assert copied.read_text() == "copied text"
    assert copied.stat().st_mode & 0o777 == 0o600


def test_notifications_are_one_clean_string_and_a_bell(tmp_path):
    with open_app(tmp_path) as terminal:
        terminal.wait_text("keys 0")
        terminal.press("n")
        terminal.wait_text("rang")
        (note,) = [s for s in terminal.strings if s.text.startswith("9;")]
        assert note.text.startswith("9;envbench: job evil")
        assert note.text.isprintable()
        assert b"\x07\x07" in terminal.raw
