"""Start-up of the command against an interpreter that does nothing, in one run."""

import statistics
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.bench

ROUNDS = 21


def seconds(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def test_start_of_version_and_help(capsys):
    cases = {
        "python -c pass": ("-c", "pass"),
        "envbench --version": ("-m", "envbench", "--version"),
        "envbench --help": ("-m", "envbench", "--help"),
        "envbench check --help": ("-m", "envbench", "check", "--help"),
    }
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, arguments in cases.items():
            times[name].append(seconds(*arguments))
    medians = {name: statistics.median(found) for name, found in times.items()}
    reference = medians["python -c pass"]
    with capsys.disabled():
        for name, median in medians.items():
            print(f"\n{name:24} {median * 1000:7.1f} ms  {median / reference:5.2f} x", end="")
        print()
    assert all(len(found) == ROUNDS for found in times.values())
