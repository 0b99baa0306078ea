"""Whose process it is that works on a real GPU, and in which environment."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envbench.machine.sampler.once import take_sample
from envbench.model.gpu_process import EnvironmentSource

pytestmark = pytest.mark.gpu

HOLDER = Path(__file__).with_name("cuda_holder.py")
HELD_MIB = 512


@pytest.fixture
def prefix(tmp_path) -> Path:
    """An environment as conda makes them, as far as a running process can show it."""
    found = tmp_path / "envs" / "training"
    (found / "conda-meta").mkdir(parents=True)
    (found / "conda-meta" / "history").touch()
    return found


@pytest.fixture
def trainer(gpus, prefix):
    child = subprocess.Popen(
        [sys.executable, str(HOLDER), str(HELD_MIB)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "CONDA_PREFIX": str(prefix), "CUDA_VISIBLE_DEVICES": gpus[0].uuid},
    )
    said = child.stdout.readline()
    assert said == "ready\n", said + child.stdout.read()
    yield child
    child.stdin.close()
    child.wait(timeout=30)


def _find(pid: int):
    """Look for the process; in a container the driver may tell other numbers than those here."""
    deadline = time.monotonic() + 15
    while True:
        sample = take_sample(dict(os.environ))
        found = [process for process in sample.processes if process.pid == pid]
        if found or time.monotonic() > deadline:
            return sample, found


def test_a_training_process_is_linked_to_its_environment(trainer, prefix):
    sample, found = _find(trainer.pid)
    if not found and sample.processes and not any(p.is_here for p in sample.processes):
        pytest.skip("the driver tells the pids of another namespace here")
    if not found and Path("/.dockerenv").exists() and not sample.processes:
        pytest.skip("the driver tells no pids inside of this container")
    assert found, [process.pid for process in sample.processes]
    process = found[0]
    print(f"\npid {process.pid} {process.user} {process.environment} {process.memory_used_bytes}")
    assert process.is_here and process.is_own
    assert process.environment is not None
    assert process.environment.prefix == str(prefix)
    assert process.environment.source is EnvironmentSource.VARIABLES
    assert "cuda_holder.py" in (process.command or "")
    if process.memory_used_bytes is not None:
        assert process.memory_used_bytes >= HELD_MIB << 20


def test_the_memory_it_holds_is_seen_on_its_gpu(trainer, gpus):
    sample = take_sample(dict(os.environ))
    mine = next(gpu for gpu in sample.gpus if gpu.uuid == gpus[0].uuid)
    assert mine.memory_used_bytes is not None
    assert mine.memory_used_bytes >= HELD_MIB << 20


def test_the_command_tells_the_same(trainer):
    answer = subprocess.run(
        [sys.executable, "-m", "envbench", "gpus", "--json"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    document = json.loads(answer.stdout)
    assert document["schema"] == "envbench.gpus/1"
    print(json.dumps(document, indent=1)[:4000])
