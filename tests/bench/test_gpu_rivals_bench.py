"""envbench, nvitop and gpustat in the same boxes with the same faults: who survives what.

    pytest -m "bench and network" tests/bench/test_gpu_rivals_bench.py

prints a table, and writes it to the file that `ENVBENCH_RIVALS_TABLE` names.
"""

import asyncio
import itertools
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from envbench.machine.sampler.client import SamplerClient
from envbench.model.gpu import GpuReading, GpuState, Sample, Unread
from tests.bench.gpu_rivals import (
    Outcome,
    count_rows,
    cpu_of,
    find_rivals,
    list_descendants,
    measure_nvitop,
    run_once,
)
from tests.gpu_driver import (
    StubBox,
    crash,
    eight_gpus,
    error,
    gpus,
    hang,
    mig_gpu,
    process,
    unified_gpu,
)
from tests.pty.program import process_state
from tests.pty.terminal import Terminal

pytestmark = [pytest.mark.bench, pytest.mark.network, pytest.mark.timeout(900)]

FOREIGN_PID = 4_000_001
"""Above what this kernel gives out."""
POWER = "nvmlDeviceGetPowerUsage"
SECONDS = 20.0
TEMPERATURE = re.compile(r"\b\d+ ?°?C\b")


@dataclass(frozen=True)
class Case:
    """One box, and what else is looked for in what a tool shows."""

    name: str
    lines: list[str]
    count: int = 8
    generation: str = "current"
    marks: dict[str, str] = field(default_factory=dict)
    """What to say of a tool's picture when a pattern is in it."""


def cases() -> list[Case]:
    eight = eight_gpus()
    own = [process(index, os.getpid(), 500) for index in range(8)]
    outside = {rf"\b{FOREIGN_PID}\b": "pid shown"}
    unified = {
        r"\?\?\s*/\s*\?\?": "memory ??",
        r"\b0\s*/\s*0 MB": "says memory 0 of 0",
        r"GB10.*\n.*MiB /": "takes the box's memory",
        r'"is_memory_unified": true': "unified, the box's memory",
    }
    return [
        Case("none", eight + own),
        Case("lost (15), one GPU", [*eight, error("*", 3, 15)]),
        Case("reset required (16), one GPU", [*eight, error("*", 3, 16)]),
        Case("unknown (999), one call", [*eight, error(POWER, 3, 999)]),
        Case("not ready (27), one call", [*eight, error("nvmlDeviceGetUtilizationRates", 3, 27)]),
        Case("hang, one call of one GPU", [*eight, hang(POWER, 3)]),
        Case("SIGSEGV, one call of one GPU", [*eight, crash("nvmlDeviceGetTemperature*", 3)]),
        Case("unified memory (3)", [unified_gpu()], 1, marks=unified),
        Case("unified memory (total 0)", [unified_gpu("zero")], 1, marks=unified),
        Case("foreign pid", [*eight, process(3, FOREIGN_PID)], marks=outside),
        Case("init mismatch (18)", [*eight, error("nvmlInit*", "-", 18)]),
        Case("init not loaded (9)", [*eight, error("nvmlInit*", "-", 9)]),
        Case("hang in init", [*eight, hang("nvmlInit*", "-")]),
        Case("driver 470", eight + own, generation="470", marks=own_pid()),
        Case("driver 535", eight + own, generation="535", marks=own_pid()),
        Case("driver 535.43", eight + own, generation="535.43", marks=own_pid()),
        Case("16 GPUs", gpus(16), 16),
        Case("MIG, 7 instances", mig_gpu(0, 7), 1, marks={r"(?s)(1g\.10gb.*){7}": "7 instances"}),
    ]


def own_pid() -> dict[str, str]:
    return {rf"\b{os.getpid()}\b": "pids right"}


def describe(outcome: Outcome, shown: int, case: Case) -> str:
    """Say in a few words what a tool did."""
    words = [outcome.end] if outcome.end else []
    if shown or not words:
        words.append(f"{shown} of {case.count} GPUs read")
    words += [said for pattern, said in case.marks.items() if re.search(pattern, outcome.output)]
    return "; ".join(words)


@pytest.fixture(scope="module")
def rivals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return find_rivals(tmp_path_factory.mktemp("rivals") / "venv")


def ask_nvitop(rivals: Path, case: Case, box: StubBox, home: Path) -> str:
    outcome = run_once([rivals / "nvitop", "--once"], make_environ(case, box), home)
    return describe(outcome, count_rows(outcome), case)


def ask_gpustat(rivals: Path, case: Case, box: StubBox, home: Path) -> str:
    argv: list[str | Path] = [rivals / "gpustat", "--no-color", "-p"]
    outcome = run_once(argv, make_environ(case, box), home)
    return describe(outcome, count_rows(outcome), case)


def ask_envbench(rivals: Path, case: Case, box: StubBox, home: Path) -> str:
    argv: list[str | Path] = [sys.executable, "-m", "envbench", "gpus", "--json"]
    outcome = run_once(argv, {**make_environ(case, box), "PYTHONPATH": str(Path.cwd())}, home)
    if outcome.code not in {0, 1, 3} or not outcome.output:
        return describe(outcome, 0, case)
    sample = msgspec.json.decode(
        msgspec.json.decode(outcome.output, type=_Report).sample, type=Sample
    )
    words = [f"{sum(map(is_read, sample.gpus))} of {case.count} GPUs read"] if sample.gpus else []
    for reading in sample.gpus:
        if reading.fault:
            words.append(f"GPU {reading.index} {reading.state}: {reading.fault.words}")
        elif case.name.startswith("not ready"):
            words += [f"GPU {reading.index}: {name}: {why}" for name, why in failed(reading)]
    if sample.absence:
        words.append(f"exit {outcome.code}: {sample.absence.words}")
    words += [said for pattern, said in case.marks.items() if re.search(pattern, outcome.output)]
    return "; ".join(words)


class _Report(msgspec.Struct):
    sample: msgspec.Raw


def is_read(reading: GpuReading) -> bool:
    """Whether there is at least a temperature, as is asked of the others."""
    return reading.temperature_c is not None


def failed(reading: GpuReading) -> list[tuple[str, str]]:
    return [(name, why) for name, why in reading.unread.items() if why is Unread.DRIVER_ERROR]


def make_environ(case: Case, box: StubBox) -> dict[str, str]:
    return box(*case.lines, generation=case.generation)


def write_table(head: tuple[str, ...], rows: list[tuple[str, ...]], width: int = 46) -> str:
    """Write a table whose cells are wrapped."""
    widths = [max(len(row[0]) for row in [head, *rows])] + [width] * (len(head) - 1)
    lines = []
    for row in [head, tuple("-" * size for size in widths), *rows]:
        cells = [textwrap.wrap(cell, size) or [""] for cell, size in zip(row, widths, strict=True)]
        for place in range(max(map(len, cells))):
            parts = [cell[place] if place < len(cell) else "" for cell in cells]
            joined = zip(parts, widths, strict=True)
            lines.append(" | ".join(part.ljust(size) for part, size in joined).rstrip())
    return "\n".join(lines)


def test_who_survives_what(rivals: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    rows = []
    for number, case in enumerate(cases()):
        home = tmp_path / str(number)
        home.mkdir()
        box = StubBox(home)
        tools = (ask_envbench, ask_nvitop, ask_gpustat)
        rows.append((case.name, *(ask(rivals, case, box, home) for ask in tools)))
    table = write_table(("fault", "envbench", "nvitop", "gpustat"), rows)
    tell(capsys, "who survives what", table)
    assert len(rows) == len(cases())


def tell(capsys: pytest.CaptureFixture[str], title: str, text: str) -> None:
    """Print, and write to the file that the variable names."""
    with capsys.disabled():
        print(f"\n{title}\n{text}")
    named = os.environ.get("ENVBENCH_RIVALS_TABLE")
    if named:
        with Path(named).open("a") as file:
            file.write(f"{title}\n\n{text}\n\n")


# In mid-run


def list_rows(terminal: Terminal) -> list[str]:
    """List the lines of a screen that show a temperature."""
    return [line for line in terminal.screen_text().splitlines() if TEMPERATURE.search(line)]


def watch_fault(argv: list[str | Path], box: StubBox, home: Path, fault: str) -> str:
    """Let a screen run, make a fault happen, and say what becomes of the screen."""
    home.mkdir(parents=True)
    environ = {**box(*eight_gpus(wave=30, period=60)), "PYTHONPATH": str(Path.cwd())}
    with Terminal(argv, home=home, environ=environ, columns=120, rows=50) as terminal:
        terminal.wait_for(lambda: len(list_rows(terminal)) == 8, timeout_s=60)
        box.add(fault)
        time.sleep(5)
        before, moving = list_rows(terminal), 0
        for _ in range(4):
            time.sleep(1)
            moving = max(moving, sum(row not in before for row in list_rows(terminal)))
        if process_state(terminal.pid) in {"Z", "X"}:
            code = terminal.wait_exit()
            return f"dies: {signal.Signals(-code).name}" if code < 0 else f"ends, exit {code}"
        if moving:
            return f"{moving} rows move"
        said = re.search(r"no GPU is read.*", terminal.screen_text())
        return said[0].strip() if said else "frozen: no row moves any more"


def test_who_survives_in_mid_run(rivals: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    screens: dict[str, list[str | Path]] = {
        "envbench": [sys.executable, "-m", "envbench", "gpus", "--watch"],
        "nvitop": [rivals / "nvitop", "--monitor", "full", "--interval", "1"],
        "gpustat": [rivals / "gpustat", "--interval", "1"],
    }
    faults = {
        "none": "",
        "lost (15), one GPU": error("*", 3, 15),
        "reset required (16), one GPU": error("*", 3, 16),
        "hang, one call of one GPU": hang(POWER, 3),
        "SIGSEGV, one call of one GPU": crash(POWER, 3),
        "driver unloaded (1)": error("*", "*", 1),
    }
    rows = []
    for name, fault in faults.items():
        cells = []
        for tool, argv in screens.items():
            home = tmp_path / name / tool
            home.parent.mkdir(exist_ok=True)
            box_home = tmp_path / name / f"{tool} box"
            box_home.mkdir()
            cells.append(watch_fault(argv, StubBox(box_home), home, fault))
        rows.append((name, *cells))
    tell(capsys, "who lives on, of 8 moving rows", write_table(("fault", *screens), rows, 30))
    assert len(rows) == len(faults)


# Figures


@contextmanager
def running(
    argv: list[str | Path], environ: dict[str, str], home: Path
) -> Iterator["subprocess.Popen[str]"]:
    """Run a program that says a line a second; it has said some when this is entered."""
    home.mkdir(parents=True)
    child = subprocess.Popen(
        argv, env={**environ, "HOME": str(home)}, stdout=subprocess.PIPE, text=True
    )
    try:
        for _ in range(4):  # What a start costs is another figure.
            child.stdout.readline()
        yield child
    finally:
        child.terminate()
        child.communicate()


def test_what_they_cost(rivals: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """All of them at the same time, so that what else the box does falls on all alike."""
    box = StubBox(tmp_path)
    users = [process(index, os.getpid(), 500) for index in range(8)]
    environ = box(*eight_gpus(wave=30), *users)
    programs = Path(__file__).parent / "programs"
    ours: list[str | Path] = [sys.executable, programs / "gpu_watch.py"]
    theirs: list[str | Path] = [rivals / "python", programs / "nvitop_library.py"]
    with (
        running(ours, {**environ, "PYTHONPATH": str(Path.cwd())}, tmp_path / "a") as client,
        running(theirs, environ, tmp_path / "b") as library,
    ):
        [sampler] = list_descendants(client.pid)
        pids = {"sampler": sampler, "client": client.pid, "library": library.pid}
        began, before = time.monotonic(), {name: cpu_of(pid) for name, pid in pids.items()}
        screen = measure_nvitop(rivals, environ, tmp_path / "c", seconds=SECONDS)
        took = time.monotonic() - began
        used = {name: (cpu_of(pid) - before[name]) / took * 100 for name, pid in pids.items()}
    lines = [
        f"8 GPUs with moving values, 8 processes, 1 Hz, {took:.0f} s, percent of one core:",
        f"  envbench's sampler         {used['sampler']:6.2f}",
        f"  its client, without screen {used['client']:6.2f}",
        f"  nvitop's library           {used['library']:6.2f}"
        f"   sampler / library {used['sampler'] / used['library']:.2f}",
        f"  nvitop's screen            {screen.cpu_percent:6.2f}"
        f"   sampler / screen {used['sampler'] / screen.cpu_percent:.2f}",
        f"nvitop's screen of 120x40 writes {screen.bytes_per_s:.0f} bytes/s",
    ]
    tell(capsys, "what they cost", "\n".join(lines))
    assert min(*used.values(), screen.cpu_percent, screen.bytes_per_s) > 0


async def measure_naming(
    box: StubBox, symbol: str, fault: Callable[[str, int], str]
) -> tuple[float, float]:
    """Give the seconds to the sample that names a fault: from the call's beginning, and from when
    the driver went bad."""
    client = SamplerClient(box(*eight_gpus()), period_s=1.0)
    bad_at = 0.0
    waiting: asyncio.Task[float] | None = None
    try:
        async for sample in client.follow():
            if waiting and len(sample.gpus) == 8 and sample.gpus[3].state is not GpuState.OK:
                named_at = time.monotonic()
                assert sample.gpus[3].fault.call == symbol
                return named_at - await waiting, named_at - bad_at
            if not waiting and sample.number == 1:
                before = box.calls_by_gpu()[symbol, 3]
                box.add(fault(symbol, 3))
                bad_at = time.monotonic()
                waiting = asyncio.create_task(await_call(box, symbol, before))
    finally:
        await client.close()
    raise AssertionError("the samples ended")


async def await_call(box: StubBox, symbol: str, before: int) -> float:
    """Wait until the driver counts one more of these calls; tell when that was."""
    # Memory that another process writes to wakes nobody.
    while box.calls_by_gpu()[symbol, 3] <= before:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    return time.monotonic()


def test_how_soon_a_fault_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    lines = []
    calls = (POWER, "nvmlDeviceGetUtilizationRates", "nvmlDeviceGetMemoryInfo_v2")
    faults = {"hang": hang, "crash": crash}
    for number, (call, name) in enumerate(itertools.product(calls, faults)):
        folder = tmp_path / str(number)
        folder.mkdir()
        called, bad = asyncio.run(measure_naming(StubBox(folder), call, faults[name]))
        lines.append(
            f"{name:5} in {call:30} named {called:.2f} s after the call began, {bad:.2f} s after"
            " the driver went bad (1 Hz)"
        )
    tell(capsys, "how soon a fault is named", "\n".join(lines))
    assert len(lines) == 6
