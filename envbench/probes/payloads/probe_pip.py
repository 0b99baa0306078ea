"""pip: it starts, and the installed distributions agree with each other."""

import json
import subprocess
import sys

DISTRIBUTIONS = ("pip",)
CONDA_NAMES = ("pip",)
MODULES = ("pip",)


def _run_pip(*arguments):
    command = [
        sys.executable,
        "-B",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        *arguments,
    ]
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        check=False,
    )


def facts(probing):
    """Count the distributions that pip sees."""
    listed = _run_pip("list", "--format", "json")
    distributions = json.loads(listed.stdout) if listed.returncode == 0 else []
    return {"version": probing.modules["pip"].__version__, "distributions": len(distributions)}


def checks(probing):  # noqa: ARG001 - the signature of every payload
    """Count the lines of `pip check` that complain: none is right."""

    def consistency():
        outcome = _run_pip("check")
        if outcome.returncode == 0:
            return 0.0
        complaints = (outcome.stdout + outcome.stderr).strip()
        raise RuntimeError(complaints or "pip check ended with %d" % outcome.returncode)

    yield "consistency", "cpu", 0.0, consistency
