"""The writer never makes its caller wait, loses nothing that counts, and lets go of a dead terminal."""

import contextlib
import os
import threading
import time

import pytest

from envbench.ui.terminal.output_writer import OutputWriter


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    for handle in (reading, writing):
        with contextlib.suppress(OSError):
            os.close(handle)


def read_all(handle, count):
    data = b""
    while len(data) < count:
        data += os.read(handle, 65536)
    return data


def test_all_arrives_in_order_in_the_encoding(pipe):
    reading, writing = pipe
    writer = OutputWriter(writing, "ascii")
    writer.start()
    texts = [f"{n} é\udc80\n" for n in range(200)]
    counts = [writer.write(text) for text in texts]
    expected = "".join(texts).encode("ascii", "replace")
    assert read_all(reading, sum(counts)) == expected
    assert writer.stop()
    assert writer.backlog_bytes == 0


def test_a_full_terminal_does_not_stop_the_caller(pipe):
    reading, writing = pipe
    writer = OutputWriter(writing, "utf-8")
    writer.start()
    start = time.monotonic()
    for _ in range(500):
        writer.write("x" * 10_000)
    assert time.monotonic() - start < 1
    assert writer.backlog_bytes > 4_000_000
    dropped = writer.discard()
    assert dropped > 4_000_000
    assert writer.backlog_bytes < 200_000
    reader = threading.Thread(target=read_all, args=(reading, 5_000_000 - dropped), daemon=True)
    reader.start()
    assert writer.stop()


def test_strings_survive_a_discard(pipe):
    reading, writing = pipe
    writer = OutputWriter(writing, "utf-8")
    writer.start()
    writer.write("x" * 200_000)
    end = time.monotonic() + 5
    while writer.backlog_bytes == 200_000:
        assert time.monotonic() < end
    copied = "\x1b]52;c;QQ==\x07"
    writer.write("picture")
    writer.write(copied)
    writer.discard()
    assert read_all(reading, 200_000 + len(copied)) == b"x" * 200_000 + copied.encode()
    assert writer.stop()


def test_a_stuck_terminal_is_given_up(pipe):
    _, writing = pipe
    writer = OutputWriter(writing, "utf-8")
    writer.start()
    writer.write("x" * 1_000_000)
    start = time.monotonic()
    assert not writer.stop(timeout_s=0.2)
    assert time.monotonic() - start < 1.5
    assert writer.write("more") == 0


def test_a_terminal_that_went_away_takes_nothing_more(pipe):
    reading, writing = pipe
    drained = threading.Event()
    writer = OutputWriter(writing, "utf-8")
    writer.on_drained = drained.set
    writer.start()
    writer.write("hello")
    assert drained.wait(5)
    os.close(reading)
    writer.write("nobody")
    end = time.monotonic() + 5
    while not writer.is_broken:
        assert time.monotonic() < end
        time.sleep(0.005)
    assert writer.write("x") == 0
    assert writer.backlog_bytes == 0
    writer.stop()


def test_without_a_thread_nothing_is_kept(pipe):
    writer = OutputWriter(pipe[1], "utf-8")
    assert writer.write("x") == 0
    assert writer.backlog_bytes == 0
