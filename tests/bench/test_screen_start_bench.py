"""How fast the screen is there, against an empty Textual app; how many bytes it costs."""

import os
from pathlib import Path
from statistics import median

import pytest

from tests.bench.screens import (
    EMPTY,
    ENVBENCH,
    NAIVE,
    count_frames,
    measure_start,
    open_program,
    resident_mib,
)

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

ROUNDS = int(os.environ.get("ENVBENCH_BENCH_ROUNDS", "9"))


def test_first_picture_and_first_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    programs = (EMPTY, ENVBENCH, NAIVE)
    for program in programs:
        measure_start(program, tmp_path / f"warm-{program.name}")
    times = {program.name: ([], []) for program in programs}
    for number in range(ROUNDS):
        for program in programs:
            found = measure_start(program, tmp_path / f"{number}-{program.name}")
            for kept, seconds in zip(times[program.name], found, strict=True):
                kept.append(seconds)
    reference = [median(kept) for kept in times[EMPTY.name]]
    with capsys.disabled():
        print(f"\nstart, median of {ROUNDS} in turns (load {os.getloadavg()[0]:.1f}, compiled)")
        print(f"{'':20} {'first picture':>22} {'first answered key':>24}")
        for name, kept in times.items():
            cells = [
                f"{median(seconds):8.3f} s {median(seconds) / unit:5.2f} x"
                for seconds, unit in zip(kept, reference, strict=True)
            ]
            print(f"{name:20} {cells[0]:>22} {cells[1]:>24}")


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_bytes_of_the_start_and_of_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], size: tuple[int, int]
) -> None:
    told = []
    for program in (EMPTY, ENVBENCH, NAIVE):
        columns, rows = size
        with open_program(program, tmp_path / program.name, columns=columns, rows=rows) as terminal:
            early = terminal.count_bytes(2.5)
            terminal.wait_quiet(2.5, 60)
            settled = len(terminal.raw)
            idle = terminal.count_bytes(10) if program is ENVBENCH else terminal.count_bytes(2)
            told.append(
                f"{program.name:20} {early / 1000:6.1f} kB in 2.5 s, {settled / 1000:6.1f} kB until"
                f" all is known, {count_frames(terminal):2} pictures; idle {idle} bytes;"
                f" RSS {resident_mib(terminal.pid):.1f} MiB"
            )
    with capsys.disabled():
        print(f"\n{size[0]}x{size[1]}\n" + "\n".join(told))
