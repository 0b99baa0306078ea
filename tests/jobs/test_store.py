"""Finding, listing, removing and sweeping jobs; broken ones are shown, not tripped over."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.jobs import layout, submitting
from envbench.jobs.job import Job
from envbench.jobs.store import JobStore
from envbench.jobs.submitting import write_job
from envbench.model.errors import NotFineError, PreventedError, UsageError
from envbench.model.job import JobRequest, JobState
from envbench.model.redaction import register_secret
from tests.jobs.conftest import shell, worker_of


@pytest.fixture
def quiet(store: JobStore) -> JobStore:
    """A store with a directory, for jobs that nobody starts."""
    store.root.mkdir(parents=True, mode=0o700)
    return store


def done(store: JobStore, command: str = "true") -> Job:
    job = store.submit(shell(command))
    assert job.wait(30) is not None
    return job


def test_a_store_that_is_not_there_is_empty(store: JobStore) -> None:
    assert store.list() == []
    with pytest.raises(UsageError):
        store.find("abc")
    assert not store.root.exists()


def test_the_newest_job_comes_first(quiet: JobStore) -> None:
    ids = []
    for number in range(3):
        ids.append(write_job(quiet.root, shell(f"echo {number}")))
        time.sleep(0.003)
    assert [job.id for job in quiet.list()] == ids[::-1]
    assert [job.request.title for job in quiet.list()] == ["echo 2", "echo 1", "echo 0"]


def test_jobs_are_found_by_either_part_of_the_id(quiet: JobStore) -> None:
    first, second = (write_job(quiet.root, shell("x")) for _ in range(2))
    assert quiet.find(first).id == first
    assert quiet.find(second.partition("-")[2][:6]).id == second
    assert quiet.find(second[:14]).id == second
    with pytest.raises(UsageError) as ambiguous:
        quiet.find(first[:4])
    assert first in str(ambiguous.value)
    assert second in str(ambiguous.value)
    for nothing in ("", "zzz", "..", "../x", "\x1b[31m"):
        with pytest.raises(UsageError) as missing:
            quiet.find(nothing)
        assert "\x1b" not in str(missing.value)


@pytest.mark.parametrize(
    "damage", ["empty", "no record", "garbage", "wrong type", "a file", "huge"]
)
def test_damaged_jobs_are_listed_and_can_be_removed(quiet: JobStore, damage: str) -> None:
    path = quiet.root / write_job(quiet.root, shell("x"))
    record = path / layout.JOB
    match damage:
        case "empty":
            for file in path.iterdir():
                file.unlink()
        case "no record":
            record.unlink()
        case "garbage":
            record.write_bytes(b"\xff\0{" * 100)
        case "wrong type":
            record.write_text('{"schema": 1}')
        case "huge":
            record.write_bytes(b"[" * 5_000_000)
        case "a file":
            for file in path.iterdir():
                file.unlink()
            path.rmdir()
            path.write_text("x")
    sound = write_job(quiet.root, shell("y"))
    jobs = {job.id: job for job in quiet.list()}
    assert jobs.keys() == {path.name, sound}
    broken = jobs[path.name]
    assert broken.state() is JobState.DAMAGED
    assert broken.reconcile() is JobState.DAMAGED
    assert "damaged" in broken.request.title
    assert broken.wait(1) is None
    with pytest.raises(PreventedError):
        broken.cancel()
    quiet.remove(broken)
    assert [job.id for job in quiet.list()] == [sound]


def test_damaged_result_is_damaged(store: JobStore) -> None:
    job = done(store)
    (job.directory / layout.RESULT).write_text("{")
    assert job.state() is JobState.DAMAGED
    with pytest.raises(PreventedError):
        job.result()


def test_running_jobs_are_not_removed(store: JobStore) -> None:
    job = store.submit(shell("sleep 600"))
    worker_of(job)
    for force in (False, True):
        with pytest.raises(NotFineError):
            store.remove(job, force=force)
    job.cancel()
    job.wait(30)
    store.remove(job)
    assert list(store.root.iterdir()) == []
    store.remove(Job.load(job.directory))


def test_sweeping_keeps_the_young_the_new_and_the_running(store: JobStore) -> None:
    old = [done(store, f"echo {n}") for n in range(3)]
    running = store.submit(shell("sleep 600"))
    worker_of(running)
    litter = store.root / ".new-00000000000-00000000"
    fresh = store.root / ".new-00000000000-00000001"
    litter.mkdir()
    fresh.mkdir()
    os.utime(litter, (1, 1))
    assert store.sweep(keep=0, older_than_s=3600) == 0
    assert not litter.exists()
    assert fresh.exists()
    assert store.sweep(keep=2, older_than_s=-1) == 2
    assert {job.id for job in store.list()} == {old[2].id, running.id}
    running.cancel()
    running.wait(30)


@pytest.mark.parametrize("argv", [(), ("sh", "-c", "true"), ("./x",)])
def test_commands_need_an_absolute_path(store: JobStore, argv: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        store.submit(JobRequest(kind="t", title="t", argv=argv))
    assert store.list() == []


def test_remembered_secrets_are_never_put_on_record(store: JobStore) -> None:
    register_secret("hunter2-hunter2")
    with pytest.raises(PreventedError) as refused:
        store.submit(shell("true", env={"TOKEN": "hunter2-hunter2"}))
    assert "hunter2" not in str(refused.value)
    assert store.list() == []


def test_bytes_that_are_no_text_are_refused_in_words(store: JobStore) -> None:
    with pytest.raises(UsageError):
        store.submit(shell("true", env={"ODD": "\udcff"}))
    assert store.list() == []


def test_a_request_of_megabytes_is_carried_whole(store: JobStore) -> None:
    payload = {"names": ["x" * 100] * 60_000}
    job = store.submit(JobRequest(kind="t", title="t", argv=("/bin/true",), payload=payload))
    assert job.wait(60) is not None
    whole = Job.load(job.directory)
    assert whole.request.payload == payload
    # Lists have no use for it, and there may be many such jobs.
    (listed,) = store.list(for_list=True)
    assert listed.request.payload == {} and listed.creator_pid == os.getpid()
    assert replace(listed, request=whole.request) == whole
    assert replace(listed.request, payload=payload) == whole.request


def test_a_request_that_could_not_be_read_back_is_refused(
    quiet: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submitting, "READ_LIMIT_BYTES", 1000)
    with pytest.raises(UsageError, match="more than a job can hold"):
        write_job(quiet.root, JobRequest(
            kind="t", title="t", argv=("/bin/true",), payload={"x": "y" * 1000}
        ))  # fmt: skip
    assert quiet.list() == []


def test_failure_to_start_a_supervisor_leaves_nothing(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    with pytest.raises(PreventedError):
        store.submit(shell("true"))
    assert list(store.root.iterdir()) == []


def test_store_below_a_file_gives_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    store = JobStore(tmp_path / "file" / "jobs")
    with pytest.raises(PreventedError):
        store.submit(shell("true"))
    assert store.list() == []
