"""What the GPUs cost on the screen: bytes to the terminal and processor time, beside nvitop.

pytest -m bench tests/bench/test_gpu_panel_bench.py
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.gpu_rivals import (
    RIVALS,
    VARIABLE,
    ScreenCost,
    cpu_of,
    cpu_of_tree,
    find_rivals,
    measure_nvitop,
)
from tests.bench.screens import ENVBENCH, make_project
from tests.gpu_driver import StubBox, gpus, process
from tests.pty.terminal import Terminal

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

SECONDS = float(os.environ.get("ENVBENCH_BENCH_SECONDS", "20"))
BUDGET = 1200.0
WAVE = 30
"""Percent by which everything moves up and down."""


def box_lines() -> list[str]:
    """Eight GPUs at work whose figures move all the time, and processes on them."""
    kept = {"ecc": 1, "eccu": 0, "pending": 0, "throttle": 0, "nvlink": "A" * 12, "wave": WAVE}
    busy = [
        line
        for index in range(8)
        for line in gpus(1, **kept, util=50 + 4 * index, used=40_000, temp=60, uuid=uuid(index), bus=index + 1)
    ]  # fmt: skip
    return [*busy, *(process(index, os.getpid(), 30_000) for index in range(8))]


def uuid(index: int) -> str:
    return f"GPU-{index:08d}-0000-0000-0000-000000000000"


def measure(
    environ: dict[str, str], home: Path, prepare: Callable[[Terminal], None], size: tuple[int, int]
) -> tuple[ScreenCost, float]:
    """Measure the screen after what `prepare` does; also the processor share of the screen alone."""
    columns, rows = size
    with Terminal(ENVBENCH.argv, home=home, cwd=make_project(home), environ=environ,
                  columns=columns, rows=rows) as terminal:  # fmt: skip
        terminal.wait_text("Specs|numpy", 60)
        terminal.wait_quiet(1)
        prepare(terminal)
        time.sleep(5)  # The start, and what it is about the link, is another figure.
        began, before = time.monotonic(), len(terminal.raw)
        used, own = cpu_of_tree(terminal.pid), cpu_of(terminal.pid)
        time.sleep(SECONDS)
        took = time.monotonic() - began
        cost = ScreenCost(
            bytes_per_s=(len(terminal.raw) - before) / took,
            cpu_percent=(cpu_of_tree(terminal.pid) - used) / took * 100,
            seconds=took,
        )
        return cost, (cpu_of(terminal.pid) - own) / took * 100


def open_place(terminal: Terminal) -> None:
    terminal.press("7")
    terminal.wait_text(r"every 1 s", 60)
    terminal.wait_text(r"\d%", 60)


def open_zoomed(terminal: Terminal) -> None:
    open_place(terminal)
    terminal.press("z")
    terminal.wait_text("last 2 min", 60)


def stay_at_spec(terminal: Terminal) -> None:
    terminal.wait_text(r"GPUs\s+8", 60)


def open_plan(terminal: Terminal) -> None:
    terminal.press("2")
    terminal.wait_text(r"gpu\s+0 ", 60)


VIEWS = {
    "GPU place, 120x40": (open_place, (120, 40)),
    "GPU place, zoomed, 120x40": (open_zoomed, (120, 40)),
    "GPU place, 80x24": (open_place, (80, 24)),
    "spec with GPUs beside, 120x40": (stay_at_spec, (120, 40)),
    "plan with the strip, 80x24": (open_plan, (80, 24)),
}


def test_bytes_and_processor_time_beside_nvitop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["", f"8 GPUs whose figures move, {SECONDS:g} s each (load {os.getloadavg()[0]:.1f})"]
    found: dict[str, ScreenCost] = {}
    for number, (name, (prepare, size)) in enumerate(VIEWS.items()):
        root = tmp_path / str(number)
        root.mkdir()
        cost, own = measure(StubBox(root)(*box_lines()), root / "home", prepare, size)
        found[name] = cost
        lines.append(
            f"{name:<32}{cost.bytes_per_s:8.0f} B/s   cpu {cost.cpu_percent:5.1f} %"
            f" (screen alone {own:.1f} %)"
        )
    if os.environ.get(VARIABLE):
        rivals = find_rivals(tmp_path / "rivals")
        root = tmp_path / "nvitop"
        root.mkdir()
        cost = measure_nvitop(rivals, StubBox(root)(*box_lines()), root / "home", seconds=SECONDS)
        lines.append(f"{RIVALS[0]:<32}{cost.bytes_per_s:8.0f} B/s   cpu {cost.cpu_percent:5.1f} %")
    with capsys.disabled():
        print("\n".join(lines))
    assert found["GPU place, 120x40"].bytes_per_s <= BUDGET
