"""Event files: numbers without gaps, torn tails cut, full disks counted."""

import errno
import json
import os
from pathlib import Path

import pytest

from envbench.jobs import event_file
from envbench.jobs.event_file import EventFile
from envbench.jobs.folder import Folder


def line(sequence: int, moment: float, text: str = "x") -> bytes:
    return json.dumps({"s": sequence, "text": text}).encode()


def dropped(sequence: int, moment: float, count: int) -> bytes:
    return json.dumps({"s": sequence, "dropped": count}).encode()


@pytest.fixture
def folder(tmp_path: Path):
    tmp_path.chmod(0o700)
    with Folder(str(tmp_path)) as folder:
        yield folder


def read(tmp_path: Path) -> list[dict]:
    return [json.loads(text) for text in (tmp_path / "e").read_text().splitlines()]


def test_numbers_go_on_after_a_crash_and_the_torn_tail_is_cut(
    folder: Folder, tmp_path: Path
) -> None:
    file = EventFile(folder, "e", encode_dropped=dropped)
    assert file.write(line)
    assert file.write(line)
    file.close()
    with (tmp_path / "e").open("ab") as stream:
        stream.write(b'{"s":3,"te')
    file = EventFile(folder, "e", encode_dropped=dropped)
    assert file.write(line)
    file.close()
    assert [e["s"] for e in read(tmp_path)] == [1, 2, 3]


def test_each_event_is_one_write(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = EventFile(folder, "e", encode_dropped=dropped)
    calls: list[bytes] = []
    write = os.write
    monkeypatch.setattr(
        event_file.os, "write", lambda fd, data: calls.append(data) or write(fd, data)
    )
    file.write(line)
    assert len(calls) == 1
    assert calls[0].endswith(b"\n")


@pytest.mark.parametrize("fault", ["short", errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG])
def test_what_finds_no_room_is_counted_and_leaves_no_trace(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: object
) -> None:
    file = EventFile(folder, "e", encode_dropped=dropped)
    assert file.write(line)
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if fault == "short":
            return write(descriptor, data[:5])
        raise OSError(fault, "no room")

    with monkeypatch.context() as patch:
        patch.setattr(event_file.os, "write", full)
        assert not file.write(line)
        assert not file.write(line)
    assert [e["s"] for e in read(tmp_path)] == [1]
    assert file.write(line)
    assert file.dropped == 0
    assert read(tmp_path) == [{"s": 1, "text": "x"}, {"s": 2, "dropped": 2}, {"s": 3, "text": "x"}]


def test_other_faults_are_told(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    file = EventFile(folder, "e", encode_dropped=dropped)
    file.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        file.write(line)
