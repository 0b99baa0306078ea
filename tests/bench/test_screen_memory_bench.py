"""Memory of the screen: at the start, and over what somebody does with it in an hour."""

import os
from pathlib import Path

import pytest

from tests.bench.screens import EMPTY, ENVBENCH, open_program, paper, resident_mib, wait_idle
from tests.pty.terminal import Terminal

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

LAPS = int(os.environ.get("ENVBENCH_BENCH_LAPS", "60"))
"""One lap is about what a minute of work is: places, cursors, edits, a save, a question."""
WARM = max(3, LAPS // 6)


def test_memory_over_an_hour_of_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_program(EMPTY, tmp_path / "empty") as terminal:
        terminal.wait_for(lambda: paper(terminal) != "default")
        wait_idle(terminal)
        empty = resident_mib(terminal.pid)
    with open_program(ENVBENCH, tmp_path / "home") as terminal:
        terminal.wait_text("numpy>=1.26", 60)
        terminal.wait_quiet(2, 60)
        start = resident_mib(terminal.pid)
        found = []
        for number in range(LAPS):
            go_round(terminal, number)
            found.append(resident_mib(terminal.pid))
            assert terminal.exit_code is None
        rest = resident_mib(terminal.pid)
    warm, last = found[WARM - 1], found[-1]
    with capsys.disabled():
        print(
            f"\nRSS: empty app {empty:.1f} MiB, envbench at the start {start:.1f}, after {WARM} laps"
            f" {warm:.1f}, after {LAPS} laps {last:.1f} ({(last - warm) / warm:+.1%}), at rest {rest:.1f}"
        )
        print("each tenth: " + " ".join(f"{mib:.1f}" for mib in found[:: max(1, LAPS // 10)]))


def go_round(terminal: Terminal, number: int) -> None:
    """Do a bit of everything."""
    for place in "23459068":
        terminal.press(place, "down", "down", "up", "pagedown", "home")
    terminal.press("1", "escape")
    wait_idle(terminal)
    terminal.press("e")
    wait_idle(terminal)
    # The spec is named as it was at the end of every second lap.
    terminal.press("end", "backspace" if number % 2 else "y", "ctrl+s", "pagedown", "pageup")
    wait_idle(terminal)
    terminal.press("escape")
    for overlay in ("?", ":", "ctrl+t"):
        terminal.press(overlay)
        wait_idle(terminal)
        terminal.press("down", "escape")
    terminal.press("tab", "down", "tab", "down", "shift+tab", "shift+tab", "1")
    if number % 5 == 0:
        terminal.resize(100, 30)
        wait_idle(terminal)
        terminal.resize(120, 40)
    terminal.wait_text("1 SPEC", 60)
    wait_idle(terminal)
