"""The programs that the screen is measured with, and what is measured of all of them alike."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.pty.terminal import Terminal

PROGRAMS = Path(__file__).parent / "programs"
SPEC = """\
name: x
channels:
  - conda-forge
dependencies:
  - python=3.11
  - numpy>=1.26
  - pandas>=2
"""


@dataclass(frozen=True)
class Program:
    """Something that opens a screen."""

    name: str
    argv: tuple[str, ...]
    key: str
    """Is answered with another picture."""
    answer: str
    """Text of that picture; empty when the colour at the middle changes."""


EMPTY = Program("empty Textual app", (sys.executable, str(PROGRAMS / "empty_app.py")), "x", "")
NAIVE = Program(
    "naive skeleton", (sys.executable, str(PROGRAMS / "naive_app.py")), "f5", "answered"
)
ENVBENCH = Program("envbench", (sys.executable, "-m", "envbench"), "2", "2 PLAN")


def make_project(folder: Path) -> Path:
    """Make a folder with one spec."""
    project = folder / "project"
    project.mkdir(parents=True)
    (project / "environment.yml").write_text(SPEC)
    return project


def open_program(program: Program, home: Path, **given) -> Terminal:
    """Open a program on a fresh box with one spec in its folder."""
    return Terminal(program.argv, home=home, cwd=make_project(home), **given)


def paper(terminal: Terminal) -> str:
    """Give the background in the middle of the screen."""
    screen = terminal.screen
    return screen.buffer[screen.lines // 2][screen.columns // 2].bg


def measure_start(program: Program, home: Path) -> tuple[float, float]:
    """Give the seconds to the first picture and to the answer of a key pressed right then."""
    began = time.monotonic()
    with open_program(program, home) as terminal:
        terminal.wait_for(lambda: paper(terminal) != "default")
        painted = time.monotonic() - began
        before = paper(terminal)
        terminal.press(program.key)
        if program.answer:
            terminal.wait_for(lambda: program.answer in terminal.screen_text())
        else:
            terminal.wait_for(lambda: paper(terminal) != before)
        return painted, time.monotonic() - began


def count_frames(terminal: Terminal) -> int:
    """Count the pictures so far."""
    return terminal.raw.count(b"\x1b[?2026l")


def resident_mib(pid: int) -> float:
    """Give what a process has in memory, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise AssertionError("the process has no memory")


def cpu_seconds(pid: int) -> float:
    """Give the processor time that a process itself has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_idle(terminal: Terminal, timeout_s: float = 60) -> None:
    """Wait until a program has worked off all its keys: it uses no processor, and writes nothing."""
    end, before = time.monotonic() + timeout_s, -1.0
    while (now := cpu_seconds(terminal.pid)) - before > 0.015:
        if time.monotonic() > end:
            raise AssertionError("the program does not come to rest")
        before = now
        time.sleep(0.15)


def describe_times(seconds: list[float]) -> str:
    """Write median, 95th percentile and worst of times in milliseconds."""
    times = sorted(seconds)
    p95 = times[min(len(times) - 1, round(0.95 * (len(times) - 1)))]
    return (
        f"median {median(times) * 1000:6.1f}  p95 {p95 * 1000:6.1f}  worst {times[-1] * 1000:6.1f} ms"
        f"  ({len(times)} keys)"
    )
