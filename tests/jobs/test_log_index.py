"""Logs of any size by line number: the same lines as the plain reading, whatever becomes of the file."""

import os
import resource
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.jobs import layout
from envbench.jobs.log_cap import MIB, trim_log
from envbench.jobs.log_index import LogIndex
from envbench.jobs.log_index_file import CUT, GONE, REPLACED, TRUNCATED
from envbench.jobs.log_index_scan import LONG_BYTES, STRIDE_BYTES, LineScanner
from envbench.jobs.log_lines import HOLE_BYTES, LineSplitter
from envbench.jobs.log_show import show_line


def read_naively(data: bytes) -> list[str]:
    """Split and show all of it at once."""
    splitter = LineSplitter()
    return [show_line(line) for line in splitter.feed(data) + splitter.finish()]


def read_all(index: LogIndex) -> list[str]:
    return [line.text for line in index.read_lines(0, index.line_count)]


def same(one: list[str], other: list[str]) -> bool:
    """Compare without a report of megabytes."""
    return one == other


def drain(index: LogIndex) -> None:
    while index.advance():
        pass


class Log:
    """A log file in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        directory.chmod(0o700)
        self.directory = directory
        self.path = directory / layout.LOG

    def write(self, data: bytes) -> None:
        self.path.write_bytes(data)
        self.path.chmod(0o600)

    def append(self, data: bytes) -> None:
        with self.path.open("ab") as stream:
            stream.write(data)
        self.path.chmod(0o600)

    def index(self, **options: int) -> LogIndex:
        return LogIndex(str(self.directory), **options)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "job")


WORDS = {
    **{
        text: text.encode() for text in ("a", "word ", "\n", "\n\n", "\r", "\r\n", "\t", "\0", "é…")
    },
    "byte": b"\xff",
    "colour": b"\x1b[31m",
    "300 x": b"x" * 300,
    "300 NUL": b"\0" * 300,
    "hole": b"\0" * HOLE_BYTES,
    "hole 2000": b"\0" * 2000,
    "9000 y": b"y" * 9000,
    "stride": b"z" * (STRIDE_BYTES + 1),
    "feeds": b"\n" * 500,
    "lines": b"short\n" * 3000,
    "progress": b"10%\r50%\r",
    "returns": b"\r" * (STRIDE_BYTES + 7),
    "long": b"q" * (LONG_BYTES + 1),
    "just not long": b"Q" * LONG_BYTES,
    "long hole": b"\0" * (LONG_BYTES + 5),
    "large hole": b"\0" * 300_000,
    "secrets": b"password=hunter22\nhttps://u:secretpw@host/x\n",
}
words = st.sampled_from(sorted(WORDS))


@settings(max_examples=70, deadline=None)
@given(st.lists(st.tuples(words, st.booleans()), max_size=30))
def test_any_log_in_any_portions_reads_as_the_plain_way_does(
    tmp_path_factory: pytest.TempPathFactory, portions: list[tuple[str, bool]]
) -> None:
    log = Log(tmp_path_factory.mktemp("log") / "job")
    data = b""
    with log.index() as index:
        for word, looks in portions:
            data += WORDS[word]
            log.append(WORDS[word])
            if looks:
                drain(index)
                assert same(read_all(index), read_naively(data))
        drain(index)
        assert index.note == ""
        lines = index.read_lines(0, index.line_count + 5)
        assert same([line.text for line in lines], read_naively(data))
        assert [line.number for line in lines] == list(range(index.line_count))
        for number in range(0, index.line_count, max(1, index.line_count // 7)):
            assert index.read_lines(number, 1) == [lines[number]]
            if number < index.ended_count:
                assert index.line_at(index.offset_of(number)) == number


@settings(max_examples=100, deadline=None)
@given(st.lists(words, max_size=20), st.lists(st.integers(1, 40_000), min_size=1, max_size=10))
def test_the_scanner_does_not_care_about_portions(pieces: list[str], sizes: list[int]) -> None:
    data = b"".join(WORDS[piece] for piece in pieces)
    whole, parts = LineScanner(), LineScanner()
    whole.feed(data)
    place = turn = 0
    while place < len(data):
        size = sizes[turn % len(sizes)]
        parts.feed(data[place : place + size])
        place, turn = place + size, turn + 1
    for name in ("position", "count", "line_start", "long", "open_part", "text_end"):
        assert getattr(whole, name) == getattr(parts, name), name


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(
            words,
            st.tuples(st.just("cut"), st.integers(0, 100_000)),
            st.sampled_from(["replace", "remove", "sparse", "garble"]),
        ),
        max_size=25,
    )
)
def test_nothing_that_happens_to_the_file_raises(
    tmp_path_factory: pytest.TempPathFactory, steps: list[object]
) -> None:
    log = Log(tmp_path_factory.mktemp("log") / "job")
    log.write(b"")
    with log.index() as index:
        for step in steps:
            match step:
                case str() if step in WORDS:
                    log.append(WORDS[step])
                case ("cut", int() as size):
                    os.truncate(log.path, size)
                case "replace":
                    log.path.unlink(missing_ok=True)
                    log.write(b"new\n" * 5000)
                case "remove":
                    log.path.unlink(missing_ok=True)
                    log.append(b"")
                case "sparse":
                    os.truncate(log.path, log.path.stat().st_size + 200_000)
                case _:
                    log.write(os.urandom(50_000))
            index.advance(0.001)
            read_all(index)
            index.read_lines(index.line_count // 2, 5)
            index.line_at(12_345)
        drain(index)
        assert len(read_all(index)) == index.line_count


def test_no_log_yet_is_empty_and_one_that_comes_is_seen(log: Log) -> None:
    index = log.index()
    assert not index.advance()
    assert (index.line_count, index.read_lines(0, 10), index.fault) == (0, [], "")
    log.write(b"one\ntwo")
    assert not index.advance()
    assert read_all(index) == ["one", "two"]
    assert [line.has_ended for line in index.read_lines(0, 9)] == [True, False]
    index.close()


def test_progress_is_live_and_never_stored(log: Log) -> None:
    log.write(b"begin\n")
    with log.index() as index:
        for percent in range(0, 101, 10):
            log.append(b"\r%d%%" % percent)
            drain(index)
            assert read_all(index) == ["begin", f"{percent}%"]
        log.append(b"\ndone\n")
        drain(index)
        assert read_all(index) == ["begin", "100%", "done"]


def test_a_line_of_a_hundred_megabytes_costs_no_memory(log: Log) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    log.write(b"head\n")
    with log.path.open("ab") as stream:
        for _ in range(100):
            stream.write(b"x" * MIB)
        stream.write(b"\rbar\nafter\n")
        for _ in range(20):
            stream.write(b"y" * MIB)
    with log.index() as index:
        drain(index)
        assert index.line_count == 4
        assert read_all(index)[1:3] == ["bar", "after"]
        began = time.perf_counter()
        (last,) = index.read_lines(3, 1)
        assert time.perf_counter() - began < 0.1
        assert last.text == "y" * 8192 + f" ... (+{20 * MIB - 8192} bytes)"
        log.append(b"\rz")
        drain(index)
        assert index.read_lines(3, 1)[0].text == "z"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * 1024


def test_holes_of_gigabytes_cost_nothing(log: Log) -> None:
    log.write(b"head\n" * 1000)
    with log.path.open("r+b") as stream:
        stream.seek(40_000_000_000)
        stream.write(b"\ntail 1\ntail 2\n")
    with log.index() as index:
        drain(index)
        lines = read_all(index)
    assert lines[:1000] == ["head"] * 1000
    assert lines[1000:] == ["[40000.0 MB cut]", "", "tail 1", "tail 2"]
    assert len(index._scanner.offsets) < 10


def test_a_log_that_is_trimmed_while_it_is_read_is_read_anew(log: Log) -> None:
    log.write(b"".join(b"%09d\n" % n for n in range(1_200_000)))
    with log.index() as index:
        drain(index)
        assert index.line_count == 1_200_000
        descriptor = os.open(log.path, os.O_RDWR | os.O_APPEND)
        cut = trim_log(descriptor, 8 * MIB)
        os.close(descriptor)
        assert cut
        assert [line.text for line in index.read_lines(500_000, 3)] == [""] * 3
        drain(index)
        assert (index.generation, index.note) == (1, CUT)
        lines = read_all(index)
        assert f"[{cut / 1e6:.1f} MB cut]" in lines
        assert (lines[0], lines[-1]) == ("000000000", "001199999")
        log.append(b"more\n" * 400_000)
        drain(index)
        assert index.generation == 1
        assert index.read_lines(index.line_count - 1, 1)[0].text == "more"


def test_what_becomes_of_the_file_is_told(log: Log) -> None:
    log.write(b"a\n" * 1000)
    with log.index() as index:
        drain(index)
        os.truncate(log.path, 100)
        drain(index)
        assert (index.note, index.line_count, index.generation) == (TRUNCATED, 50, 1)
        log.write(b"other text, as long as before: " + b"b\n" * 60)
        drain(index)
        assert (index.note, index.generation) == (TRUNCATED, 2)
        new = log.path.with_name("new")
        new.write_bytes(b"new\n")
        new.chmod(0o600)
        new.rename(log.path)
        drain(index)
        assert (index.note, read_all(index)) == (REPLACED, ["new"])
        log.path.unlink()
        drain(index)
        assert (index.fault, read_all(index)) == (GONE, ["new"])
        log.write(b"again\n")
        drain(index)
        assert (index.fault, read_all(index)) == ("", ["again"])


def test_unsafe_logs_are_not_read(log: Log, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret\n")
    log.path.symlink_to(secret)
    with log.index() as index:
        assert not index.advance()
        assert index.line_count == 0
        assert "link" in index.fault
        log.path.unlink()
        os.mkfifo(log.path, 0o600)
        assert not index.advance()
        assert "regular file" in index.fault
        log.path.unlink()
        log.write(b"fine\n")
        index.advance()
        assert (index.fault, read_all(index)) == ("", ["fine"])


def test_the_tail_of_a_log_begins_at_a_line(log: Log) -> None:
    log.write(b"".join(b"line %d\n" % n for n in range(100_000)))
    with log.index() as whole, log.index(tail_bytes=10_000) as tail:
        drain(whole)
        drain(tail)
        count = tail.line_count
        assert 700 < count < 1000
        first = whole.line_at(tail.first_offset)
        assert first + count == 100_000
        assert read_all(tail) == [line.text for line in whole.read_lines(first, count)]
        log.append(b"more\n")
        drain(tail)
        assert read_all(tail)[-1] == "more"


def test_a_slice_keeps_to_its_time(log: Log) -> None:
    log.write(b"some line of a log, of no great length\n" * 1_000_000)
    slices = []
    with log.index() as index:
        more = True
        while more:
            began = time.process_time()
            more = index.advance(0.004)
            slices.append(time.process_time() - began)
        assert index.line_count == 1_000_000
    assert sorted(slices)[len(slices) // 2] < 0.008
    assert len(slices) > 1
