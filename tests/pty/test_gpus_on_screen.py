"""The GPUs on the real screen, read through the real binding from a driver made for tests."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gpu_driver import StubBox, eight_gpus, gpus, hang, process
from tests.pty.bench_box import PATIENCE_S, BenchBox
from tests.pty.terminal import Terminal

pytestmark = pytest.mark.pty

POWER = "nvmlDeviceGetPowerUsage"
QUIET = {"ecc": 0, "eccu": 0, "pending": 0, "throttle": 0}


@pytest.fixture
def gpu_box(bench_box: BenchBox, tmp_path: Path) -> StubBox:
    """Put the driver into the box."""
    box = StubBox(tmp_path)
    bench_box.environ |= box(*eight_gpus(**QUIET))
    return box


@pytest.fixture
def training(bench_box: BenchBox) -> Iterator[subprocess.Popen[bytes]]:
    """Run something in an environment of conda that envbench finds; it ends by SIGTERM."""
    prefix = bench_box.home / "conda" / "lab"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta" / "history").write_text("")
    (bench_box.home / ".conda").mkdir()
    (bench_box.home / ".conda" / "environments.txt").write_text(f"{prefix}\n")
    child = subprocess.Popen(
        ["/bin/sh", "-c", "echo; exec sleep 600"],
        env={
            "PATH": os.environ["PATH"],
            "CONDA_PREFIX": str(prefix),
            "CUDA_VISIBLE_DEVICES": "0,1",
        },
        stdout=subprocess.PIPE,
    )
    try:
        assert child.stdout is not None
        child.stdout.readline()
        yield child
    finally:
        child.kill()
        child.wait()


def line_of(terminal: Terminal, start: str) -> str:
    """Give the line of the pane in the centre that begins so; empty when there is none."""
    for line in terminal.screen_text().splitlines():
        text = line.rpartition("││")[2].strip("│ ")
        if text.startswith(start):
            return text
    return ""


def open_gpus(bench_box: BenchBox, **size: int) -> Terminal:
    terminal = bench_box.open(**size)
    terminal.wait_text("Specs|7", PATIENCE_S)
    terminal.press("7")
    terminal.wait_text(r"7 GPUS", PATIENCE_S)
    terminal.wait_text(r"driver \d+", PATIENCE_S)
    return terminal


def test_eight_gpus_are_shown_and_a_hang_takes_one_row(
    bench_box: BenchBox, gpu_box: StubBox
) -> None:
    with open_gpus(bench_box) as terminal:
        terminal.wait_for(lambda: all(line_of(terminal, f"{n}  H100") for n in range(8)))
        assert "13%" in line_of(terminal, "3  H100")
        assert "43" in line_of(terminal, "3  H100").split(), "its temperature"
        gpu_box.rewrite(*gpus(8, **QUIET, wave=40, period=3), hang(POWER, 3))
        terminal.wait_for(
            lambda: f"{POWER}" in line_of(terminal, "3  HUNG"),
            PATIENCE_S,
        )
        assert "7 others go on" in line_of(terminal, "3  ")
        before = line_of(terminal, "5  H100")
        terminal.wait_for(lambda: line_of(terminal, "5  H100") not in {before, ""}, PATIENCE_S)
        assert "GPU 3 HUNG" in terminal.screen_text().splitlines()[0]
        terminal.press("q")
        assert terminal.wait_exit() == 0, "a driver that hangs does not keep the screen"


def test_gpus_at_rest_send_nothing(bench_box: BenchBox, gpu_box: StubBox) -> None:
    with open_gpus(bench_box) as terminal:
        terminal.wait_for(lambda: line_of(terminal, "7  H100"))
        terminal.wait_quiet(3.0, PATIENCE_S)
        assert terminal.count_bytes(3.0) == 0


def test_a_small_screen_shows_sixteen(bench_box: BenchBox, gpu_box: StubBox) -> None:
    gpu_box.rewrite(*gpus(16, **QUIET))
    with open_gpus(bench_box, columns=80, rows=24) as terminal:
        terminal.wait_for(lambda: line_of(terminal, "0  H100"))
        for _ in range(15):
            terminal.press("down")
        terminal.wait_for(lambda: line_of(terminal, "15  H100"), PATIENCE_S)
        terminal.press("1")
        terminal.wait_text(r"gpu\s+0 10%", PATIENCE_S)


def test_from_a_process_to_its_environment_and_lock(
    bench_box: BenchBox, gpu_box: StubBox, training: "subprocess.Popen[bytes]"
) -> None:
    gpu_box.add(process(0, training.pid, 20_000), process(1, training.pid, 10_000))
    with open_gpus(bench_box) as terminal:
        go_to_process(terminal, training.pid)
        terminal.wait_text(rf"0,1 +{training.pid} +\w+ +lab .* 29 ", PATIENCE_S)
        terminal.wait_text("CUDA_VISIBLE_DEVICES=0,1", PATIENCE_S)
        terminal.press("enter")
        terminal.wait_text("5 ENVS", PATIENCE_S)
        terminal.wait_text(
            f"pid {training.pid} runs in lab; Enter again shows its lock", PATIENCE_S
        )
        terminal.press("enter")
        terminal.wait_text("4 LOCK", PATIENCE_S)


def test_a_signal_to_ones_own_process_asks_first(
    bench_box: BenchBox, gpu_box: StubBox, training: "subprocess.Popen[bytes]"
) -> None:
    gpu_box.add(process(2, training.pid, 20_000))
    with open_gpus(bench_box) as terminal:
        go_to_process(terminal, training.pid)
        terminal.press("K")
        terminal.wait_text(f"Send a signal to pid {training.pid}", PATIENCE_S)
        terminal.wait_text("What it has not saved is lost", PATIENCE_S)
        terminal.press("enter")
        terminal.wait_for(lambda: "Send a signal" not in terminal.screen_text())
        assert training.poll() is None, "the default is no"
        terminal.press("K")
        terminal.wait_text("Send a signal", PATIENCE_S)
        terminal.press("down", "enter")
        terminal.wait_text(f"pid {training.pid} was sent TERM", PATIENCE_S)
        assert training.wait(PATIENCE_S) == -signal.SIGTERM


def go_to_process(terminal: Terminal, pid: int) -> None:
    """Put the cursor on the last row, which is the process."""
    terminal.wait_text(rf"{pid}\s+\w+", PATIENCE_S)
    terminal.press("end")
    terminal.wait_text(r"\d: sleep 600", PATIENCE_S)
