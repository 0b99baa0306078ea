"""Real supervisors, real workers, really killed."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from envbench.jobs import layout
from envbench.jobs.job import Job
from envbench.jobs.processes import identify, read_life
from envbench.jobs.store import JobStore
from envbench.jobs.submitting import SUPERVISOR, start_supervisor, write_job
from envbench.model.job import JobResult, JobState
from envbench.model.job_states import Life
from tests.jobs.conftest import (
    kill,
    members_of,
    python,
    read_json,
    shell,
    supervisor_of,
    wait_for_file,
    wait_until,
    worker_of,
)

DEAF = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
code = (
    "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "open(os.environ['DEAF'], 'w').write(str(os.getpid())); time.sleep(600)"
)
def main(context):
    subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    while not os.path.exists(os.environ["DEAF"]):
        time.sleep(0.01)
    if context.request.payload.get("leaves"):
        return JobResult(state=JobState.DONE)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    context.emit(PhaseStarted(phase="deaf"))
    time.sleep(600)
"""


def events_of(job: Job, name: str) -> list[dict]:
    return [json.loads(line) for line in (job.directory / name).read_text().splitlines()]


def finish(job: Job) -> JobResult:
    result = job.wait(30)
    assert result is not None
    return result


def test_done_job_has_log_events_and_result(store: JobStore) -> None:
    job = store.submit(shell("echo hello; echo oops >&2"))
    result = finish(job)
    assert (result.state, result.exit_code, result.code) == (JobState.DONE, 0, 0)
    assert (job.directory / layout.LOG).read_text() == "hello\noops\n"
    assert [e["k"] for e in events_of(job, "events.sup1.jsonl")] == ["worker_started", "end"]
    assert result.started <= result.ended
    assert job.state() is JobState.DONE


@pytest.mark.parametrize(
    ("command", "exit_code", "number", "words"),
    [
        ("exit 7", 7, None, "status 7"),
        ("kill -SEGV $$", None, signal.SIGSEGV, "SIGSEGV"),
        ("kill -KILL $$", None, signal.SIGKILL, "SIGKILL"),
    ],
)
def test_failures_are_put_into_words(
    store: JobStore, command: str, exit_code: int | None, number: int | None, words: str
) -> None:
    result = finish(store.submit(shell(command)))
    assert result.state is JobState.FAILED
    assert (result.exit_code, result.signal, result.code) == (exit_code, number, 3)
    assert words in result.reason


def test_program_that_does_not_exist(store: JobStore, tmp_path: Path) -> None:
    from envbench.model.job import JobRequest

    job = store.submit(JobRequest(kind="test", title="x", argv=(str(tmp_path / "none"),)))
    result = finish(job)
    assert result.state is JobState.FAILED
    assert "could not be started" in result.reason
    assert "No such file" in (job.directory / layout.LOG).read_text()


def test_working_directory_that_does_not_exist(store: JobStore, tmp_path: Path) -> None:
    job = store.submit(shell("true", cwd=str(tmp_path / "none")))
    assert finish(job).state is JobState.FAILED
    assert not (job.directory / layout.STARTED).exists()


def test_the_worker_gets_exactly_what_was_asked_for(store: JobStore, tmp_path: Path) -> None:
    # A descriptor that an attacker, or a careless library, has made inheritable.
    leak = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(leak, True)
    code = """
    import json
    def main(context):
        shown = {
            "env": sorted(os.environ), "cwd": os.getcwd(), "umask": os.umask(0),
            "fds": sorted(os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")
                          if os.path.exists(f"/proc/self/fd/{n}")),
            "signals": [line.split()[1] for line in open("/proc/self/status")
                        if line.startswith(("SigBlk", "SigIgn"))],
            "leads_session": os.getsid(0) == os.getpid(),
            "nice": os.nice(0), "oom": open("/proc/self/oom_score_adj").read().strip(),
            "autogroup": open("/proc/self/autogroup").read().split()[-1],
            "ionice": __import__("psutil").Process().ionice().ioclass.name,
        }
        return JobResult(state=JobState.DONE, payload=shown)
    """
    try:
        env = {"GIVEN": "1", "LC_ALL": "C.UTF-8"}
        request = python(code, cwd=str(tmp_path), env=env, low_priority=True)
        job = store.submit(request)
        shown = finish(job).payload
    finally:
        os.close(leak)
    assert {n for n in shown["env"] if n != "LC_CTYPE"} == {
        "ENVBENCH_JOB",
        "ENVBENCH_JOB_DIR",
        "GIVEN",
        "LC_ALL",
    }
    assert shown["cwd"] == str(tmp_path)
    assert shown["umask"] == 0o077
    assert shown["leads_session"]
    log = str(job.directory / layout.LOG)
    mine = {log, "/dev/null", str(job.directory), str(job.directory / layout.WORKER_EVENTS)}
    assert set(shown["fds"]) <= mine
    blocked, ignored = (int(mask, 16) for mask in shown["signals"])
    assert blocked == 0
    hup = 1 << (signal.SIGHUP - 1)
    # Python itself ignores SIGPIPE and SIGXFSZ.
    assert ignored & ~(1 << (signal.SIGPIPE - 1)) & ~(1 << (signal.SIGXFSZ - 1)) == hup
    assert (shown["nice"], shown["oom"], shown["ionice"]) == (19, "500", "IOPRIO_CLASS_IDLE")
    assert shown["autogroup"] == "19"


def test_normal_priority(store: JobStore) -> None:
    job = store.submit(shell("nice"))
    finish(job)
    assert (job.directory / layout.LOG).read_text().strip() == str(os.nice(0))


def test_all_files_are_private(store: JobStore) -> None:
    code = """
    def main(context):
        context.emit(Message(text="x"))
        open("made", "w").close()
        return JobResult(state=JobState.DONE)
    """
    job = store.submit(python(code))
    finish(job)
    assert store.root.stat().st_mode & 0o777 == 0o700
    for path in [job.directory, *job.directory.iterdir()]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_submitting_leaves_no_zombie_and_no_child(store: JobStore) -> None:
    before = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()
    job = store.submit(shell("sleep 600"))
    worker_of(job)
    after = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()
    assert set(after) <= set(before)
    job.cancel()
    finish(job)


def test_supervisor_holds_no_descriptor_of_its_submitter(store: JobStore, tmp_path: Path) -> None:
    leak = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(leak, True)
    job = store.submit(shell("sleep 600"))
    os.close(leak)
    pid = supervisor_of(job)["pid"]
    worker_of(job)
    opened = {str(p.readlink()) for p in Path(f"/proc/{pid}/fd").iterdir()}
    kinds = {name for name in opened if name.startswith("/")}
    assert all(n == "/dev/null" or n.startswith(str(job.directory)) for n in kinds), kinds
    assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")
    job.cancel()
    finish(job)


def test_supervisor_stays_small() -> None:
    """Of this package it loads only files that stay away from heavy modules."""
    code = (
        f"import sys; sys.path.append({str(SUPERVISOR.parents[2])!r}); "
        "import envbench.jobs.supervision; print('\\n'.join(sys.modules))"
    )
    argv = [sys.executable, "-I", "-S", "-c", code]
    loaded = set(subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split())
    heavy = {"dataclasses", "inspect", "typing", "pathlib", "subprocess", "threading", "logging"}
    assert not loaded & (heavy | {"msgspec", "psutil", "traceback", "socket", "tempfile"})
    assert {name for name in loaded if name.startswith("envbench")} == {
        "envbench",
        "envbench.jobs",
        "envbench.jobs.ending",
        "envbench.jobs.event_file",
        "envbench.jobs.folder",
        "envbench.jobs.layout",
        "envbench.jobs.log_cap",
        "envbench.jobs.priority",
        "envbench.jobs.processes",
        "envbench.jobs.starting",
        "envbench.jobs.supervision",
        "envbench.jobs.verdict",
        "envbench.model",
        "envbench.model.errors",
        "envbench.model.job_states",
        "envbench.model.signal_names",
    }


def test_killed_supervisor_is_replaced_and_the_worker_believed(store: JobStore) -> None:
    code = """
    def main(context):
        for n in range(40):
            context.emit(Progress(phase="link", done=n))
            time.sleep(0.02)
        return JobResult(state=JobState.DONE, payload={"count": 40})
    """
    job = store.submit(python(code))
    worker = worker_of(job)
    kill(supervisor_of(job))
    assert read_life(worker) is Life.ALIVE
    assert job.state() is JobState.ORPHANED
    result = finish(job)
    assert result.state is JobState.DONE
    assert result.payload == {"count": 40}
    assert [e["s"] for e in events_of(job, layout.WORKER_EVENTS)] == list(range(1, 41))
    assert events_of(job, "events.sup2.jsonl")[-1]["k"] == "end"


def test_both_killed_is_lost_and_never_run_again(store: JobStore, tmp_path: Path) -> None:
    mark = tmp_path / "runs"
    job = store.submit(shell(f"echo run >> {mark}; sleep 600"))
    wait_for_file(mark)
    worker = worker_of(job)
    kill(supervisor_of(job))
    kill(worker)
    assert job.state() is JobState.DEAD
    result = finish(job)
    assert result.state is JobState.LOST
    assert result.code == 3
    assert mark.read_text() == "run\n"


def test_supervisor_killed_before_the_start_is_replaced(store: JobStore) -> None:
    directory = store.root
    directory.mkdir(parents=True, mode=0o700)
    job = Job.load(directory / write_job(directory, shell("echo once")))
    assert job.state() is JobState.STARTING
    wait_until(lambda: job.state() is JobState.UNSTARTED, "the end of its youth")
    assert finish(job).state is JobState.DONE
    assert (job.directory / layout.LOG).read_text() == "once\n"


def test_worker_on_record_that_never_began_is_started_again(store: JobStore) -> None:
    """A supervisor that died inside the handshake leaves a record and no marker."""
    directory = store.root
    directory.mkdir(parents=True, mode=0o700)
    job = Job.load(directory / write_job(directory, shell("echo once")))
    gone = subprocess.Popen(["/bin/true"])
    record = identify(gone.pid)
    gone.wait()
    (job.directory / layout.WORKER).write_text(json.dumps(record))
    (job.directory / layout.SUPERVISOR).write_text(json.dumps(record))
    assert job.state() is JobState.UNSTARTED
    assert finish(job).state is JobState.DONE
    assert (job.directory / layout.LOG).read_text() == "once\n"


def test_child_that_lost_its_parent_before_it_was_told_to_go(store: JobStore) -> None:
    """It lives, is on record and has not begun; when it gives up, the job is started anew."""
    directory = store.root
    directory.mkdir(parents=True, mode=0o700)
    job = Job.load(directory / write_job(directory, shell("echo once")))
    waiting = subprocess.Popen(["/bin/sleep", "600"])
    record = identify(waiting.pid)
    (job.directory / layout.WORKER).write_text(json.dumps(record))
    assert job.state() is JobState.ORPHANED
    start_supervisor(job.directory)
    supervisor_of(job)
    assert read_life(record) is Life.ALIVE
    waiting.kill()
    waiting.wait()
    assert finish(job).state is JobState.DONE
    assert (job.directory / layout.LOG).read_text() == "once\n"
    assert read_json(job, layout.SUPERVISOR)["life"] == 1


def test_child_that_hides_without_session_parent_or_mark_is_ended(
    store: JobStore, tmp_path: Path
) -> None:
    """Only its being adopted by the supervisor still ties it to the job."""
    pid = tmp_path / "pid"
    hidden = f"env -i setsid sh -c 'echo $$ > {pid}; exec sleep 600'"
    job = store.submit(shell(f"({hidden} &) ; until [ -s {pid} ]; do sleep 0.01; done"))
    assert finish(job).state is JobState.DONE
    assert identify(int(pid.read_text())) is None


def test_marker_made_already_keeps_the_worker_from_running(store: JobStore) -> None:
    directory = store.root
    directory.mkdir(parents=True, mode=0o700)
    job = Job.load(directory / write_job(directory, shell("echo twice")))
    (job.directory / layout.STARTED).touch()
    start_supervisor(job.directory)
    assert finish(job).state is JobState.LOST
    assert not (job.directory / layout.LOG).exists()


def test_any_number_of_supervisors_is_one(store: JobStore, tmp_path: Path) -> None:
    mark = tmp_path / "runs"
    directory = store.root
    directory.mkdir(parents=True, mode=0o700)
    job = Job.load(directory / write_job(directory, shell(f"echo run >> {mark}; sleep 0.3")))
    threads = [threading.Thread(target=start_supervisor, args=(job.directory,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert finish(job).state is JobState.DONE
    assert mark.read_text() == "run\n"


def test_cancel_is_quick_and_leaves_nothing(store: JobStore) -> None:
    job = store.submit(shell("sleep 600 & sleep 600"))
    worker_of(job)
    assert job.cancel() in (JobState.RUNNING, JobState.STARTING)
    result = finish(job)
    assert (result.state, result.code) == (JobState.CANCELLED, 130)
    assert members_of(job) == []


@pytest.mark.parametrize("is_adopted", [False, True], ids=["first supervisor", "adopted"])
def test_cancel_ends_deaf_workers_and_their_hidden_children(
    store: JobStore, tmp_path: Path, is_adopted: bool
) -> None:
    deaf = tmp_path / "deaf"
    job = store.submit(python(DEAF, env={"DEAF": str(deaf)}, grace_s=0.3))
    wait_for_file(job.directory / layout.WORKER_EVENTS)
    grandchild = identify(int(wait_for_file(deaf)))
    worker = worker_of(job)
    if is_adopted:
        kill(supervisor_of(job))
    job.cancel()
    assert finish(job).state is JobState.CANCELLED
    assert read_life(worker) is not Life.ALIVE
    assert read_life(grandchild) is not Life.ALIVE
    assert members_of(job) == []


@pytest.mark.parametrize("is_adopted", [False, True], ids=["first supervisor", "adopted"])
def test_what_a_finished_worker_leaves_behind_is_ended(
    store: JobStore, tmp_path: Path, is_adopted: bool
) -> None:
    deaf = tmp_path / "deaf"
    code = DEAF.replace("return JobResult", "time.sleep(0.5); return JobResult")
    request = python(code, env={"DEAF": str(deaf)}, grace_s=0.3, payload={"leaves": True})
    job = store.submit(request)
    grandchild = identify(int(wait_for_file(deaf)))
    if is_adopted:
        kill(supervisor_of(job))
    assert finish(job).state is JobState.DONE
    assert read_life(grandchild) is not Life.ALIVE
    assert members_of(job) == []


def test_a_job_that_a_worker_hands_in_outlives_it(store: JobStore, tmp_path: Path) -> None:
    """The inner supervisor is below the outer one, which must not sweep it away."""
    mark = tmp_path / "inner"
    code = f"""
    from pathlib import Path
    from envbench.jobs.store import JobStore
    from envbench.model.job import JobRequest
    def main(context):
        argv = ("/bin/sh", "-c", "sleep 0.6; env -i /bin/sleep 0.2; echo done > {mark}")
        inner = JobStore(Path({str(store.root)!r})).submit(
            JobRequest(kind="test", title="inner", argv=argv, low_priority=False))
        while not (inner.directory / "started").exists():
            time.sleep(0.01)
        return JobResult(state=JobState.DONE, payload={{"inner": inner.id}})
    """
    outer = finish(store.submit(python(code, grace_s=0.1)))
    inner = store.find(outer.payload["inner"])
    assert inner.state() is JobState.RUNNING
    assert finish(inner).state is JobState.DONE
    assert mark.read_text() == "done\n"


def test_cancel_before_the_start_never_runs(store: JobStore) -> None:
    directory = store.root
    directory.mkdir(parents=True, mode=0o700)
    job = Job.load(directory / write_job(directory, shell("echo ran")))
    job.cancel()
    result = finish(job)
    assert result.state is JobState.CANCELLED
    assert not (job.directory / layout.STARTED).exists()
    assert not (job.directory / layout.LOG).exists()


def test_cancel_from_a_second_place_while_the_first_adopts(store: JobStore) -> None:
    job = store.submit(shell("sleep 600"))
    worker_of(job)
    kill(supervisor_of(job))
    threads = [threading.Thread(target=job.reconcile), threading.Thread(target=job.cancel)]
    threads += [threading.Thread(target=Job.load(job.directory).cancel) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert finish(job).state is JobState.CANCELLED
    assert members_of(job) == []


def test_cancel_of_a_finished_job_changes_nothing(store: JobStore) -> None:
    job = store.submit(shell("true"))
    finish(job)
    assert job.cancel() is JobState.DONE
    assert not (job.directory / layout.CANCEL).exists()


def test_hang_ups_and_requests_to_end_without_a_cancel_pass_by(store: JobStore) -> None:
    job = store.submit(shell("sleep 0.6; echo end"))
    worker, supervisor = worker_of(job), supervisor_of(job)
    for _ in range(20):
        for record in (worker, supervisor):
            os.kill(record["pid"], signal.SIGHUP)
        os.kill(supervisor["pid"], signal.SIGTERM)
    assert finish(job).state is JobState.DONE
    assert (job.directory / layout.LOG).read_text() == "end\n"


def test_closed_terminal_does_not_end_the_job(store: JobStore, tmp_path: Path) -> None:
    """A session leader on a real terminal submits; the terminal goes away."""
    code = f"""
import sys; sys.path.insert(0, {str(SUPERVISOR.parents[2])!r})
from pathlib import Path
from envbench.jobs.store import JobStore
from envbench.model.job import JobRequest
argv = ("/bin/sh", "-c", "sleep 0.5; echo end")
job = JobStore(Path({str(store.root)!r})).submit(JobRequest(kind="t", title="t", argv=argv))
Path({str(tmp_path / "id")!r}).write_text(job.id)
import time; time.sleep(600)
"""
    pid, terminal = os.forkpty()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", code])
    job = Job.load(store.root / wait_for_file(tmp_path / "id"))
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGHUP
    assert finish(job).state is JobState.DONE
    assert (job.directory / layout.LOG).read_text() == "end\n"


def fake(job: Job, name: str, **fields: object) -> None:
    record = read_json(job, name)
    (job.directory / name).write_text(json.dumps({**record, **fields}))


def test_reboot_makes_a_running_job_lost(store: JobStore) -> None:
    """Another boot, and strangers that live under the old pids."""
    job = store.submit(shell("sleep 600"))
    worker = worker_of(job)
    supervisor = supervisor_of(job)
    kill(supervisor)
    kill(worker)
    for name in (layout.SUPERVISOR, layout.WORKER):
        fake(job, name, pid=os.getpid(), boot_id="another")
    assert job.state() is JobState.DEAD
    assert finish(job).state is JobState.LOST


@pytest.mark.parametrize("field", ["machine_id", "pid_namespace"])
def test_jobs_of_other_places_are_left_alone(store: JobStore, field: str) -> None:
    job = store.submit(shell("sleep 600"))
    worker_of(job)
    supervisor = supervisor_of(job)
    kill(supervisor)
    for name in (layout.SUPERVISOR, layout.WORKER):
        fake(job, name, **{field: "another"})
    assert job.state() is JobState.FOREIGN
    assert job.reconcile() is JobState.FOREIGN
    start_supervisor(job.directory)
    assert job.wait(0.5) is None
    assert job.result() is None


def test_unstarted_job_of_another_host_is_not_started_here(store: JobStore) -> None:
    directory = store.root
    directory.mkdir(parents=True, mode=0o700)
    path = directory / write_job(directory, shell("echo ran"))
    record = json.loads((path / layout.JOB).read_bytes())
    record["creator"]["machine_id"] = "another"
    record["submitted"] = 0.0
    (path / layout.JOB).write_text(json.dumps(record))
    job = Job.load(path)
    assert job.state() is JobState.FOREIGN
    start_supervisor(path)
    assert job.wait(0.3) is None
    assert not (path / layout.LOG).exists()
    assert not (path / layout.SUPERVISOR).exists()


def test_log_is_kept_within_its_limit(store: JobStore) -> None:
    line = "x" * 99
    count = 100_000
    command = f"yes {line} | head -n {count}; sleep 1.2; echo the last line"
    job = store.submit(shell(command, log_limit_bytes=2_000_000))
    finish(job)
    log = job.directory / layout.LOG
    status = log.stat()
    assert status.st_size == 100 * count + len("the last line\n")
    assert status.st_blocks * 512 < 2_100_000
    data = log.read_bytes()
    assert data.startswith(line.encode() + b"\n")
    assert data.endswith(b"\nthe last line\n")
    events = events_of(job, "events.sup1.jsonl")
    trimmed = [e["cut_bytes"] for e in events if e["k"] == "log_trimmed"]
    assert trimmed == sorted(trimmed)
    assert trimmed[-1] > 7_000_000


def test_result_has_one_author(store: JobStore) -> None:
    job = store.submit(shell("true"))
    finish(job)
    before = (job.directory / layout.RESULT).stat().st_ino
    for _ in range(3):
        start_supervisor(job.directory)
    assert (job.directory / layout.RESULT).stat().st_ino == before
    names = {path.name for path in job.directory.iterdir()}
    assert not any(name.startswith(".") for name in names)
    assert layout.FAULT not in names


def test_vanished_directory_does_not_trouble_anybody(store: JobStore) -> None:
    import shutil

    job = store.submit(shell("sleep 0.5"))
    worker_of(job)
    supervisor = supervisor_of(job)
    shutil.rmtree(job.directory)
    assert job.state() is JobState.DAMAGED
    wait_until(lambda: read_life(supervisor) is not Life.ALIVE, "the end of the supervisor")
