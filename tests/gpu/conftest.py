"""What the tests on a real GPU share. All of them are marked `gpu`: `pytest -m gpu -s`.

Variables: `ENVBENCH_GPU_ENVS` names prefixes with frameworks, separated by colons (this Python's
environment by default); `ENVBENCH_GPU_SECONDS` says how long the sampler is followed (300).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from envbench.machine.gpus import ask_driver


@pytest.fixture(scope="session")
def gpus():
    facts = ask_driver(dict(os.environ))
    if not facts.gpus:
        pytest.skip(facts.reason or "no GPU")
    return facts.gpus


@pytest.fixture(scope="session")
def framework_prefixes() -> tuple[Path, ...]:
    named = os.environ.get("ENVBENCH_GPU_ENVS", "")
    found = [Path(part) for part in named.split(":") if part] or [Path(sys.prefix)]
    return tuple(path for path in found if (path / "bin" / "python").exists())


@pytest.fixture
def ask_nvidia_smi():
    program = shutil.which("nvidia-smi")
    if not program:
        pytest.skip("no nvidia-smi")

    def ask(fields: str, what: str = "gpu") -> list[list[str]]:
        query = [f"--query-{what}={fields}", "--format=csv,noheader,nounits"]
        answer = subprocess.run(
            [program, *query], capture_output=True, text=True, timeout=60, check=True
        )
        lines = [line for line in answer.stdout.splitlines() if line.strip()]
        return [[part.strip() for part in line.split(",")] for line in lines]

    return ask
