"""Kills everything around real builds at random moments, and holds what is left to the promises.

Each round orders one build, hits somebody, lets two onlookers bring the job to its result, and
then looks: one result that nobody can change, every acknowledged event once, a live environment
that is wholly the old or wholly the new one, and a build that works when it is tried again.
"""

import random
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from envbench.envs.paths import read_generation_link
from envbench.envs.verification import list_extra_files, verify_prefix
from envbench.jobs import layout
from envbench.jobs.folder import Folder
from envbench.jobs.job import Job
from envbench.jobs.processes import find_members
from envbench.jobs.submitting import start_supervisor
from envbench.model.job import JobResult, JobState
from envbench.workbench.building import read_build_result
from envbench.workbench.jobs import list_jobs
from tests.channels import Executable
from tests.jobs.counted_worker import EVENTS, LINES, Truth
from tests.jobs.torture import (
    check_counts,
    check_files,
    read_lines,
    reconcile_twice,
    wait_for_supervisor,
)
from tests.torture.targets import ACTS, Scene
from tests.torture.watcher import VERSIONS
from tests.workbench.conftest import Box

WATCHER = Path(__file__).with_name("watcher.py")
PHASES = ("solve", "fetch", "link", "record", "switch")
KEEP = 3


@dataclass(kw_only=True)
class Tally:
    """What came of all rounds of one act."""

    rounds: int = 0
    jobs: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    switched: int = 0
    """Rounds after which the new generation was live, before anything was tried again."""
    waits_s: list[float] = field(default_factory=list)
    """From the moment at which somebody looks again to the result."""


@dataclass(kw_only=True)
class Report:
    """The figures of a run."""

    seed: int
    acts: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    events_acknowledged: int = 0
    uses: int = 0
    """How often the live environment was used meanwhile."""
    retries: int = 0
    faults: list[str] = field(default_factory=list)

    def show(self) -> str:
        """Give the table."""
        lines = [f"seed {self.seed}"]
        for name, tally in sorted(self.acts.items()):
            waits = sorted(tally.waits_s) or [0.0]
            lines.append(
                f"{name:34} {tally.rounds:3} rounds {tally.jobs:3} jobs"
                f"  hit {_count(tally.kills)}  result {_count(tally.states)}"
                f"  new one live {tally.switched}"
                f"  to result {waits[len(waits) // 2]:.2f} s, max {waits[-1]:.2f} s"
            )
        lines.append(
            f"{sum(t.rounds for t in self.acts.values())} rounds,"
            f" {sum(t.jobs for t in self.acts.values())} jobs,"
            f" {self.events_acknowledged} events acknowledged, {self.retries} builds tried again,"
            f" the live environment used {self.uses} times, {len(self.faults)} faults"
        )
        return "\n".join(lines + [f"FAULT {fault}" for fault in self.faults])


class Torture:
    """A run over one box."""

    def __init__(self, box: Box, seed: int) -> None:
        """Publish the packages, build the first generation, begin to use it."""
        self._box = box
        self._chance = random.Random(seed)
        self._deck: list[str] = []
        self._seen: dict[Path, tuple[int, bytes]] = {}
        self.report = Report(seed=seed)
        self._jobs = box.settings.paths.jobs_dir
        self._specs = [publish(box, version) for version in VERSIONS]
        began = time.monotonic()
        first, _ = box.build(self._specs[0])
        self._longest_s = time.monotonic() - began
        assert first.state is JobState.DONE, first.reason
        self._page, self._book = box.root / "uses", box.root / "faults"
        self._uses = Truth(self._page)
        self._watcher = subprocess.Popen(
            [sys.executable, str(WATCHER), str(box.path()), str(self._page), str(self._book)],
            stdin=subprocess.PIPE,
        )

    def run(self, rounds: int) -> Report:
        """Run so many rounds."""
        for number in range(rounds):
            act = self._draw_act()
            faults = self._run_round(number, act)
            self.report.faults += [f"round {number} ({act}): {fault}" for fault in faults]
        self.report.faults += self._check_cache()
        self.report.faults += [f"{d.name}: {f}" for d in self._seen for f in self._check_same(d)]
        return self.report

    def close(self) -> None:
        assert self._watcher.stdin is not None
        self._watcher.stdin.close()
        assert self._watcher.wait(30) == 0
        self.report.uses = self._uses.read(EVENTS)
        if self._book.exists():
            self.report.faults += self._book.read_text().splitlines()[:20]

    def _draw_act(self) -> str:
        """Every act comes before one comes again."""
        if not self._deck:
            self._deck = list(ACTS)
            self._chance.shuffle(self._deck)
        return self._deck.pop()

    def _run_round(self, number: int, act: str) -> list[str]:
        tally = self.report.acts[act]
        tally.rounds += 1
        before = self._find_live()
        wanted = 1 - VERSIONS.index(self._read_version())
        if self._chance.random() < 0.3:
            # The packages have to be fetched and unpacked again.
            shutil.rmtree(self._box.settings.paths.pkgs_dir, ignore_errors=True)
        used, failed = self._uses.read(EVENTS), self._uses.read(LINES)
        page = self._box.root / f"truth-{number}"
        scene = Scene(self._jobs, page, self._specs[wanted])
        try:
            self._wait_for_moment(scene, act)
            scene.act(act, self._chance)
            if act == "solver" or act == "cancel":
                self._let_go_on(scene)
        finally:
            scene.close()
        tally.kills += scene.kills
        job = scene.find_job()
        faults = self._bring_to_result(job, page, before, wanted, tally) if job else []
        tally.switched += self._read_version() == VERSIONS[wanted]
        faults += self._try_again(wanted)
        if self._uses.read(EVENTS) == used:
            faults.append("the live environment was not used at all in this round")
        if self._uses.read(LINES) != failed:
            faults.append(f"{self._uses.read(LINES) - failed} uses of the live environment failed")
        return faults

    def _let_go_on(self, scene: Scene) -> None:
        """The screen sees it to the end by itself in half of the rounds."""
        if self._chance.random() < 0.5:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and scene.screen.poll() is None:
                time.sleep(0.02)

    def _wait_for_moment(self, scene: Scene, act: str) -> None:
        """Before there is a supervisor, at any moment, or close to the begin of a phase."""
        kind = self._chance.choices(["early", "any", "phase"], [0.1, 0.35, 0.55])[0]
        if kind == "early" and act not in {"solver", "worker", "worker+solver"}:
            time.sleep(self._chance.random() * 0.8)
            return
        try:
            wait_for_supervisor(self._jobs, scene.known)
        except AssertionError as fault:
            raise AssertionError(f"{fault}: {scene.read_terminal()}") from fault
        if kind == "any":
            time.sleep(self._chance.random() * self._longest_s)
            return
        phase = self._chance.choice(PHASES)
        _wait_for_phase(scene, phase)
        time.sleep(self._chance.random() * (0.5 if phase == "solve" else 0.06))

    def _bring_to_result(
        self, job: Job, page: Path, before: int, wanted: int, tally: Tally
    ) -> list[str]:
        tally.jobs += 1
        started = time.monotonic()
        result = reconcile_twice(job)
        tally.waits_s.append(time.monotonic() - started)
        if result is None:
            return [f"no result, state {job.state()}"]
        tally.states[result.state] += 1
        faults = check_files(job, result) + self._check_authority(job, result)
        if page.exists():
            truth = Truth(page)
            self.report.events_acknowledged += truth.read(EVENTS)
            faults += check_counts(job, truth)
        marker = f"{layout.MARKER_VARIABLE}={job.id}".encode()
        left = find_members(marker, ())
        faults += [f"{len(left)} processes left after the result"] if left else []
        return faults + self._check_live(job, result, before, wanted)

    def _check_authority(self, job: Job, result: JobResult) -> list[str]:
        """All who can be asked say the same, and whoever comes later changes nothing."""
        faults = []
        path = job.directory / layout.RESULT
        self._seen[job.directory] = (path.stat().st_ino, path.read_bytes())
        start_supervisor(job.directory)
        with Folder(str(job.directory)) as folder:
            if folder.write_first(layout.RESULT, b'{"state": "done"}'):
                faults.append("a second result was taken")
        listed = {e.id: e.state for e in list_jobs(self._box.settings)}.get(job.id)
        states = {str(result.state), str(job.state()), str(Job.load(job.directory).state()), listed}
        own = job.directory / layout.WORKER_RESULT
        if own.exists():
            states.add(msgspec.json.decode(own.read_bytes())["state"])
        if len(states) != 1:
            faults.append(f"states differ: {sorted(map(str, states))}")
        return faults + self._check_same(job.directory)

    def _check_same(self, directory: Path) -> list[str]:
        path = directory / layout.RESULT
        now = (path.stat().st_ino, path.read_bytes())
        return [] if now == self._seen[directory] else ["the result has changed"]

    def _check_live(self, job: Job, result: JobResult, before: int, wanted: int) -> list[str]:
        live, version = self._find_live(), self._read_version()
        has_new = (live, version) == (before + 1, VERSIONS[wanted])
        has_old = (live, version) == (before, VERSIONS[1 - wanted])
        if not has_new and not has_old:
            return [f"live are generation {live} and version {version} after {result.state}"]
        if result.state is JobState.DONE:
            built = read_build_result(result)
            if not has_new or built is None or built.generation != live:
                return [f"done, but live is generation {live}"]
        elif has_new and not _has_begun(job, "switch"):
            return ["it went live before its time"]
        return []

    def _try_again(self, wanted: int) -> list[str]:
        """Build the same again if it is not live, and look for litter."""
        if self._read_version() != VERSIONS[wanted] or self._chance.random() < 0.2:
            self.report.retries += 1
            result, _ = self._box.build(self._specs[wanted])
            if result.state is not JobState.DONE:
                return [f"tried again: {result.state}: {result.reason}"]
            if self._read_version() != VERSIONS[wanted]:
                return ["tried again and done, but the old one is live"]
        elif self._list_litter():
            # Killed after the switch: what is left is swept by whoever builds next.
            self._box.build(self._specs[wanted])
        return self._list_litter() + self._verify()

    def _list_litter(self) -> list[str]:
        envs = self._box.settings.paths.envs_dir
        litter = sorted(
            {p.name for p in envs.iterdir()} - {"env", ".generations", ".envbench-locks"}
        )
        generations = [p.name for p in (envs / ".generations").iterdir()]
        litter += self._box.leftovers()
        litter += [f"{len(generations)} generations"] if len(generations) > KEEP else []
        litter += list_extra_files(self._box.path().resolve(), self._known_files())
        registered = Path.home() / ".conda"
        if registered.exists():
            litter += [p.name for p in registered.iterdir() if p.name != "environments.txt"]
        return [f"litter: {name}" for name in litter]

    def _known_files(self) -> set[str]:
        # The library marks prefixes for backup programs.
        return {"bin/app", "share/part", "CACHEDIR.TAG"}

    def _verify(self) -> list[str]:
        report = verify_prefix(self._box.path().resolve())
        counts = (report.conda_packages, report.checked_files)
        if not report.is_fine or counts != (2, 2):
            return [f"verify: {report}"]
        lines = (Path.home() / ".conda" / "environments.txt").read_text().splitlines()
        return [] if lines == [str(self._box.path())] else [f"registered: {lines}"]

    def _check_cache(self) -> list[str]:
        """What killed builds left in the package cache goes with the next package that is fetched."""
        work = self._box.settings.paths.pkgs_dir / ".envbench" / "work"
        spec = self._specs[1 - VERSIONS.index(self._read_version())]
        for path in self._box.settings.paths.pkgs_dir.glob("*app-*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        result, _ = self._box.build(spec)
        faults = [] if result.state is JobState.DONE else [f"last build: {result.reason}"]
        return faults + [f"litter in the cache: {path.name}" for path in work.iterdir()]

    def _find_live(self) -> int:
        return read_generation_link(self._box.path()) or 0

    def _read_version(self) -> str:
        return (self._box.path() / "share" / "part").read_text().strip()


def publish(box: Box, version: str) -> Path:
    box.publish("part", version, files={"share/part": f"{version}\n"})
    box.publish(
        "torture-app",
        version,
        depends=[f"part {version}.*"],
        files={"bin/app": Executable(f"#!/bin/sh\necho app {version}\n")},
    )
    path = box.write_spec(f"torture-app={version}")
    return path.rename(path.with_name(f"env-{version}.yml"))


def _wait_for_phase(scene: Scene, phase: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        job = scene.find_job()
        if job and ((job.directory / layout.RESULT).exists() or _has_begun(job, phase)):
            return
        time.sleep(0.002)


def _has_begun(job: Job, phase: str) -> bool:
    begin = f'"phase":"{phase}"'.encode()
    return any(begin in line for line in read_lines(job.directory / layout.WORKER_EVENTS))


def _count(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items())) or "-"
