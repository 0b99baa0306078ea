"""nvitop and gpustat on the driver of the tests: what they do in a box, and what they cost.

They live in an environment of their own, which `ENVBENCH_RIVALS_VENV` names, or which is made from
the package index.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.pty.terminal import Terminal

RIVALS = ("nvitop==1.7.2", "gpustat==1.1.1")
VARIABLE = "ENVBENCH_RIVALS_VENV"
PATIENCE_S = 15.0
"""A tool that has said nothing by then hangs: with eight GPUs they take a second."""


def find_rivals(directory: Path) -> Path:
    """Give the `bin` directory of an environment with both; make one below `directory` if need be."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named) / "bin"
    subprocess.run([sys.executable, "-m", "venv", directory], check=True)
    subprocess.run(
        [directory / "bin" / "python", "-m", "pip", "install", "-q", *RIVALS], check=True
    )
    return directory / "bin"


@dataclass(frozen=True)
class Outcome:
    """How a program went that shows GPUs once."""

    code: int | None
    """None: it was killed, as it did not end."""
    output: str
    errors: str

    @property
    def end(self) -> str:
        """How it ended, in words; empty when as it should."""
        if self.code is None:
            return f"hangs: killed after {PATIENCE_S:g} s"
        if self.code < 0:
            return f"dies: {signal.Signals(-self.code).name}"
        last = (self.errors.strip() or self.output.strip() or " ").splitlines()[-1].strip()
        if "Traceback" in self.errors:
            return f"traceback, exit {self.code}: {last}"
        return f"exit {self.code}: {last}" if self.code else ""


def run_once(argv: list[str | Path], environ: Mapping[str, str], home: Path) -> Outcome:
    """Run a program that shows GPUs once."""
    child = subprocess.Popen(
        argv,
        env={**environ, "HOME": str(home), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = child.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        output, errors = child.communicate()
        return Outcome(None, output, errors)
    return Outcome(child.returncode, output, errors)


def count_rows(outcome: Outcome) -> int:
    """Count the GPUs whose temperature a rival shows."""
    return len(re.findall(r"\b\d+(?:C |°C)", outcome.output))


@dataclass(frozen=True)
class ScreenCost:
    """What a screen of GPUs costs while its values move."""

    bytes_per_s: float
    """Written to the terminal."""
    cpu_percent: float
    """Of one core, with its children."""
    seconds: float


def measure_screen(
    argv: list[str | Path],
    environ: Mapping[str, str],
    home: Path,
    *,
    ready: str,
    seconds: float = 20.0,
    columns: int = 120,
    rows: int = 40,
) -> ScreenCost:
    """Measure any program that shows GPUs on a whole screen.

    Args:
        argv: The program.
        environ: Of the box, as `StubBox` gives it; its GPUs need a `wave`, else nothing moves.
        home: A private folder.
        ready: A pattern on the screen that says that the readings are there.
        seconds: How long to measure, after it is ready.
        columns: Width of the terminal.
        rows: Height of the terminal.
    """
    home.mkdir(parents=True, exist_ok=True)
    with Terminal(argv, home=home, environ=environ, columns=columns, rows=rows) as terminal:
        terminal.wait_text(ready, timeout_s=60)
        time.sleep(3)  # What a start costs is another figure.
        began, before, used = time.monotonic(), len(terminal.raw), cpu_of_tree(terminal.pid)
        time.sleep(seconds)
        took = time.monotonic() - began
        return ScreenCost(
            bytes_per_s=(len(terminal.raw) - before) / took,
            cpu_percent=(cpu_of_tree(terminal.pid) - used) / took * 100,
            seconds=took,
        )


def measure_nvitop(
    rivals: Path, environ: Mapping[str, str], home: Path, *, seconds: float = 20.0
) -> ScreenCost:
    """Measure nvitop's monitor at one refresh a second on 120x40."""
    argv: list[str | Path] = [rivals / "nvitop", "--monitor", "full", "--interval", "1"]
    return measure_screen(argv, environ, home, ready=r"\d+C ", seconds=seconds)


def cpu_of_tree(pid: int) -> float:
    """Give the processor seconds of a process and of all its living descendants."""
    return sum(cpu_of(each) for each in [pid, *list_descendants(pid)])


def cpu_of(pid: int) -> float:
    """Give the processor seconds of all threads of a process, to the nanosecond."""
    total = 0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    except OSError:
        return 0.0
    return total / 1e9


def list_descendants(pid: int) -> list[int]:
    """List the living children of a process, theirs, and so on."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(word) for word in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *list_descendants(child)]
    return found
