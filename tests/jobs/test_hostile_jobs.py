"""Directories and files of jobs that somebody else has touched."""

import os
from pathlib import Path

import pytest

from envbench.jobs import layout
from envbench.jobs.follow import EventReader
from envbench.jobs.job import Job
from envbench.jobs.log import tail
from envbench.jobs.store import JobStore
from envbench.jobs.submitting import start_supervisor, write_job
from envbench.jobs.worker import WorkerContext
from envbench.model.errors import PreventedError
from envbench.model.job import JobState
from tests.jobs.conftest import shell

NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def job(store: JobStore) -> Job:
    """A job on record that nobody has started."""
    store.root.mkdir(parents=True, mode=0o700)
    return Job.load(store.root / write_job(store.root, shell("echo ran")))


def assert_refused(store: JobStore, word: str) -> None:
    for act in (lambda: store.submit(shell("true")), lambda: store.list()):
        with pytest.raises(PreventedError) as refused:
            act()
        assert word in refused.value.why
        assert str(store.root) in refused.value.where


def test_hostile_row_24_store_is_a_link(store: JobStore, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    store.root.parent.mkdir()
    store.root.symlink_to(tmp_path / "elsewhere")
    assert_refused(store, "symbolic link")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("mode", [0o770, 0o702])
def test_hostile_row_24_store_others_may_write_to(store: JobStore, mode: int) -> None:
    store.root.mkdir(parents=True)
    store.root.chmod(mode)
    assert_refused(store, "others may write")


@needs_root
def test_hostile_row_24_store_of_another_user(store: JobStore) -> None:
    store.root.mkdir(parents=True, mode=0o700)
    os.chown(store.root, NOBODY, NOBODY)
    assert_refused(store, "nobody (uid 65534)")


def spoil(job: Job, how: str) -> None:
    directory, moved = job.directory, job.directory.with_name("moved")
    match how:
        case "link":
            directory.rename(moved)
            directory.symlink_to(moved)
        case "group-writable":
            directory.chmod(0o770)
        case "foreign":
            os.chown(directory, NOBODY, NOBODY)
        case "record is a link":
            (directory / layout.JOB).rename(moved)
            (directory / layout.JOB).symlink_to(moved)
        case "record is a pipe":
            (directory / layout.JOB).unlink()
            os.mkfifo(directory / layout.JOB)
        case "record is foreign":
            os.chown(directory / layout.JOB, NOBODY, NOBODY)


@pytest.mark.parametrize(
    "how",
    [
        "link",
        "group-writable",
        pytest.param("foreign", marks=needs_root),
        "record is a link",
        "record is a pipe",
        pytest.param("record is foreign", marks=needs_root),
    ],
)
def test_hostile_row_24_job_that_is_not_ours_is_never_run(job: Job, how: str) -> None:
    spoil(job, how)
    seen = Job.load(job.directory)
    assert seen.state() is JobState.DAMAGED
    assert seen.damage
    if "foreign" in how:
        assert "nobody (uid 65534)" in seen.damage
    start_supervisor(job.directory)
    assert seen.wait(0.3) is None
    assert not (job.directory / layout.LOG).exists()
    with pytest.raises(PreventedError):
        WorkerContext(job.directory)


@pytest.mark.parametrize("name", [layout.LOCK, layout.LOG, layout.SUPERVISOR, layout.RESERVE])
def test_hostile_row_24_links_in_a_job_lead_nowhere(job: Job, tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (job.directory / name).unlink(missing_ok=True)
    (job.directory / name).symlink_to(victim)
    seen = Job.load(job.directory)
    assert seen.state() is JobState.DAMAGED
    start_supervisor(job.directory)
    assert job.wait(0.3) is None
    assert victim.read_text() == "precious"


@needs_root
@pytest.mark.parametrize("name", [layout.LOCK, layout.CANCEL, layout.STARTED])
def test_hostile_row_24_files_of_another_user_in_a_job(job: Job, name: str) -> None:
    (job.directory / name).touch()
    os.chown(job.directory / name, NOBODY, NOBODY)
    seen = Job.load(job.directory)
    assert seen.state() is JobState.DAMAGED
    assert "nobody (uid 65534)" in seen.damage
    with pytest.raises(PreventedError, match="cannot be cancelled"):
        seen.cancel()
    start_supervisor(job.directory)
    assert job.wait(0.3) is None
    assert not (job.directory / layout.SUPERVISOR).exists()


@pytest.mark.parametrize("name", [layout.LOG, layout.WORKER_EVENTS])
def test_hostile_row_24_readers_follow_no_links(job: Job, name: str) -> None:
    (job.directory / name).symlink_to("/etc/passwd")
    with pytest.raises(PreventedError):
        tail(job) if name == layout.LOG else EventReader(job).poll()


def test_hostile_row_24_pipes_do_not_block_readers(job: Job) -> None:
    for name in (layout.LOG, layout.WORKER_EVENTS, layout.RESULT):
        os.mkfifo(job.directory / name)
    with pytest.raises(PreventedError):
        tail(job)
    with pytest.raises(PreventedError):
        EventReader(job).poll()
    assert job.state() is JobState.DAMAGED
