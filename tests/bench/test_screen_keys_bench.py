"""From key to picture in the whole screen: at rest, while builds run and a log pours, on slow links."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from envbench.jobs.store import JobStore
from envbench.model.job import JobRequest
from tests.bench.screens import (
    EMPTY,
    ENVBENCH,
    cpu_seconds,
    describe_times,
    make_project,
    open_program,
    paper,
)
from tests.pty.terminal import Terminal, make_environment

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

ROUNDS = int(os.environ.get("ENVBENCH_BENCH_ROUNDS", "15"))
LINES_PER_S = 5000
POUR = f"""
import sys, time
began, number = time.monotonic(), 0
while True:
    due = int((time.monotonic() - began) * {LINES_PER_S})
    sys.stdout.write("".join(f"line {{n}} of what is built here\\n" for n in range(number, due)))
    sys.stdout.flush()
    number = due
    time.sleep(0.02)
"""
PREPARE = """
from pathlib import Path
from envbench.settings.load import load_settings
from envbench.workbench.demo_folder import prepare_demo
import os
print(prepare_demo(Path("demo"), load_settings(os.environ)).directory)
"""
LINKS: dict[str, dict] = {
    "fast link": {},
    "20 kB/s": {"bytes_per_s": 20_000, "buffer_bytes": 20_000},
    "5 kB/s": {"bytes_per_s": 5_000, "buffer_bytes": 5_000},
}


class Box:
    """A home of its own with jobs that really run."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = make_environment(home, {})
        root = home / "state" / "jobs"
        root.mkdir(parents=True, mode=0o700)
        (home / "state").chmod(0o700)
        self.store = JobStore(root)
        self.jobs = []

    def run(self, title: str, *argv: str) -> None:
        """Begin a job."""
        exports = [f"{name}={value}" for name, value in self.environ.items()]
        request = JobRequest(
            kind="build",
            title=title,
            argv=("/usr/bin/env", "-i", *exports, *argv),
            low_priority=True,
        )
        self.jobs.append(self.store.submit(request))

    def build_again_and_again(self) -> None:
        """Build the demo's good spec over and over, each time as a job of its own."""
        loop = (
            f"cd {self.home}; {sys.executable} -c '{PREPARE}' || exit 1;"
            f" while {sys.executable} -m envbench build demo/demo.yml --name again; do :; done"
        )
        self.run("builds", "/bin/sh", "-c", loop)


@contextmanager
def busy_box(home: Path) -> Iterator[Box]:
    box = Box(home)
    make_project(home)
    try:
        box.run("short", "/bin/echo", "nothing to do")
        box.jobs.pop().wait(30)
        box.run("pouring", sys.executable, "-c", POUR)
        yield box
    finally:
        for job in box.jobs:
            job.cancel()
        for job in box.store.list():
            job.cancel()
            job.wait(30)


def cursor_of(left: int, right: int, top: int, bottom: int) -> Callable[[Terminal], object]:
    """Give a probe of the colours in a part of the screen: the cursor's row is one of its own."""

    def probe(terminal: Terminal) -> object:
        rows = terminal.screen.buffer
        return [
            (cell.data, cell.bg, cell.fg)
            for y in range(top, bottom)
            for x in range(left, right)
            for cell in (rows[y][x],)
        ]

    return probe


def text_of(left: int, right: int, top: int, bottom: int) -> Callable[[Terminal], object]:
    """Give a probe of the text in a part of the screen."""
    return lambda terminal: [row[left:right] for row in terminal.screen.display[top:bottom]]


def time_keys(
    terminal: Terminal,
    keys: tuple[str, ...],
    probe: Callable[[Terminal], object],
    rounds: int = ROUNDS,
) -> list[float]:
    """Press keys one after the other, out of step with whatever comes at intervals."""
    times = []
    for number in range(rounds):
        for key in keys:
            time.sleep(0.11 + 0.037 * (number % 5))
            times.append(terminal.latency(key, probe, 60))
    return times


LEFT = cursor_of(1, 26, 3, 14)
LOG = text_of(30, 80, 4, 20)


def go_to_specs(terminal: Terminal) -> None:
    """Give the list of specs the keys, from the place in the centre: it is the third before it."""
    for _ in range(3):
        terminal.press("shift+tab")
        time.sleep(0.3)
    before = LEFT(terminal)
    terminal.press("down")
    terminal.wait_for(lambda: LEFT(terminal) != before)


def say(capsys: pytest.CaptureFixture[str], *lines: str) -> None:
    with capsys.disabled():
        print("\n" + "\n".join(lines))


def test_keys_at_rest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_program(EMPTY, tmp_path / "empty") as terminal:
        terminal.wait_for(lambda: paper(terminal) != "default")
        terminal.wait_quiet(1)
        reference = [terminal.latency(EMPTY.key, paper)]
    with open_program(ENVBENCH, tmp_path / "home") as terminal:
        terminal.wait_text("Specs")
        terminal.wait_quiet(2)
        go_to_specs(terminal)
        cursor = time_keys(terminal, ("down", "up"), LEFT)
        terminal.press("1")
        places = time_keys(terminal, ("2", "3", "5", "9", "1"), text_of(27, 84, 2, 3), 3)
        again = time_keys(terminal, ("2", "3", "5", "9", "1"), text_of(27, 84, 2, 3), 3)
    say(
        capsys,
        f"at rest (load {os.getloadavg()[0]:.1f})",
        f"empty app, one key      {reference[0] * 1000:8.1f} ms",
        f"cursor in a list        {describe_times(cursor)}",
        f"another place           {describe_times(places)}",
        f"another place, again    {describe_times(again)}",
    )


@pytest.mark.parametrize("link", LINKS)
def test_keys_while_builds_run_and_a_log_pours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], link: str
) -> None:
    with (
        busy_box(tmp_path) as box,
        Terminal(ENVBENCH.argv, home=box.home, cwd=box.home / "project", **LINKS[link]) as terminal,
    ):
        terminal.wait_text("pouring", 60)
        show_log(terminal)
        box.build_again_and_again()
        terminal.wait_text("again: done", 90)
        before, began = cpu_seconds(terminal.pid), time.monotonic()
        bytes_per_s = terminal.count_bytes(10) / 10
        cpu = (cpu_seconds(terminal.pid) - before) / (time.monotonic() - began)
        terminal.press("g")
        time.sleep(2)
        reading = time_keys(terminal, ("pagedown", "down", "pageup", "down"), LOG)
        terminal.press("end")
        go_to_specs(terminal)
        cursor = time_keys(terminal, ("down", "up"), LEFT)
        header = terminal.screen_text().splitlines()[0].strip()
    say(
        capsys,
        f"{link}: builds run, a log of {LINES_PER_S} lines/s is shown (load {os.getloadavg()[0]:.1f})",
        f"bytes                   {bytes_per_s / 1000:8.1f} kB/s, {cpu:.0%} of a core; {header}",
        f"cursor in a list        {describe_times(cursor)}",
        f"reading the log         {describe_times(reading)}",
    )


def show_log(terminal: Terminal) -> None:
    """Show the log of the job that pours, whatever other jobs come."""
    terminal.press("6")
    terminal.wait_text("of what is built here", 60)
    terminal.press("[")
    terminal.wait_text("nothing to do", 60)
    terminal.press("]")
    terminal.wait_text("of what is built here", 60)
