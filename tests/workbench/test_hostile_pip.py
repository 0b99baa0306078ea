"""Pip sections that want to run code, through the command line."""

import os
import subprocess
import sys
from pathlib import Path

from tests.workbench.conftest import Box
from tests.workbench.wheels import make_sdist


def test_hostile_row_17_a_source_distribution_runs_nothing_without_consent(
    box: Box, python_channel: Path
):
    marker = box.root / "setup-ran"
    wheels = box.root / "wheels"
    make_sdist(wheels, "evil", marker)
    spec = box.write_spec("python", "pip", pip=("evil",), channel=python_channel.as_uri())
    environ = dict(os.environ) | {
        "PIP_FIND_LINKS": str(wheels), "PIP_NO_INDEX": "1", "UV_HTTP_RETRIES": "0",
    }  # fmt: skip
    for extra in ((), ("--offline",)):
        done = subprocess.run(
            [sys.executable, "-m", "envbench", "build", str(spec), *extra],
            capture_output=True, text=True, check=False, env=environ, cwd=box.root,
            stdin=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
        assert done.returncode == 1, (done.stdout, done.stderr)
        assert "would run code of evil" in done.stderr
        assert "env.yml:8" in done.stderr
        assert "next: " in done.stderr
        assert not marker.exists()
        assert not os.path.lexists(box.path())
        assert box.leftovers() == []
