"""Which uv is run, and that it is not an old one."""

import re
import subprocess
from functools import cache
from pathlib import Path

from packaging.version import Version

from envbench.engine.pip_section.errors import UvError

OLDEST_UV = "0.11.28"
"""Older ones let wheels write outside the prefix (GHSA-4gg8-gxpx-9rph, ZIP parser differences)."""


@cache
def find_uv() -> Path:
    """Return the executable that came with the `uv` wheel.

    Raises:
        UvError: It is missing, does not run, or is older than `OLDEST_UV`.
    """
    import uv  # only the worker needs it

    try:
        executable = Path(uv.find_uv_bin())
    except FileNotFoundError as error:
        raise UvError("uv is not installed", hint="Run: pip install uv") from error
    check_uv(executable)
    return executable


def check_uv(executable: Path) -> str:
    """Return the version of an executable.

    Raises:
        UvError: It does not run, or is older than `OLDEST_UV`.
    """
    try:
        answer = subprocess.run(
            [str(executable), "--no-config", "--version"],
            capture_output=True, text=True, timeout=30, check=True, stdin=subprocess.DEVNULL,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise UvError("uv does not run", where=str(executable), why=str(error)) from error
    match = re.match(r"uv (\d+(?:\.\d+)+)", answer)
    if match is None or Version(match[1]) < Version(OLDEST_UV):
        raise UvError(
            f"uv is too old: {answer.strip()[:60]!r}",
            where=str(executable),
            why=f"Versions before {OLDEST_UV} let a package write outside of its environment.",
            hint=f"Run: pip install 'uv>={OLDEST_UV}'",
        )
    return match[1]
