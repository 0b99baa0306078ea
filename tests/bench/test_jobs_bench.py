"""What jobs cost: latency of events, the supervisor at rest, events a second. Ratios, no limits."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from envbench.jobs import layout
from envbench.jobs.event_file import EventFile
from envbench.jobs.folder import Folder
from envbench.jobs.follow import EventReader
from envbench.jobs.job import Job
from envbench.jobs.store import JobStore
from envbench.jobs.submitting import write_job
from envbench.jobs.worker import WorkerContext
from envbench.model.event import Progress
from envbench.model.job import JobRequest

pytestmark = pytest.mark.bench
IDLE_S = 20.0


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    root = tmp_path / "jobs"
    root.mkdir(mode=0o700)
    return JobStore(root)


def request(command: str) -> JobRequest:
    argv = ("/bin/sh", "-c", command)
    return JobRequest(kind="bench", title=command, argv=argv, low_priority=False)


def say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(f"\n{text}")


def read_memory_kb(pid: int) -> dict[str, int]:
    values = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, rest = line.partition(":")
        values[name] = int(rest.split()[0])
    return {
        "private": values["Private_Clean"] + values["Private_Dirty"],
        "own (dirty)": values["Private_Dirty"],
        "PSS": values["Pss"],
        "RSS": values["Rss"],
    }


def read_cpu_ns(pid: int) -> int:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


def test_supervisor_at_rest(store: JobStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside a Python of the same kind that does nothing."""
    code = "import time; time.sleep(600)"
    idle = subprocess.Popen([sys.executable, "-I", "-S", "-c", code])
    job = store.submit(request("sleep 600"))
    while not (job.directory / layout.STARTED).exists():
        time.sleep(0.01)
    pid = json.loads((job.directory / layout.SUPERVISOR).read_bytes())["pid"]
    time.sleep(1)
    before, started = read_cpu_ns(pid), time.monotonic()
    time.sleep(IDLE_S)
    share = (read_cpu_ns(pid) - before) / 1e9 / (time.monotonic() - started)
    ours, bare = read_memory_kb(pid), read_memory_kb(idle.pid)
    job.cancel()
    job.wait(30)
    idle.kill()
    idle.wait()
    figures = ", ".join(
        f"{name} {ours[name] / 1024:.1f} MB ({ours[name] / bare[name]:.2f} x an idle Python)"
        for name in ours
    )
    say(capsys, f"supervisor at rest: {share:.4%} CPU; {figures}")


@pytest.mark.parametrize("poll_s", [0.05, 0.1, 0.25])
def test_event_latency(store: JobStore, capsys: pytest.CaptureFixture[str], poll_s: float) -> None:
    """From the moment of writing to the moment at which a polling reader has it."""
    job = Job.load(store.root / write_job(store.root, request("true")))
    context = WorkerContext(job.directory)
    count = 120

    def tell() -> None:
        for number in range(count):
            context.emit(Progress(phase="p", done=number))
            time.sleep(0.037)

    thread = threading.Thread(target=tell)
    reader, waits = EventReader(job), []
    thread.start()
    while len(waits) < count:
        now_events = reader.poll()
        now = time.time()
        waits += [1000 * (now - event.t) for event in now_events]
        time.sleep(poll_s)
    thread.join()
    waits.sort()
    median, late = statistics.median(waits), waits[int(len(waits) * 0.99)]
    say(capsys, f"events, poll {1000 * poll_s:.0f} ms: median {median:.0f} ms, p99 {late:.0f} ms")


def test_events_a_second(store: JobStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside bare writes of the same lines to a file of the same disk."""
    job = Job.load(store.root / write_job(store.root, request("true")))
    context = WorkerContext(job.directory)
    event = Progress(phase="link", done=1, total=100, item="numpy-1.26.4-py311h64a7726_0")
    line = msgspec.json.encode(msgspec.structs.replace(event, s=1000, t=time.time())) + b"\n"
    count = 20_000

    descriptor = os.open(store.root / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    started = time.perf_counter()
    for _ in range(count):
        os.write(descriptor, line)
    bare = time.perf_counter() - started
    os.close(descriptor)

    with Folder(str(job.directory)) as folder:
        file = EventFile(folder, "bench.jsonl", encode_dropped=lambda *_: b"")
        started = time.perf_counter()
        for _ in range(count):
            file.write(lambda *_: line[:-1])
        plain = time.perf_counter() - started

    started = time.perf_counter()
    for _ in range(count):
        context.emit(event)
    whole = time.perf_counter() - started

    started = time.perf_counter()
    reader, seen = EventReader(job), 0
    while seen < count:
        seen += len(reader.poll())
    reading = time.perf_counter() - started
    say(
        capsys,
        f"events a second: bare write {count / bare:,.0f}, event file {count / plain:,.0f} "
        f"({plain / bare:.1f} x), emit with cleaning and redaction {count / whole:,.0f} "
        f"({whole / bare:.1f} x), read {count / reading:,.0f}",
    )


def test_submitting(store: JobStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the start and the end of a bare Python."""
    argv = [sys.executable, "-I", "-S", "-c", "pass"]
    bare, ours = [], []
    for _ in range(10):
        started = time.perf_counter()
        subprocess.run(argv, check=True)
        bare.append(time.perf_counter() - started)
        started = time.perf_counter()
        job = store.submit(request("true"))
        ours.append(time.perf_counter() - started)
        job.wait(30)
    ratio = statistics.median(ours) / statistics.median(bare)
    say(capsys, f"submit: {1000 * statistics.median(ours):.0f} ms, {ratio:.1f} x a bare Python")
