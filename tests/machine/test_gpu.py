"""On a box with an NVIDIA GPU: what the driver really says."""

import os
import re
import shutil
import subprocess

import pytest

from envbench.machine.gpus import ask_driver
from envbench.machine.host import detect_host

pytestmark = pytest.mark.gpu


@pytest.fixture
def facts():
    found = ask_driver(dict(os.environ))
    if found.cuda is None:
        pytest.skip(found.reason)
    return found


def test_versions_and_gpus(facts):
    assert re.fullmatch(r"[0-9]+\.[0-9]+", facts.cuda)
    assert facts.driver
    assert facts.gpus
    for gpu in facts.gpus:
        assert gpu.name
        assert gpu.uuid.startswith("GPU-")
        assert re.fullmatch(r"[0-9]+\.[0-9]+", gpu.capability)
    profile = detect_host(dict(os.environ))
    assert profile.cuda == facts.cuda
    assert profile.cuda_arch == facts.lowest_capability


def test_the_drivers_own_program_says_the_same(facts):
    program = shutil.which("nvidia-smi")
    if not program:
        pytest.skip("no nvidia-smi")
    query = ["--query-gpu=name,driver_version,compute_cap", "--format=csv,noheader"]
    answer = subprocess.run(
        [program, *query], capture_output=True, text=True, timeout=60, check=True
    )
    rows = [[part.strip() for part in line.split(",")] for line in answer.stdout.splitlines()]
    assert rows == [[gpu.name, facts.driver, gpu.capability] for gpu in facts.gpus]
