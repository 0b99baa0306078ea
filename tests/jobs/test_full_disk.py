"""A real full disk: a small tmpfs in a mount namespace of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from envbench.jobs.follow import follow_events
from envbench.jobs.log import tail
from envbench.jobs.store import JobStore
from envbench.model.errors import PreventedError
from tests.jobs.conftest import python
root = Path(sys.argv[2]) / "jobs"
store = JobStore(root)
code = '''
def fill():
    with open(os.environ["FILL"], "ab", buffering=0) as stream:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    stream.write(b"x" * size)
            except OSError:
                pass
    return os.statvfs(os.environ["FILL"]).f_bavail
def main(context):
    context.emit(Message(text="first"))
    free = fill()
    told = sum(context.emit(Message(text="y" * 2000)) for _ in range(20))
    os.truncate(os.environ["FILL"], 0)
    context.emit(Message(text="room"))
    free += fill()
    print("z" * 5000)
    return JobResult(state=JobState.DONE, payload={"told": told, "free": free, "n": "w" * 9000})
'''
job = store.submit(python(code, env={"FILL": sys.argv[2] + "/fill"}))
result = job.wait(30)
events = [type(e).__name__ for e in follow_events(job)]
try:
    store.submit(python("x" * 2000000))
    refused = ""
except PreventedError as fault:
    refused = fault.why
print(json.dumps({
    "state": result.state, "payload": result.payload, "reason": result.reason,
    "events": events, "refused": refused, "listed": len(store.list()), "names": os.listdir(root),
    "free": os.statvfs(root).f_bavail, "fault": (job.directory / "supervisor.fault").exists(),
}))
"""


def run_on_small_disk(place: Path, size: str, script: str) -> dict:
    mount = f'mount -t tmpfs -o size={size},mode=0700 none "$0" && exec "$@"'
    argv = ["unshare", "--mount", "--map-root-user", "sh", "-c", mount, str(place)]
    probe = subprocess.run([*argv, "true"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {probe.stderr.strip()[:100]}")
    program = [sys.executable, "-c", script, str(ROOT), str(place)]
    done = subprocess.run(
        [*argv, *program], capture_output=True, text=True, check=False, timeout=90
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_full_disk_swallows_no_result(tmp_path: Path) -> None:
    seen = run_on_small_disk(tmp_path, "600k", SCRIPT)
    assert seen["state"] == "done"
    told = seen["payload"]["told"]
    assert told < 20
    assert seen["payload"]["free"] == 0
    assert seen["payload"]["n"] == "w" * 9000
    expected = ["WorkerStarted", *["Message"] * (told + 1), "EventsDropped", "Message", "JobEnded"]
    assert seen["events"] == expected
    assert seen["refused"] == "the disk is full"
    assert seen["listed"] == 1
    assert not any(name.startswith(".") for name in seen["names"])
    assert not seen["fault"]


def test_disk_that_turns_read_only_gives_messages(tmp_path: Path) -> None:
    script = """
import json, os, subprocess, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from envbench.jobs.store import JobStore
from envbench.model.errors import PreventedError
from tests.jobs.conftest import shell
store = JobStore(Path(sys.argv[2]) / "jobs")
job = store.submit(shell("true"))
job.wait(30)
subprocess.run(["mount", "-o", "remount,ro", sys.argv[2]], check=True)
said = []
for act in (lambda: store.submit(shell("true")), lambda: store.remove(job)):
    try:
        act()
    except PreventedError as fault:
        said.append(fault.why)
print(json.dumps({"said": said, "listed": len(store.list()), "state": job.state()}))
"""
    seen = run_on_small_disk(tmp_path, "1m", script)
    assert seen == {"said": ["the file system is read-only"] * 2, "listed": 1, "state": "done"}


def test_job_that_finds_no_room_to_start_says_so(tmp_path: Path) -> None:
    script = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from envbench.jobs.job import Job
from envbench.jobs.submitting import start_supervisor, write_job
from tests.jobs.conftest import shell
root = Path(sys.argv[2])
job = Job.load(root / write_job(root, shell("echo ran")))
with open(root / "fill", "ab", buffering=0) as stream:
    for size in (65536, 4096, 1):
        try:
            while True:
                stream.write(b"x" * size)
        except OSError:
            pass
start_supervisor(job.directory)
result = job.wait(30)
print(json.dumps({
    "state": result.state, "reason": result.reason, "code": result.code,
    "ran": (job.directory / "started").exists(),
}))
"""
    seen = run_on_small_disk(tmp_path, "400k", script)
    assert seen == {
        "state": "failed",
        "reason": "it could not be started: No space left on device",
        "code": 3,
        "ran": False,
    }


def test_job_that_filled_the_disk_can_be_cancelled(tmp_path: Path) -> None:
    script = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from envbench.jobs.store import JobStore
from tests.jobs.conftest import shell, worker_of
store = JobStore(Path(sys.argv[2]) / "jobs")
job = store.submit(shell("sleep 300"))
worker_of(job)
with open(Path(sys.argv[2]) / "fill", "ab", buffering=0) as stream:
    for size in (65536, 4096, 1):
        try:
            while True:
                stream.write(b"x" * size)
        except OSError:
            pass
job.cancel()
result = job.wait(30)
print(json.dumps({"state": result.state, "code": result.code}))
"""
    assert run_on_small_disk(tmp_path, "600k", script) == {"state": "cancelled", "code": 130}
