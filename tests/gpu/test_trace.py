"""What `envbench run` records of a process that really uses a GPU."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.gpu

HOLDER = Path(__file__).with_name("cuda_holder.py")


def test_a_run_is_summed_up(gpus):
    """Some seconds of work on a GPU of which peak memory, utilization and energy are told."""
    script = f"(sleep 6) | {sys.executable} {HOLDER} 1024"
    answer = subprocess.run(
        [sys.executable, "-m", "envbench", "run", sys.prefix, "--", "sh", "-c", script],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    print(answer.stderr)
    assert answer.returncode == 0, answer.stderr
    assert "ready" in answer.stdout
    assert re.search(r"\d+(\.\d+)? (Wh|kJ|J)\b", answer.stderr)
