"""The worker's side: every way to end has its result, every text is clean, every event whole."""

import json
import signal
import threading
from pathlib import Path

import pytest

from envbench.jobs import layout
from envbench.jobs.job import Job
from envbench.jobs.processes import send_signal
from envbench.jobs.store import JobStore
from envbench.jobs.submitting import write_job
from envbench.jobs.worker import WorkerContext
from envbench.model.errors import UsageError
from envbench.model.event import Message, Progress
from envbench.model.job import JobResult, JobState
from tests.jobs.conftest import python, shell, wait_for_file, wait_until, worker_of


def run(store: JobStore, code: str, **fields: object) -> tuple[Job, JobResult]:
    job = store.submit(python(code, **fields))
    result = job.wait(30)
    assert result is not None
    return job, result


def test_payload_comes_through(store: JobStore) -> None:
    _, result = run(
        store,
        """
        def main(context):
            assert context.request.kind == "test"
            return JobResult(state=JobState.DONE, payload={"n": [1, 2.5, None], "text": "é"})
        """,
    )
    assert (result.state, result.code, result.exit_code) == (JobState.DONE, 0, 0)
    assert result.payload == {"n": [1, 2.5, None], "text": "é"}


@pytest.mark.parametrize(
    ("error", "code", "state"),
    [
        ("UsageError", 2, JobState.FAILED),
        ("NotFineError", 1, JobState.FAILED),
        ("PreventedError", 3, JobState.FAILED),
        ("CancelledWorkError", 130, JobState.CANCELLED),
    ],
)
def test_errors_for_users_keep_their_words(
    store: JobStore, error: str, code: int, state: JobState
) -> None:
    _, result = run(
        store,
        f"""
        def main(context):
            raise {error}("what", where="here:3", why="because", hint="do this")
        """,
    )
    assert (result.state, result.code, result.exit_code) == (state, code, code)
    assert result.reason == "here:3: what: because"
    assert result.hint == "do this"
    assert result.payload == {"what": "what", "where": "here:3", "why": "because"}


def test_unexpected_errors_are_in_the_log_and_plain_in_the_result(store: JobStore) -> None:
    job, result = run(
        store,
        """
        def main(context):
            raise ValueError("odd https://user:s3cret@host/ \\x1b[31m")
        """,
    )
    assert (result.state, result.code) == (JobState.FAILED, 3)
    assert "ValueError: odd" in result.reason
    log = (job.directory / layout.LOG).read_text()
    assert "Traceback" in log
    assert "s3cret" not in log + result.reason
    assert "\x1b" not in result.reason


def test_exit_of_the_interpreter_is_skipped(store: JobStore) -> None:
    """Native libraries crash there; what was printed is still in the log."""
    job, result = run(
        store,
        """
        import atexit
        def main(context):
            atexit.register(os.abort)
            print("printed", end="")
            return JobResult(state=JobState.DONE)
        """,
    )
    assert (result.state, result.exit_code) == (JobState.DONE, 0)
    assert (job.directory / layout.LOG).read_text() == "printed"


def test_crash_of_native_code_is_failed_with_its_stack_in_the_log(store: JobStore) -> None:
    job, result = run(
        store,
        """
        import ctypes
        def main(context):
            ctypes.string_at(0)
        """,
    )
    assert (result.state, result.signal) == (JobState.FAILED, signal.SIGSEGV)
    assert "Segmentation fault" in (job.directory / layout.LOG).read_text()


def test_request_to_end_runs_the_cleaning_up(store: JobStore, tmp_path: Path) -> None:
    mark = tmp_path / "cleaned"
    code = f"""
    def main(context):
        try:
            context.emit(Message(text="ready"))
            try:
                time.sleep(600)
            except Exception:
                pass
        finally:
            context.emit(Message(text="cleaning"))
            open({str(mark)!r}, "w").write("yes")
    """
    job = store.submit(python(code))
    wait_for_file(job.directory / layout.WORKER_EVENTS)
    job.cancel()
    result = job.wait(30)
    assert result.state is JobState.CANCELLED
    assert result.code == 130
    assert mark.read_text() == "yes"
    numbers = [json.loads(x)["s"] for x in (job.directory / layout.WORKER_EVENTS).open()]
    assert numbers == [1, 2]


def test_signals_in_the_middle_of_events_lose_none(store: JobStore) -> None:
    code = """
    def main(context):
        told = 0
        try:
            while True:
                context.emit(Progress(phase="work", done=told))
                told += 1
        finally:
            context.emit(Progress(phase="end", done=told))
    """
    for _ in range(3):
        job = store.submit(python(code))
        wait_for_file(job.directory / layout.WORKER_EVENTS)
        send_signal(worker_of(job), signal.SIGTERM)
        assert job.wait(30).state is JobState.CANCELLED
        events = [json.loads(x) for x in (job.directory / layout.WORKER_EVENTS).open()]
        assert [e["s"] for e in events] == list(range(1, len(events) + 1))
        # The event that was being written when the signal came is whole, acknowledged or not.
        assert len(events) - 1 - events[-1]["done"] in (0, 1)


@pytest.fixture
def context(store: JobStore) -> WorkerContext:
    store.root.mkdir(parents=True, mode=0o700)
    directory = store.root / write_job(store.root, shell("true"))
    return WorkerContext.from_environ({layout.DIRECTORY_VARIABLE: str(directory)})


def test_a_worker_needs_a_job() -> None:
    with pytest.raises(UsageError):
        WorkerContext.from_environ({})


def test_texts_of_events_are_cleaned_and_redacted(context: WorkerContext) -> None:
    text = "\x1b[31mget\x07 https://user:s3cret@host/t/tk-12345678/x"
    assert context.emit(Message(text=text))
    (event,) = [json.loads(x) for x in (context.directory / layout.WORKER_EVENTS).open()]
    assert event["text"].startswith("get https://***@host/t/***")
    assert event["s"] == 1
    assert event["t"] > 0


def test_results_are_redacted_to_the_depth(context: WorkerContext) -> None:
    url = "https://user:s3cret@host/x"
    payload = {"a": [{"b": url}], url: 1, "n": 1.5, "none": None}
    context.finish(JobResult(state=JobState.FAILED, reason=url, hint=url, payload=payload))
    text = (context.directory / layout.WORKER_RESULT).read_text()
    assert "s3cret" not in text
    assert json.loads(text)["payload"]["n"] == 1.5


def test_the_first_result_stands(context: WorkerContext) -> None:
    assert context.finish(JobResult(state=JobState.DONE))
    assert not context.finish(JobResult(state=JobState.FAILED))
    assert json.loads((context.directory / layout.WORKER_RESULT).read_text())["state"] == "done"


def test_large_results_get_a_file_of_their_own(context: WorkerContext) -> None:
    context.finish(JobResult(state=JobState.DONE, payload={"text": "x" * 100_000}))
    assert len((context.directory / layout.WORKER_RESULT).read_bytes()) > 100_000


def test_threads_may_tell_at_once(context: WorkerContext) -> None:
    def tell() -> None:
        for number in range(200):
            context.emit(Progress(phase="p", done=number))

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (context.directory / layout.WORKER_EVENTS).read_text().splitlines()
    assert [json.loads(x)["s"] for x in lines] == list(range(1, 801))


def test_limit_of_file_sizes_drops_events_and_says_so(store: JobStore) -> None:
    """The stand-in for a quota: writes fail with EFBIG, then there is room again."""
    job, result = run(
        store,
        """
        import resource
        def main(context):
            size = lambda n: resource.setrlimit(resource.RLIMIT_FSIZE, (n, resource.RLIM_INFINITY))
            size(300)
            told = sum(context.emit(Message(text="x" * 50)) for _ in range(20))
            size(resource.RLIM_INFINITY)
            context.emit(Message(text="room"))
            return JobResult(state=JobState.DONE, payload={"told": told})
        """,
    )
    events = [json.loads(x) for x in (job.directory / layout.WORKER_EVENTS).open()]
    told = result.payload["told"]
    assert 0 < told < 20
    assert [e["k"] for e in events] == ["message"] * told + ["events_dropped", "message"]
    assert events[-2]["count"] == 20 - told
    assert [e["s"] for e in events] == list(range(1, told + 3))


def test_worker_whose_directory_vanished_ends_with_a_message(store: JobStore) -> None:
    import shutil

    job = store.submit(
        python("""
        def main(context):
            context.emit(Message(text="ready"))
            while os.path.exists(context.directory):
                time.sleep(0.01)
            context.emit(Message(text="still here"))
            return JobResult(state=JobState.DONE)
        """)
    )
    wait_for_file(job.directory / layout.WORKER_EVENTS)
    worker = worker_of(job)
    shutil.rmtree(job.directory)
    wait_until(lambda: not Path(f"/proc/{worker['pid']}").exists(), "the end of the worker")
