"""Reading real log files: their ends, their holes, and while they grow."""

import os
import resource
from pathlib import Path

import pytest

from envbench.jobs import layout
from envbench.jobs.job import Job
from envbench.jobs.log import LogReader, follow_log, tail
from envbench.jobs.log_cap import MIB, punch_hole, trim_log
from envbench.jobs.store import JobStore
from envbench.jobs.submitting import write_job
from tests.jobs.conftest import kill, shell, supervisor_of, wait_for_file, worker_of


@pytest.fixture
def job(store: JobStore) -> Job:
    """A job on record that nobody has started."""
    store.root.mkdir(parents=True, mode=0o700)
    return Job.load(store.root / write_job(store.root, shell("true")))


def write_log(job: Job, data: bytes) -> Path:
    path = job.directory / layout.LOG
    path.write_bytes(data)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("count", [0, 1, 5, 4999, 5000, 9000])
def test_tail_gives_the_last_lines(job: Job, count: int, end: bytes) -> None:
    lines = [f"line {n} {'x' * (n % 90)}" for n in range(5000)]
    write_log(job, "\n".join(lines).encode() + end)
    assert list(tail(job, count)) == (lines[-count:] if count else [])


def test_a_log_that_is_not_there_is_empty(job: Job) -> None:
    assert tail(job) == ()
    assert LogReader(job).poll() == []


def test_new_lines_come_once_and_half_ones_wait(job: Job) -> None:
    reader = LogReader(job)
    path = write_log(job, b"one\nhal")
    assert reader.poll() == ["one"]
    assert reader.pending == "hal"
    with path.open("ab") as stream:
        stream.write(b"f\n10%\r50%")
    assert reader.poll() == ["half"]
    assert reader.pending == "50%"
    assert reader.poll() == []
    assert reader.finish() == ["50%"]


def test_holes_are_shown_and_cost_nothing(job: Job) -> None:
    """A log of 4 GB, nearly all of it cut: read at once, and in little memory."""
    path = write_log(job, b"head\n" * 1000)
    with path.open("r+b") as stream:
        stream.seek(4_000_000_000)
        stream.write(b"\ntail 1\ntail 2\n")
    assert tail(job, 2) == ("tail 1", "tail 2")
    reader = LogReader(job)
    lines = reader.poll()
    while reader.has_more:
        lines += reader.poll()
    assert lines[:1000] == ["head"] * 1000
    assert [line for line in lines if "cut" in line] == ["[4000.0 MB cut]"]
    assert lines[-2:] == ["tail 1", "tail 2"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2_000_000


def test_trimming_keeps_both_ends_and_all_offsets(tmp_path: Path) -> None:
    path = tmp_path / "log"
    data = b"".join(b"%09d\n" % n for n in range(1_200_000))
    path.write_bytes(data)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    cut = trim_log(descriptor, 8 * MIB)
    assert cut == (12_000_000 - 4 * MIB) // 4096 * 4096 - MIB
    left = path.read_bytes()
    assert len(left) == len(data)
    assert left[:MIB] == data[:MIB]
    assert left[-4 * MIB :] == data[-4 * MIB :]
    assert path.stat().st_blocks * 512 <= 6 * MIB
    assert trim_log(descriptor, 8 * MIB) == 0
    os.close(descriptor)


def test_disks_without_holes_start_the_log_over(tmp_path: Path) -> None:
    def refuse(descriptor: int, offset: int, length: int) -> None:
        raise OSError(95, "Operation not supported")

    path = tmp_path / "log"
    path.write_bytes(b"x" * 1_000_000)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    cut = trim_log(descriptor, 500_000, refuse)
    os.write(descriptor, b"more\n")
    os.close(descriptor)
    left = path.read_bytes()
    assert left.startswith(b"x" * 100_000)
    assert left.endswith(b"[log truncated: %d bytes cut]\nmore\n" % cut)
    assert len(left) < 500_000


def test_a_reader_survives_a_log_that_is_started_over(job: Job) -> None:
    path = write_log(job, b"a\n" * 1000)
    reader = LogReader(job)
    assert len(reader.poll()) == 1000
    os.truncate(path, 100)
    assert reader.poll() == []
    with path.open("ab") as stream:
        stream.write(b"new\n")
    assert reader.poll() == ["new"]


def test_faults_of_the_disk_other_than_missing_holes_are_told(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x")
    descriptor = os.open(path, os.O_RDONLY)
    with pytest.raises(OSError, match="Bad file descriptor"):
        punch_hole(descriptor, 0, 1)
    os.close(descriptor)


def test_following_a_log_over_the_death_of_a_supervisor(store: JobStore) -> None:
    job = store.submit(shell("for n in 1 2 3 4 5 6; do echo $n; sleep 0.1; done; printf end"))
    worker_of(job)
    kill(supervisor_of(job))
    assert list(follow_log(job, poll_s=0.02)) == ["1", "2", "3", "4", "5", "6", "end"]
    assert list(follow_log(job, lines=2)) == ["6", "end"]


def test_the_raw_log_stays_as_it_was_written(store: JobStore) -> None:
    job = store.submit(shell(r"printf '\033[31mred\007 https://u:s3cret@h/\n'"))
    job.wait(30)
    raw = wait_for_file(job.directory / layout.LOG)
    assert raw == "\x1b[31mred\x07 https://u:s3cret@h/\n"
    assert tail(job) == ("red https://***@h/",)
