"""Lines out of raw bytes, by example and in any portions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.jobs.log_lines import LineSplitter, LogLine, say_hole
from envbench.jobs.log_show import show_line


def split(*portions: bytes, limit: int = 100) -> list[LogLine]:
    splitter = LineSplitter(limit_bytes=limit)
    lines = [line for portion in portions for line in splitter.feed(portion)]
    return lines + splitter.finish()


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b"", []),
        (b"a\n", ["a"]),
        (b"a", ["a"]),
        (b"\n\n", ["", ""]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"10%\r50%\r100%\n", ["100%"]),
        (b"10%\r50%\r", ["50%"]),
        (b"\rbar\r\r\r\n", ["bar"]),
        ("é…\n".encode(), ["é…"]),
        (b"\xff\xfe\n", ["\ufffd\ufffd"]),
        (b"a\0b\n", ["a\0b"]),
    ],
)
def test_lines(data: bytes, texts: list[str]) -> None:
    assert [line.text for line in split(data)] == texts


def test_a_long_line_is_cut_with_a_count() -> None:
    (line,) = split(b"x" * 1_000_000, limit=100)
    assert (line.text, line.cut_bytes) == ("x" * 100, 999_900)
    assert show_line(line).endswith("x ... (+999900 bytes)")


def test_a_megabyte_of_progress_holds_no_memory() -> None:
    splitter = LineSplitter(limit_bytes=100)
    for number in range(10_000):
        assert splitter.feed(b"\r%d of 10000 %s" % (number, b"#" * 90)) == []
    assert splitter.pending.text.startswith("9999 of 10000 ")
    assert len(splitter._segment) <= 100


def test_holes_are_lines_of_their_own() -> None:
    splitter = LineSplitter()
    lines = splitter.feed(b"head\nhalf") + splitter.skip(2_000_000) + splitter.skip(1_000_000)
    lines += splitter.feed(b"\0" * 1000 + b"rest\n")
    assert [line.text for line in lines] == ["head", "half", "", "rest"]
    assert lines[2].hole_bytes == 3_001_000
    assert show_line(lines[2]) == "[3.0 MB cut]"
    assert say_hole(700) == "[700 bytes cut]"


def test_shown_lines_are_clean_and_without_secrets() -> None:
    raw = LogLine(text="\x1b]52;c;AAAA\x07get https://user:s3cret@host/x \x1b[31mred\x9b\x00")
    shown = show_line(raw)
    assert "s3cret" not in shown
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)
    assert "red" in shown


PIECES = st.lists(
    st.sampled_from([b"a", b"bc", b"\r", b"\n", b"\r\n", b"\0", "é".encode(), b"\xff", b"x" * 30])
)


@given(pieces=PIECES, limit=st.integers(1, 60))
def test_portions_do_not_matter(pieces: list[bytes], limit: int) -> None:
    assert split(*pieces, limit=limit) == split(b"".join(pieces), limit=limit)


@given(data=st.binary(max_size=300))
def test_lines_are_counted_by_their_ends(data: bytes) -> None:
    lines = split(data)
    ends = data.count(b"\n")
    assert ends <= len(lines) <= ends + 1


@given(data=st.binary(max_size=300), limit=st.integers(1, 40))
def test_nothing_is_longer_than_the_limit(data: bytes, limit: int) -> None:
    for line in split(data, limit=limit):
        assert len(line.text) <= limit
        assert line.cut_bytes == 0 or len(line.text.encode("utf-8", "replace")) >= 1
