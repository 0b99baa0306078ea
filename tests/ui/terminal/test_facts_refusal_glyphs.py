"""What is decided before the first byte: facts, refusal, glyphs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from envbench.ui.terminal.facts import describe_terminal
from envbench.ui.terminal.glyphs import choose_glyphs, to_ascii
from envbench.ui.terminal.refusal import explain_refusal


@pytest.mark.parametrize(
    ("environ", "colours"),
    [
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "linux"}, "16"),
        ({"TERM": "vt100"}, "16"),
        ({"TERM": "screen"}, "16"),
        ({"TERM": "tmux-256color"}, "256"),
        ({"TERM": "xterm-direct"}, "true"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "true"),
        ({"TERM": "xterm", "COLORTERM": "24BIT"}, "true"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "none"),
        ({"TERM": "dumb"}, "none"),
        ({}, "none"),
    ],
)
def test_colours(environ, colours):
    assert describe_terminal(environ).colours == colours


@pytest.mark.parametrize(
    ("environ", "multiplexer"),
    [
        ({"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "xterm"}, "tmux"),
        ({"STY": "12.pts-0.box", "TERM": "xterm"}, "screen"),
        ({"TERM": "tmux-256color"}, "tmux"),
        ({"TERM": "screen.xterm-256color"}, "screen"),
        ({"TERM": "xterm-kitty"}, None),
    ],
)
def test_multiplexer(environ, multiplexer):
    assert describe_terminal(environ).multiplexer == multiplexer


@pytest.mark.parametrize(
    ("environ", "utf8"),
    [
        ({"LANG": "en_GB.UTF-8"}, True),
        ({"LANG": "de_DE.utf8@euro"}, True),
        ({"LANG": "de_DE"}, False),
        ({"LANG": "C"}, False),
        ({"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, True),
        ({"LANG": "x.nonsense"}, False),
        ({}, False),
    ],
)
def test_locale(environ, utf8):
    assert describe_terminal(environ).is_utf8 is utf8


def test_an_encoding_that_python_chose_counts_more_than_the_locale():
    assert describe_terminal({"LANG": "C"}, encoding="utf-8").is_utf8
    assert not describe_terminal({"LANG": "C.UTF-8"}, encoding="ISO-8859-1").is_utf8


def test_ssh():
    assert describe_terminal({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}).is_remote
    assert not describe_terminal({"SSH_TTY": ""}).is_remote


@pytest.mark.parametrize("term", ["xterm", "screen", "tmux-256color", "linux", "vt100", "foot"])
def test_terminals_are_not_refused(term):
    assert explain_refusal({"TERM": term}, stdin_isatty=True, stdout_isatty=True) is None


@pytest.mark.parametrize(
    ("environ", "stdin", "stdout", "says"),
    [
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, True, True, "TERM is dumb"),
        ({}, True, True, "TERM is not set"),
        ({"TERM": "xterm"}, False, True, "standard input is not a terminal"),
        ({"TERM": "xterm"}, True, False, "standard output is not a terminal"),
    ],
)
def test_a_refusal_says_why_and_what_works_instead(environ, stdin, stdout, says):
    text = explain_refusal(environ, stdin_isatty=stdin, stdout_isatty=stdout)
    assert says in text
    assert "envbench check SPEC" in text
    assert "envbench jobs" in text


@pytest.mark.parametrize(
    ("setting", "encoding", "glyphs"),
    [
        ("auto", "utf-8", "unicode"),
        ("auto", "UTF8", "unicode"),
        ("auto", "ascii", "ascii"),
        ("auto", "iso8859-1", "ascii"),
        ("auto", None, "ascii"),
        ("ascii", "utf-8", "ascii"),
        ("unicode", "ascii", "unicode"),
    ],
)
def test_choice_of_glyphs(setting, encoding, glyphs):
    assert choose_glyphs(setting, encoding) == glyphs


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("► ● ○ ▲ ▼ \xd7 ◄ … ─ │ █", "> * o ! v x < ~ - | #"),
        ("╭─┬╮ ╔═╗ ┏━┓", "+-++ +=+ +-+".replace("=", "-")),
        ("[██▊  ]", "[##|  ]"),
        ("├── └── ▶", "+-- +-- >"),
        ("Müller, naïve", "Muller, naive"),
        ("漢", "??"),
        ("🔎 go", "?? go"),
    ],
)
def test_ascii_glyphs(text, shown):
    assert to_ascii(text) == shown


@given(st.text(st.characters(blacklist_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Mn", "Me"))))
def test_ascii_is_ascii_and_as_wide(text):
    assert to_ascii(text).isascii()
    assert sum(map(cell_len, text)) == cell_len(to_ascii(text))


def test_a_change_of_versions_is_not_taken_for_a_comparison():
    assert to_ascii("numba=0.60 \N{RIGHTWARDS ARROW} =0.61") == "numba=0.60-> =0.61"
    assert to_ascii("\N{RIGHTWARDS ARROW} next") == "> next"
