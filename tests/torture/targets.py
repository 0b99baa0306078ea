"""Who can be hit while a build runs, and how."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil

from envbench.jobs import layout
from envbench.jobs.job import Job
from envbench.jobs.processes import Identity, identify, send_signal
from tests.jobs.torture import find_new, read_record

SCREEN = Path(__file__).with_name("screen.py")
ACTS = (
    *("screen", "supervisor", "worker", "solver"),
    *("screen+supervisor", "supervisor+worker", "worker+solver", "screen+worker"),
    *("screen+supervisor+worker+solver", "hang-up", "storm", "cancel"),
)
STORM = 6
HANG_UPS = 20


class Scene:
    """One build with everybody around it."""

    def __init__(self, jobs: Path, page: Path, spec: Path) -> None:
        """Open the stand-in for the screen on a terminal of its own."""
        self._jobs = jobs
        self.known = set(jobs.glob("*-*")) if jobs.exists() else set()
        self.kills: Counter[str] = Counter()
        self._terminal, theirs = os.openpty()
        self.screen = subprocess.Popen(
            [sys.executable, str(SCREEN), str(page), str(spec)],
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)

    def find_job(self) -> Job | None:
        return find_new(self._jobs, self.known) if self._jobs.exists() else None

    def read_terminal(self) -> str:
        """Give what the stand-in has printed so far: its traceback, when it broke."""
        os.set_blocking(self._terminal, False)
        with contextlib.suppress(OSError):
            return os.read(self._terminal, 65536).decode(errors="replace")
        return ""

    def close(self) -> None:
        self.screen.kill()
        self.screen.wait()
        self._close_terminal()

    def act(self, act: str, chance: random.Random) -> None:
        """Do what the round is about; who is not there (yet, any more) is not hit."""
        if act == "cancel":
            if (job := self.find_job()) is not None:
                job.cancel()
        elif act == "hang-up":
            self._hang_up()
        elif act == "storm":
            self._storm(chance)
        else:
            targets = act.split("+")
            chance.shuffle(targets)
            for name in targets:
                self._kill(name)

    def _kill(self, name: str) -> None:
        if record := self._find(name):
            self.kills[name] += send_signal(record, signal.SIGKILL)
        if name == "screen":
            self.screen.wait()

    def _find(self, name: str) -> Identity | None:
        if name == "screen":
            return identify(self.screen.pid)
        if name == "solver":
            return self._find_solver()
        return read_record(self.find_job(), name)

    def _find_solver(self) -> Identity | None:
        worker = read_record(self.find_job(), "worker")
        if worker is None:
            return None
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(int(str(worker["pid"]))).children():
                if any("envbench.engine.solver" in part for part in child.cmdline()):
                    return identify(child.pid)
        return None

    def _hang_up(self) -> None:
        """Close the terminal, and hang up on everybody else by hand, again and again."""
        self._close_terminal()
        for _ in range(HANG_UPS):
            for name in ("screen", "supervisor", "worker", "solver"):
                record = self._find(name)
                if record is not None and send_signal(record, signal.SIGHUP):
                    self.kills[f"HUP {name}"] += 1
            time.sleep(0.005)

    def _storm(self, chance: random.Random) -> None:
        for _ in range(STORM):
            job = self.find_job()
            if job is None or (job.directory / layout.RESULT).exists():
                return
            self._kill("supervisor")
            job.reconcile()
            time.sleep(chance.random() * 0.1)

    def _close_terminal(self) -> None:
        if self._terminal >= 0:
            os.close(self._terminal)
            self._terminal = -1
