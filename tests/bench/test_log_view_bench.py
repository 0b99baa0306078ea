"""Huge logs in a real terminal: first lines, memory, keys, bytes; next to an app that does nothing."""

import os
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from envbench.workbench.logs import search_log
from tests.pty.terminal import Terminal

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

PROGRAM = Path(__file__).parent / "log_view_program.py"
KEYS = ("pageup", "up", "pagedown", "up")
ROUNDS = int(os.environ.get("ENVBENCH_BENCH_ROUNDS", "10"))


def write_log(directory: Path, lines: int, width: int) -> Path:
    directory.mkdir(mode=0o700, parents=True)
    path = directory / "log"
    with path.open("wb") as stream:
        for first in range(0, lines, 20_000):
            stream.write(
                b"".join(
                    (b"line %d " % n).ljust(width - 1, b"x") + b"\n"
                    for n in range(first, min(lines, first + 20_000))
                )
            )
    path.chmod(0o600)
    return directory


def resident_mib(pid: int) -> tuple[float, float]:
    """Give what the process has in memory now, and the most that it had."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = dict(line.split(":", 1) for line in status.splitlines())
    now, most = (int(found[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def time_keys(terminal: Terminal, keys: tuple[str, ...], *, quiet_s: float = 0.03) -> list[float]:
    """Time keys in milliseconds; each comes when the picture of the one before is whole."""
    times = []
    for _ in range(ROUNDS):
        for key in keys:
            if quiet_s:
                terminal.wait_quiet(quiet_s)
            times.append(terminal.latency(key, Terminal.screen_text) * 1000)
    return times


def describe(name: str, *, first: float, pid: int, cpu: float, keys: list[float]) -> str:
    now, most = resident_mib(pid)
    return (
        f"{name:26} first {first:5.2f} s   RSS {now:5.1f} MiB (most {most:5.1f})   cpu {cpu:5.2f} s"
        f"   key median {statistics.median(keys):5.1f} ms, worst {max(keys):6.1f} ms"
    )


def run_empty(home: Path) -> str:
    began = time.monotonic()
    with Terminal([sys.executable, PROGRAM], home=home) as terminal:
        terminal.wait_text("keys 0")
        first = time.monotonic() - began
        keys = time_keys(terminal, ("x",) * len(KEYS))
        cpu = cpu_seconds(terminal.pid)
        return describe("empty app", first=first, pid=terminal.pid, cpu=cpu, keys=keys)


def run_log(name: str, home: Path, directory: Path, last: int) -> Iterator[str]:
    began = time.monotonic()
    repository = Path(__file__).parents[2]
    argv = [sys.executable, PROGRAM, directory]
    with Terminal(argv, home=home, environ={"PYTHONPATH": str(repository)}) as terminal:
        terminal.wait_text(f"line {last} ")
        first = time.monotonic() - began
        early = time_keys(terminal, ("pageup", "end"))
        wait_idle(terminal.pid)
        cpu, settled = cpu_seconds(terminal.pid), time.monotonic() - began
        terminal.press("g")
        terminal.wait_text("line 0 ")
        terminal.press("end")
        terminal.wait_text(f"line {last} ")
        keys = time_keys(terminal, KEYS)
        terminal.wait_quiet()
        yield describe(name, first=first, pid=terminal.pid, cpu=cpu, keys=keys)
        yield (
            f"{'':26} all counted {settled:5.2f} s; keys while counting {statistics.median(early):.1f} ms,"
            f" worst {max(early):.1f} ms; idle {terminal.count_bytes(2.0)} bytes in 2 s"
        )


def wait_idle(pid: int) -> None:
    """Wait until the process works no more."""
    before = -1.0
    while (now := cpu_seconds(pid)) - before > 0.03:
        before = now
        time.sleep(0.3)


def test_huge_logs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = [
        ("1e7 lines, 160 MB", write_log(tmp_path / "lines", 10_000_000, 16), 9_999_999),
        ("1 GB, 1e7 lines", write_log(tmp_path / "bytes", 10_000_000, 107), 9_999_999),
    ]
    told = [run_empty(tmp_path)]
    for name, directory, last in cases:
        told += run_log(name, tmp_path, directory, last)
    began = time.process_time()
    *_, hits = search_log(str(cases[1][1]), "line 9999999")
    told.append(f"search in 1 GB: {time.process_time() - began:.1f} CPU s, {hits.total} hits")
    with capsys.disabled():
        print("\n" + "\n".join(told))


@pytest.mark.parametrize("lines_per_s", [200, 5000])
def test_a_log_that_pours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines_per_s: int
) -> None:
    directory = write_log(tmp_path / "job", 1000, 80)
    stop = threading.Event()
    writer = threading.Thread(target=pour, args=(directory / "log", lines_per_s, stop))
    writer.start()
    repository = Path(__file__).parents[2]
    argv = [sys.executable, PROGRAM, directory]
    try:
        with Terminal(argv, home=tmp_path, environ={"PYTHONPATH": str(repository)}) as terminal:
            terminal.wait_text("line 1")
            cpu = cpu_seconds(terminal.pid)
            bytes_per_s = terminal.count_bytes(5.0) / 5
            cpu = (cpu_seconds(terminal.pid) - cpu) / 5
            terminal.press("g")
            terminal.wait_text("line 0 ")
            keys = time_keys(terminal, ("pagedown", "down", "pageup", "down"))
            with capsys.disabled():
                print(
                    f"\n{lines_per_s} lines/s: {bytes_per_s / 1000:.1f} kB/s, {cpu:.1%} of a core;"
                    f" key median {statistics.median(keys):.1f} ms, worst {max(keys):.1f} ms"
                )
    finally:
        stop.set()
        writer.join()


def pour(path: Path, lines_per_s: int, stop: threading.Event) -> None:
    number, began = 1000, time.monotonic()
    with path.open("ab", buffering=0) as stream:
        while not stop.wait(0.01):
            due = 1000 + int((time.monotonic() - began) * lines_per_s)
            stream.write(b"".join(b"line %d of what is built\n" % n for n in range(number, due)))
            number = due
