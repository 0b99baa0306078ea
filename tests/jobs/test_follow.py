"""Following events: merged, complete, once each, over the death of supervisors."""

import json
import threading
import time
from pathlib import Path

import pytest

from envbench.jobs import layout
from envbench.jobs.follow import EventReader, follow_events
from envbench.jobs.job import Job
from envbench.jobs.store import JobStore
from envbench.jobs.submitting import write_job
from envbench.model.errors import PreventedError
from envbench.model.event import JobEnded, Message, Progress, WorkerStarted
from envbench.model.job import JobState
from tests.jobs.conftest import kill, python, shell, supervisor_of, worker_of

COUNTING = """
def main(context):
    for n in range(60):
        context.emit(Progress(phase="p", done=n))
        time.sleep(0.01)
    return JobResult(state=JobState.DONE)
"""


@pytest.fixture
def job(store: JobStore) -> Job:
    """A job on record that nobody has started."""
    store.root.mkdir(parents=True, mode=0o700)
    return Job.load(store.root / write_job(store.root, shell("true")))


def put(job: Job, name: str, *lines: object) -> None:
    with (job.directory / name).open("ab") as stream:
        for line in lines:
            stream.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")


def progress(number: int, moment: float) -> dict:
    return {"k": "progress", "s": number, "t": moment, "phase": "p", "done": number}


def test_events_come_in_order_and_end_with_the_result(store: JobStore) -> None:
    events = list(follow_events(store.submit(python(COUNTING)), poll_s=0.02))
    assert isinstance(events[0], WorkerStarted)
    assert [e.done for e in events[1:-1]] == list(range(60))
    assert events[-1] == JobEnded(s=events[-1].s, t=events[-1].t, state="done")
    assert [e.t for e in events] == sorted(e.t for e in events)


def test_the_death_of_supervisors_is_not_noticed(store: JobStore) -> None:
    job = store.submit(python(COUNTING.replace("0.01", "0.03")))
    worker_of(job)

    def storm() -> None:
        for _ in range(2):
            kill(supervisor_of(job))

    thread = threading.Thread(target=storm)
    thread.start()
    events = list(follow_events(job, poll_s=0.02, reconcile_s=0.1))
    thread.join()
    assert [e.done for e in events if isinstance(e, Progress)] == list(range(60))
    assert [e.state for e in events if isinstance(e, JobEnded)] == ["done"]


def test_two_ends_are_told_as_one_and_as_the_result_has_it(store: JobStore) -> None:
    job = store.submit(shell("exit 1"))
    job.wait(30)
    put(job, "events.sup2.jsonl", {"k": "end", "s": 1, "t": time.time() + 9, "state": "lost"})
    ends = [e for e in follow_events(job) if isinstance(e, JobEnded)]
    assert [e.state for e in ends] == ["failed"]


def test_an_end_that_found_no_room_is_told_all_the_same(store: JobStore) -> None:
    job = store.submit(shell("true"))
    job.wait(30)
    (job.directory / "events.sup1.jsonl").unlink()
    assert [e.state for e in follow_events(job)] == ["done"]


def test_files_are_merged_by_time(job: Job) -> None:
    put(job, layout.WORKER_EVENTS, progress(1, 10.0), progress(2, 30.0))
    put(job, "events.sup1.jsonl", {"k": "log_trimmed", "s": 1, "t": 20.0, "cut_bytes": 5})
    put(job, "events.sup12.jsonl", {"k": "worker_started", "s": 1, "t": 5.0, "pid": 1})
    assert [event.t for event in EventReader(job).poll()] == [5.0, 10.0, 20.0, 30.0]


def test_half_lines_wait_and_odd_lines_are_counted(job: Job) -> None:
    reader = EventReader(job)
    assert reader.poll() == []
    put(job, layout.WORKER_EVENTS, progress(1, 1.0), b'{"k":"mess')
    assert len(reader.poll()) == 1
    put(job, layout.WORKER_EVENTS, b'age","s":2,"t":2.0,"text":"x"}\n')
    assert reader.poll() == [Message(s=2, t=2.0, text="x")]
    put(job, layout.WORKER_EVENTS, b"\xff\xfe\n", b'{"k":"from the future"}\n', b"\n", b"[]\n")
    put(job, layout.WORKER_EVENTS, progress(3, 3.0))
    assert [event.s for event in reader.poll()] == [3]
    assert reader.skipped == 4


def test_a_torn_tail_that_is_cut_off_is_never_told(job: Job) -> None:
    reader = EventReader(job)
    put(job, layout.WORKER_EVENTS, progress(1, 1.0), b'{"k":"message","s":2,')
    assert [e.s for e in reader.poll()] == [1]
    path: Path = job.directory / layout.WORKER_EVENTS
    path.write_bytes(path.read_bytes().rpartition(b"\n")[0] + b"\n")
    put(job, layout.WORKER_EVENTS, progress(2, 2.0))
    assert [e.s for e in reader.poll()] == [2]


def test_floods_are_read_in_portions(job: Job) -> None:
    put(job, layout.WORKER_EVENTS, *(progress(n, float(n)) for n in range(1, 30_001)))
    reader = EventReader(job)
    seen = [event.s for event in reader.poll()]
    assert 0 < len(seen) < 30_000
    assert reader.has_more
    while reader.has_more:
        seen += [event.s for event in reader.poll()]
    assert seen == list(range(1, 30_001))


def test_a_line_without_end_does_not_stop_the_reader(job: Job) -> None:
    put(job, layout.WORKER_EVENTS, b"x" * 2_500_000 + b"\n", progress(1, 1.0))
    reader = EventReader(job)
    seen = [event for _ in range(4) for event in reader.poll()]
    assert [event.s for event in seen] == [1]


def test_following_stops_on_request_and_says_why_it_cannot(job: Job) -> None:
    put(job, layout.WORKER_EVENTS, progress(1, 1.0))
    assert len(list(follow_events(job, should_stop=lambda: True))) == 1
    record = json.loads((job.directory / layout.JOB).read_bytes())
    record["creator"]["machine_id"] = "another"
    (job.directory / layout.JOB).write_text(json.dumps(record))
    foreign = Job.load(job.directory)
    assert foreign.state() is JobState.FOREIGN
    with pytest.raises(PreventedError, match="cannot be followed"):
        list(follow_events(foreign))
