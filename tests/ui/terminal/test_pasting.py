"""Pasted text: whole however it is read, and never a key."""

from hypothesis import given
from hypothesis import strategies as st

from envbench.ui.terminal.pasting import Pasted, PasteSieve

BEGIN, END = "\x1b[200~", "\x1b[201~"
PIECES = st.sampled_from(["a", "\x1b[A", "é", "\x1b", "[2", "00~", "\x07", "\n", "\t", "01~"])


def read(*chunks):
    sieve = PasteSieve()
    parts = [part for chunk in chunks for part in sieve.feed(chunk)]
    return parts + [held for held in (sieve.release(),) if held]


def test_typed_and_pasted_are_told_apart():
    assert read(f"ab{BEGIN}x\ny{END}\x1b[A") == ["ab", Pasted("x\ny"), "\x1b[A"]


def test_no_key_is_left_in_a_paste():
    evil = "q\x1bD\x1b[21~\x1b]52;c;QQ==\x07\x9b2J\x03\r\n\tz"
    assert read(BEGIN + evil + END) == [Pasted("qD[21~]52;c;QQ==2J\r\n\tz")]


def test_a_lone_escape_is_not_held_back():
    assert PasteSieve().feed("\x1b") == ["\x1b"]
    assert PasteSieve().feed("\x1b[") == ["\x1b["]
    sieve = PasteSieve()
    assert sieve.feed("a\x1b[2") == ["a"]
    assert sieve.feed("1~") == ["\x1b[21~"]


@given(st.lists(PIECES, max_size=12), st.lists(PIECES, max_size=12), st.data())
def test_where_reads_end_makes_no_difference(typed, pasted, data):
    typed_text, pasted_text = "".join(typed), "".join(pasted).replace(END, "")
    if BEGIN in typed_text + BEGIN[:-1]:
        return
    stream = f"{BEGIN}{pasted_text}{END}{typed_text}"
    cuts = sorted(data.draw(st.lists(st.integers(3, len(stream)), max_size=4)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    parts = read(*chunks)
    pastes = [part for part in parts if isinstance(part, Pasted)]
    assert len(pastes) == 1
    assert not any(c in pastes[0].text for c in "\x1b\x07")
    assert "".join(part for part in parts if not isinstance(part, Pasted)) == typed_text
