"""A warm build of 50 packages against `cp -al` of the same tree, as ratios.

Side by side in one run: what the worker does between plan and live environment (look at the cache,
link, verify, record, switch), the whole job from the order to its result, and the command.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from envbench.jobs import layout
from envbench.jobs.job import Job
from envbench.model.job import JobState
from envbench.workbench.environments import remove_environment
from tests.bench.test_link_bench import make_records
from tests.channels import index_channel
from tests.workbench.conftest import Box, box  # noqa: F401 - a fixture

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
ROUNDS = int(os.environ.get("ENVBENCH_BENCH_ROUNDS", "9"))
Taken = dict[str, list[float]]


def note(taken: Taken, name: str, seconds: float) -> None:
    taken.setdefault(name, []).append(seconds)


def measure(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def run_job(box: Box, spec: Path, taken: Taken, what: str) -> None:  # noqa: F811
    """Order a build and take its times from its own events."""
    ordered = time.time()
    job = box.submit(spec)
    submitted = time.time()
    result = job.wait(300)
    ended = time.time()
    assert result is not None and result.state is JobState.DONE, result
    if what:
        note(taken, f"{what}: order to result", ended - ordered)
        note(taken, f"{what}: of that, the order itself", submitted - ordered)
        for name, seconds in read_parts(job, ordered, ended).items():
            note(taken, f"{what}: {name}", seconds)


def read_parts(job: Job, ordered: float, ended: float) -> dict[str, float]:
    """Split the life of a job at its events."""
    lines = (job.directory / layout.WORKER_EVENTS).read_text().splitlines()
    events = [json.loads(line) for line in lines]
    begin = {e["phase"]: e["t"] for e in events if e["k"] == "phase_started"}
    end = {e["phase"]: e["t"] for e in events if e["k"] == "phase_ended"}
    parts = {
        "order to the worker's first word": events[0]["t"] - ordered,
        "waiting for a plan": end["solve"] - begin["solve"],
        "PLAN TO LIVE": end["switch"] - end["solve"],
        "order to live": end["switch"] - ordered,
        "live to result": ended - end["switch"],
    }
    parts |= {f"  {phase}": end[phase] - begin[phase] for phase in ("fetch", "link", "record")}
    return parts | {"  describe, switch": end["switch"] - end["record"]}


def run_command(spec: Path) -> None:
    argv = [sys.executable, "-m", "envbench", "build", str(spec)]
    subprocess.run(argv, check=True, capture_output=True)


def test_warm_build_against_cp(box: Box, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    channel = box.root / "fifty"
    records = make_records(channel)
    index_channel(channel)
    names = [record.name for record in records]
    kept = box.write_spec(*names, name="kept", channel=channel.as_uri())
    fresh = box.write_spec(*names, name="fresh", channel=channel.as_uri())
    taken: Taken = {}
    for _ in range(4):  # until each further build removes an old generation
        run_job(box, kept, taken, "")
    base, copy = box.path("kept").resolve(), box.root / "copy"
    base = shutil.copytree(base, box.root / "base", symlinks=True, copy_function=os.link)
    files = sum(len(names) for _, _, names in os.walk(base))

    def build_fresh() -> None:
        run_job(box, fresh, taken, "first build")
        remove_environment("fresh", box.settings)

    def build_again() -> None:
        run_job(box, kept, taken, "next build, an old generation goes")

    def command() -> None:
        note(taken, "`envbench build`, first build", measure(lambda: run_command(fresh)))
        remove_environment("fresh", box.settings)

    def copy_tree() -> None:
        argv = ["cp", "-al", str(base), str(copy)]
        note(taken, "cp -al", measure(lambda: subprocess.run(argv, check=True)))
        shutil.rmtree(copy)

    works = [copy_tree, build_fresh, build_again, command]
    for number in range(ROUNDS):
        # Whoever comes first after a removal pays for it: take turns.
        for work in works[number % 4 :] + works[: number % 4]:
            work()
    with capsys.disabled():
        print(f"\n{len(records)} packages, {files} files; {ROUNDS} rounds in turns")
        print(describe(taken))


def describe(taken: Taken) -> str:
    yardstick = taken["cp -al"]
    lines = [f"{'cp -al':58} {median(yardstick) * 1000:8.0f} ms"]
    for name, seconds in taken.items():
        if name != "cp -al":
            pairs = [one / other for one, other in zip(seconds, yardstick, strict=True)]
            best = min(seconds) / min(yardstick)
            lines.append(
                f"{name:58} {median(seconds) * 1000:8.0f} ms"
                f"  {median(pairs):6.2f} x (median of pairs)  {best:6.2f} x (best to best)"
            )
    return "\n".join(lines)
