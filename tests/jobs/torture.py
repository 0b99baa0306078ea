"""Kills everything around a job at random moments and counts what was lost.

Reusable over any worker: give `torture` a function that makes the request of a round. If the
worker's command line runs it through `counted_worker.py`, its acknowledged events are held
against what is on disk. The figures of a run come back as a `Report`; `faults` must be empty.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from envbench.jobs import layout
from envbench.jobs.job import Job
from envbench.jobs.processes import (
    Identity,
    find_members,
    identify,
    read_life,
    send_signal,
)
from envbench.model.job import JobRequest, JobResult, JobState
from envbench.model.job_states import Life
from tests.jobs.counted_worker import EVENTS, LINES, STARTS, Truth

SCREEN = Path(__file__).with_name("torture_screen.py")
ROUND_LIMIT_S = 120.0

MakeRequest = Callable[[Path], JobRequest]
"""Makes the request of a round; the path is that of the round's page of truth."""
CheckRound = Callable[[Job, JobResult], list[str]]
"""Looks at what a round left behind; gives the faults it found."""

ACTS = ("screen", "supervisor", "worker", "screen+supervisor", "supervisor+worker", "all")
WEIGHTS = {**dict.fromkeys(ACTS, 3), "hang-ups": 2, "storm": 2, "cancel": 1}


@dataclass(kw_only=True)
class Report:
    """The figures of a run."""

    rounds: int = 0
    jobs: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    events_acknowledged: int = 0
    lines_acknowledged: int = 0
    waits_s: list[float] = field(default_factory=list)
    """From the moment at which somebody looks again to the result."""
    faults: list[str] = field(default_factory=list)

    def show(self) -> str:
        waits = sorted(self.waits_s) or [0.0]
        return (
            f"{self.rounds} rounds, {self.jobs} jobs, kills {dict(self.kills)}, "
            f"acts {dict(self.acts)}, states {dict(self.states)}, "
            f"{self.events_acknowledged} events and {self.lines_acknowledged} lines acknowledged, "
            f"look again -> result median {waits[len(waits) // 2]:.2f} s, max {waits[-1]:.2f} s, "
            f"{len(self.faults)} faults"
        )


def torture(
    root: Path,
    *,
    rounds: int,
    seed: int,
    make_request: MakeRequest,
    longest_s: float,
    check_round: CheckRound | None = None,
) -> Report:
    """Run so many rounds and report.

    Args:
        root: An empty directory; jobs and pages of truth go there.
        rounds: How many jobs.
        seed: Decides who is killed when.
        make_request: What each round runs.
        longest_s: About as long as an undisturbed job takes: kills come within this time.
        check_round: Looks for further faults once a round is over.
    """
    chance = random.Random(seed)
    report = Report()
    for number in range(rounds):
        round_ = _Round(root / "jobs", root / f"truth-{number}", chance, report)
        faults = round_.run(make_request, longest_s, check_round)
        report.rounds += 1
        report.faults += [f"seed {seed} round {number} ({round_.act}): {f}" for f in faults]
    return report


class _Round:
    def __init__(self, root: Path, page: Path, chance: random.Random, report: Report) -> None:
        self._root = root
        self._page = page
        self._chance = chance
        self._report = report
        self.act = chance.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))[0]

    def run(
        self, make_request: MakeRequest, longest_s: float, check: CheckRound | None
    ) -> list[str]:
        self._report.acts[self.act] += 1
        known = set(self._root.glob("*-*")) if self._root.exists() else set()
        text = msgspec.json.encode(make_request(self._page))
        screen = self._open_screen(text)
        try:
            self._wait_and_act(screen, longest_s, known)
        finally:
            screen.kill()
            screen.wait()
        new = [path for path in self._root.glob("*-*") if path not in known and path.name[0] != "."]
        if not new:
            return []  # The screen died before it submitted; nothing was promised.
        if len(new) > 1:
            return [f"{len(new)} jobs out of one"]
        self._report.jobs += 1
        job = Job.load(new[0])
        started = time.monotonic()
        result = reconcile_twice(job)
        self._report.waits_s.append(time.monotonic() - started)
        if result is None:
            return [f"no result, state {job.state()}"]
        self._report.states[result.state] += 1
        faults = self._hold_against_truth(job, result)
        return faults + (check(job, result) if check else [])

    def _open_screen(self, text: bytes) -> "subprocess.Popen[bytes]":
        argv = [sys.executable, str(SCREEN), str(self._root)]
        screen = subprocess.Popen(argv, stdin=subprocess.PIPE, start_new_session=True)
        assert screen.stdin is not None
        screen.stdin.write(text)
        screen.stdin.close()
        return screen

    def _wait_and_act(
        self, screen: "subprocess.Popen[bytes]", longest_s: float, known: set[Path]
    ) -> None:
        """One kill in five comes before the supervisor is up, often before there is a job."""
        if self._chance.random() < 0.2:
            time.sleep(self._chance.random() * 0.4)
        else:
            wait_for_supervisor(self._root, known)
            time.sleep(self._chance.random() * longest_s)
        job = find_new(self._root, known)
        if self.act == "cancel":
            if job is not None:
                job.cancel()
        elif self.act == "hang-ups":
            self._hang_up(screen, job)
        elif self.act == "storm":
            self._storm(job)
        else:
            self._kill(self.act, screen, job)

    def _kill(self, act: str, screen: "subprocess.Popen[bytes]", job: Job | None) -> None:
        targets = ["screen", "supervisor", "worker"] if act == "all" else act.split("+")
        self._chance.shuffle(targets)
        for name in targets:
            if name == "screen":
                self._report.kills[name] += 1
                screen.kill()
                screen.wait()
            elif (record := read_record(job, name)) and send_signal(record, signal.SIGKILL):
                self._report.kills[name] += 1

    def _hang_up(self, screen: "subprocess.Popen[bytes]", job: Job | None) -> None:
        for _ in range(20):
            send_signal(identify(screen.pid) or {}, signal.SIGHUP)
            for name in ("supervisor", "worker"):
                if record := read_record(job, name):
                    send_signal(record, signal.SIGHUP)

    def _storm(self, job: Job | None) -> None:
        for _ in range(6):
            record = read_record(job, "supervisor")
            if job is None or record is None:
                return
            if send_signal(record, signal.SIGKILL):
                self._report.kills["supervisor"] += 1
            job.reconcile()
            time.sleep(self._chance.random() * 0.1)

    def _hold_against_truth(self, job: Job, result: JobResult) -> list[str]:
        faults = check_files(job, result)
        if self._page.exists():
            truth = Truth(self._page)
            self._report.events_acknowledged += truth.read(EVENTS)
            self._report.lines_acknowledged += truth.read(LINES)
            faults += check_counts(job, truth)
        marker = f"{layout.MARKER_VARIABLE}={job.id}".encode()
        left = find_members(marker, ())
        return faults + ([f"{len(left)} processes left after the result"] if left else [])


def check_files(job: Job, result: JobResult) -> list[str]:
    faults = []
    path = job.directory / layout.RESULT
    before = (path.stat().st_ino, path.read_bytes())
    job.reconcile()
    if (path.stat().st_ino, path.read_bytes()) != before:
        faults.append("the result has changed")
    if (job.directory / layout.FAULT).exists():
        faults.append((job.directory / layout.FAULT).read_text())
    if result.state is JobState.FAILED and not result.reason:
        faults.append("a failure without a reason")
    events = read_lines(job.directory / layout.WORKER_EVENTS)
    numbers = [json.loads(line)["s"] for line in events]
    if numbers != list(range(1, len(numbers) + 1)):
        faults.append("events lost or doubled")
    return faults


def check_counts(job: Job, truth: Truth) -> list[str]:
    """One more than acknowledged may be there: written, and killed before it was counted."""
    faults = []
    if truth.read(STARTS) > 1:
        faults.append(f"started {truth.read(STARTS)} times")
    events = len(read_lines(job.directory / layout.WORKER_EVENTS))
    if events - truth.read(EVENTS) not in (0, 1):
        faults.append(f"{truth.read(EVENTS)} events acknowledged, {events} on disk")
    if truth.read(LINES):
        lines = [x for x in read_lines(job.directory / layout.LOG) if x[:6].isdigit()]
        if len(lines) - truth.read(LINES) not in (0, 1):
            faults.append(f"{truth.read(LINES)} log lines acknowledged, {len(lines)} on disk")
        if [int(x[:6]) for x in lines] != list(range(len(lines))):
            faults.append("log lines lost or doubled")
    return faults


def read_lines(path: Path) -> list[bytes]:
    """The complete lines of a file; a torn last one was never acknowledged."""
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


def reconcile_twice(job: Job) -> JobResult | None:
    """Two reconcilers at once, until there is a result."""
    code = (
        f"import sys; sys.path.insert(0, {str(SCREEN.parents[2])!r}); "
        "from pathlib import Path; from envbench.jobs.job import Job; "
        f"Job.load(Path(sys.argv[1])).wait({ROUND_LIMIT_S})"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(job.directory)])
    try:
        return job.wait(ROUND_LIMIT_S)
    finally:
        other.wait()


def wait_for_supervisor(root: Path, known: set[Path]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        job = find_new(root, known)
        record = read_record(job, "supervisor")
        if record is not None and read_life(record) is Life.ALIVE:
            return
        time.sleep(0.005)
    raise AssertionError("no supervisor came up")


def find_new(root: Path, known: set[Path]) -> Job | None:
    new = [path for path in root.glob("*-*") if path not in known and path.name[0] != "."]
    return Job.load(new[0]) if new else None


def read_record(job: Job | None, name: str) -> Identity | None:
    if job is None:
        return None
    path = job.directory / {"supervisor": layout.SUPERVISOR, "worker": layout.WORKER}[name]
    try:
        record: Identity = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    # Never one's own self, whatever a file says.
    return record if record.get("pid") != os.getpid() else None
