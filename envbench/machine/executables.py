"""Programs on PATH that envbench may use or should know of, and their versions."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CONDA_CLIENTS = ("conda", "mamba", "micromamba", "pixi")
SHELLS = ("bash", "zsh", "fish", "dash", "tcsh", "xonsh", "nu", "pwsh")
TOOLS = ("uv", "git", "nvidia-smi")
_VERSION = re.compile(r"\b\d+\.\d+(?:\.\d+)*(?:[.-]?[a-z]+\d*)?")
_MIN_CONDA = (26, 5, 2)
"""Older ones follow entry points out of the prefix (CVE-2026-53940)."""


@dataclass(frozen=True, slots=True)
class Executable:
    """One program that was found."""

    name: str
    path: Path
    """As found on PATH, links not followed."""


def find_executable(name: str, environ: Mapping[str, str]) -> Executable | None:
    """Find one program on PATH; conda is also found by `CONDA_EXE`, as its shell function does."""
    path = shutil.which(name, path=environ.get("PATH", os.defpath))
    if path is None and name in {"conda", "micromamba", "mamba"}:
        variable = {"conda": "CONDA_EXE", "mamba": "MAMBA_EXE", "micromamba": "MAMBA_EXE"}[name]
        given = environ.get(variable, "")
        if Path(given).name == name and os.access(given, os.X_OK):
            path = given
    return Executable(name, Path(path)) if path else None


def find_executables(
    environ: Mapping[str, str], names: tuple[str, ...] = (*CONDA_CLIENTS, *TOOLS, *SHELLS)
) -> tuple[Executable, ...]:
    """List the programs that are there, in the order of `names`; none is run."""
    found = (find_executable(name, environ) for name in names)
    return tuple(executable for executable in found if executable)


def ask_version(executable: Executable, *, timeout_s: float = 20.0) -> str | None:
    """Run `PROGRAM --version` and take the first version out of what it prints.

    Returns:
        None when it prints none, fails or does not end in time.
    """
    try:
        answer = subprocess.run(
            [str(executable.path), "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            start_new_session=True,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(
        (answer.stdout + b"\n" + answer.stderr)[:10_000].decode(errors="replace")
    )
    return match[0] if match else None


def warn_of_version(name: str, version: str) -> str:
    """Say why a version is too old to be trusted; empty when nothing is known against it."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    if name == "conda" and numbers < _MIN_CONDA:
        return "conda below 26.5.2 lets a package write outside of the prefix (CVE-2026-53940)"
    return ""
