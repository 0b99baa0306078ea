"""The watch over real jobs: those that run, die, are damaged, foreign, old, and very many."""

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.jobs import layout
from envbench.jobs.job import Job
from envbench.jobs.store import JobStore
from envbench.model.errors import UsageError
from envbench.model.job import JobState
from envbench.settings.load import Settings
from envbench.workbench import job_watch
from envbench.workbench.job_rows import STATE_WORDS, JobsUpdate, WatchedJob
from envbench.workbench.job_watch import JobWatch, describe_job, stream_jobs, watch_jobs
from tests.jobs.conftest import kill, python, shell, store, supervisor_of, worker_of

__all__ = ["store"]

PATIENCE_S = 30.0

WORKER = """
def main(context):
    context.emit(PhaseStarted(phase="fetch"))
    for done in range(1000):
        context.emit(Progress(phase="fetch", done=done, total=1000, unit="bytes", item="a"))
        context.emit(Message(text=f"at {done}"))
        time.sleep(0.05)
"""


@pytest.fixture
def watch(store: JobStore) -> JobWatch:
    return JobWatch(store.root)


def look_until(watch: JobWatch, accept: Callable[[JobsUpdate], object]) -> JobsUpdate:
    deadline = time.monotonic() + PATIENCE_S
    while not accept(update := watch.look()):
        assert time.monotonic() < deadline, update
        time.sleep(0.02)
    return update


def newest(update: JobsUpdate) -> WatchedJob:
    return update.jobs[0]


def is_over(update: JobsUpdate) -> bool:
    return all(job.is_over for job in update.jobs)


def test_every_state_has_words():
    assert set(STATE_WORDS) == set(JobState)


def test_there_may_be_no_jobs_at_all(watch: JobWatch):
    assert watch.look() == JobsUpdate()
    assert not watch.is_busy
    assert not watch._root.exists(), "to look makes nothing"


def test_a_job_is_followed_to_its_end(watch: JobWatch, store: JobStore):
    job = store.submit(python(WORKER, environment="env"))
    update = look_until(watch, lambda u: u.jobs and newest(u).progress and newest(u).message)
    row = newest(update)
    assert (row.id, row.kind, row.title, row.environment) == (job.id, "test", "a worker", "env")
    assert (row.state, row.phase, row.progress.unit) == (JobState.RUNNING, "fetch", "bytes")
    assert row.message.startswith("at ")
    assert (row.origin, row.creator_pid) == ("elsewhere", os.getpid())
    assert 0 < row.submitted <= row.started
    assert watch.is_busy
    update = look_until(watch, lambda u: newest(u).progress.per_second)
    progress = newest(update).progress
    assert newest(update).share == progress.done / 1000
    assert 2 < progress.per_second < 25
    assert progress.eta_s == pytest.approx(
        (1000 - progress.done) / progress.per_second, rel=0.05, abs=0.2
    )
    job.cancel()
    row = newest(look_until(watch, is_over))
    assert (row.state, row.code, row.phase, row.progress) == (JobState.CANCELLED, 130, "", None)
    assert row.share is None
    assert [phase.state for phase in row.phases] == ["stopped"]
    assert row.started < row.ended
    assert not watch.is_busy


def test_a_failure_says_why(watch: JobWatch, store: JobStore):
    store.submit(shell("exit 7"))
    row = newest(look_until(watch, is_over))
    assert (row.state, row.exit_code) == (JobState.FAILED, 7)
    assert row.reason
    assert row.says == "failed"


def test_nothing_changes_when_nothing_happens(watch: JobWatch, store: JobStore):
    for command in ("exit 0", "exit 1"):
        store.submit(shell(command))
    first = look_until(watch, is_over)
    second = watch.look()
    assert all(a is b for a, b in zip(first.jobs, second.jobs, strict=True))
    assert [job.id for job in first.jobs] == list(store.list_ids())


def test_a_job_whose_supervisor_died_is_given_another(watch: JobWatch, store: JobStore):
    job = store.submit(shell("sleep 1.5; exit 4"))
    worker_of(job)
    kill(supervisor_of(job))
    states = set()
    look_until(watch, lambda u: states.add(newest(u).state) or is_over(u))
    assert JobState.ORPHANED in states
    row = newest(watch.look())
    # Its adopter was not its parent, and cannot know its exit status.
    assert row.state is JobState.LOST


def test_a_job_all_of_which_died_is_judged(watch: JobWatch, store: JobStore):
    job = store.submit(shell("sleep 300"))
    worker = worker_of(job)
    kill(supervisor_of(job))
    kill(worker)
    row = newest(look_until(watch, is_over))
    assert row.state is JobState.LOST
    assert row.reason


def submit_and_wait(store: JobStore, command: str = "exit 0") -> Job:
    job = store.submit(shell(command))
    assert job.wait(PATIENCE_S) is not None
    return job


@pytest.mark.parametrize("text", ["{", "", '{"schema": 1}', "\x00" * 9], ids=range(4))
def test_a_damaged_record_is_a_row_that_says_so(watch: JobWatch, store: JobStore, text: str):
    good, bad = submit_and_wait(store), submit_and_wait(store)
    (bad.directory / layout.JOB).write_text(text)
    update = watch.look()
    assert [job.id for job in update.jobs] == [bad.id, good.id]
    # Its result can be read all the same, and counts.
    assert [job.state for job in update.jobs] == [JobState.DONE] * 2
    assert (newest(update).kind, good.request.kind) == ("damaged", "test")
    assert newest(update).reason
    (bad.directory / layout.RESULT).unlink()
    row = newest(JobWatch(store.root).look())
    assert row.state is JobState.DAMAGED
    assert not watch.is_busy
    assert describe_job(bad.id, settings_of(store)).job == row


def test_a_damaged_result_is_told_and_does_not_stop_the_watch(watch: JobWatch, store: JobStore):
    job = submit_and_wait(store)
    (job.directory / layout.RESULT).write_text('{"state": "no such"}')
    row = newest(watch.look())
    assert row.state is JobState.DAMAGED
    assert "result" in row.reason


def test_unreadable_events_are_counted_and_passed_over(watch: JobWatch, store: JobStore):
    job = store.submit(python(WORKER))
    look_until(watch, lambda u: u.jobs and newest(u).progress)
    with (job.directory / "events.sup9.jsonl").open("wb") as stream:
        stream.write(b'\xff\xfe\n{"k":"unheard"}\n' + b"x" * 3_000_000 + b"\n")
    assert newest(watch.look()).state is JobState.RUNNING
    assert describe_job(job.id, settings_of(store)).unreadable_events >= 3
    job.cancel()
    look_until(watch, is_over)


def test_a_job_of_another_machine_is_left_alone(watch: JobWatch, store: JobStore):
    job = submit_and_wait(store)
    record = json.loads((job.directory / layout.JOB).read_bytes())
    record["creator"]["machine_id"] = "another"
    (job.directory / layout.JOB).write_text(json.dumps(record))
    for name in (layout.RESULT, layout.SUPERVISOR, layout.WORKER):
        (job.directory / name).unlink(missing_ok=True)
    row = newest(watch.look())
    assert (row.state, row.origin) == (JobState.FOREIGN, "foreign")
    assert not watch.is_busy
    time.sleep(0.2)
    assert not (job.directory / layout.SUPERVISOR).exists()


def test_links_and_strangers_in_the_directory_are_no_jobs(watch: JobWatch, store: JobStore):
    job = submit_and_wait(store)
    (store.root / "notes.txt").write_text("mine")
    fake = "f" * 11 + "-" + "0" * 8
    (store.root / fake).symlink_to("/etc")
    update = watch.look()
    assert [(j.id, j.state) for j in update.jobs] == [
        (fake, JobState.DAMAGED),
        (job.id, JobState.DONE),
    ]


def test_a_job_that_is_removed_goes(watch: JobWatch, store: JobStore):
    job, other = submit_and_wait(store), submit_and_wait(store)
    assert len(watch.look().jobs) == 2
    store.remove(job)
    assert [each.id for each in watch.look().jobs] == [other.id]
    shutil.rmtree(store.root)
    assert watch.look() == JobsUpdate()


def test_a_directory_that_others_may_write_to_is_told(watch: JobWatch, store: JobStore):
    submit_and_wait(store)
    assert watch.look().fault == ""
    store.root.chmod(0o777)
    (store.root / "new").mkdir()
    assert "safe" in watch.look().fault
    store.root.chmod(0o700)
    (store.root / "new").rmdir()
    assert len(watch.look().jobs) == 1


def test_jobs_that_this_workbench_submitted_are_known(watch, store, monkeypatch):
    monkeypatch.setenv(job_watch.WORKBENCH_VARIABLE, "12-ab")
    for mark in ("12-ab", "13-cd"):
        request = shell("exit 0", env={job_watch.WORKBENCH_VARIABLE: mark})
        store.submit(request).wait(PATIENCE_S)
    assert [job.origin for job in watch.look().jobs] == ["elsewhere", "here"]


@pytest.fixture
def crowd(store: JobStore) -> Iterator[JobStore]:
    """A thousand jobs that are over, and the very oldest one, which is not."""
    model = submit_and_wait(store)
    for number in range(999):
        copy = store.root / f"{0x10000000000 + number:011x}-{number:08x}"
        shutil.copytree(model.directory, copy)
    oldest = store.root / f"{0x0FFFFFFFFFF:011x}-00000000"
    shutil.copytree(model.directory, oldest)
    (oldest / layout.RESULT).unlink()
    record = json.loads((oldest / layout.JOB).read_bytes())
    record["creator"]["machine_id"] = "another"
    (oldest / layout.JOB).write_text(json.dumps(record))
    for name in (layout.SUPERVISOR, layout.WORKER):
        (oldest / name).unlink()
    return store


def test_a_thousand_old_jobs_cost_little(crowd: JobStore):
    watch = JobWatch(crowd.root)
    began = time.perf_counter()
    update = watch.look()
    first_s = time.perf_counter() - began
    assert update.total == 1001
    assert len(update.jobs) == job_watch.LIMIT + 1
    assert update.jobs[-1].state is JobState.FOREIGN
    time.sleep(job_watch._FRESH_S)
    watch.look()
    began = time.perf_counter()
    for _ in range(20):
        watch.look()
    idle_s = (time.perf_counter() - began) / 20
    assert idle_s < 0.01, idle_s
    assert first_s < 3.0, first_s


def settings_of(store: JobStore) -> Settings:
    """Give settings whose jobs are those of a store."""
    from envbench.settings.load import load_settings

    settings = load_settings({"HOME": "/nowhere"}, home=Path("/nowhere"))
    return replace(settings, paths=replace(settings.paths, jobs_dir=store.root))


def test_the_watch_tells_at_once_and_then_only_of_changes(store: JobStore, monkeypatch):
    monkeypatch.setattr(job_watch, "IDLE_POLL_S", 0.05)
    submit_and_wait(store)
    updates = watch_jobs(settings_of(store))
    assert len(next(updates).jobs) == 1
    told: list[JobsUpdate] = []
    threading.Thread(target=lambda: told.append(next(updates)), daemon=True).start()
    time.sleep(0.5)
    assert told == []
    job = submit_and_wait(store)
    deadline = time.monotonic() + PATIENCE_S
    while not told:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert newest(told[0]).id == job.id


def test_it_tells_at_most_a_few_times_a_second(store: JobStore):
    job = store.submit(python(WORKER))
    changes = stream_jobs(settings_of(store))
    began, count = time.monotonic(), 0
    while time.monotonic() - began < 2.0:
        next(changes)
        count += 1
    assert 3 <= count <= 11
    job.cancel()
    job.wait(PATIENCE_S)


def test_the_details_of_a_job_that_does_not_exist(store: JobStore):
    with pytest.raises(UsageError, match="there is no job"):
        describe_job("0123", settings_of(store))


def test_the_details_of_an_old_job_hold_its_whole_story(store: JobStore):
    code = WORKER.replace("range(1000)", "range(3)") + "    return None\n"
    job = store.submit(python(code))
    job.wait(PATIENCE_S)
    details = describe_job(job.id[-8:], settings_of(store))
    assert details.job.state is JobState.DONE or details.job.reason
    assert [message.text for message in details.messages] == ["at 0", "at 1", "at 2"]
    assert [phase.name for phase in details.job.phases] == ["fetch"]
    assert details.build is None
