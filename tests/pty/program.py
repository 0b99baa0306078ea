"""The program in the terminal: its environment, its start, its state."""

import os
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def make_environment(home: Path, environ: Mapping[str, str | None]) -> dict[str, str]:
    """Make the whole environment of a program: a fixed terminal, private folders, nothing else."""
    home.mkdir(parents=True, exist_ok=True)
    variables: dict[str, str | None] = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPOSITORY),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "SHELL": "/bin/sh",
        "HOME": str(home),
        "ENVBENCH_STATE_DIR": str(home / "state"),
        "ENVBENCH_CACHE_DIR": str(home / "cache"),
        "ENVBENCH_CONFIG_DIR": str(home / "config"),
        "ENVBENCH_ENVS_DIR": str(home / "envs"),
        **environ,
    }
    return {name: value for name, value in variables.items() if value is not None}


def become(argv: list[str], variables: dict[str, str], cwd: Path, slave: int) -> None:
    """Turn the forked child into the program; never returns."""
    try:
        os.login_tty(slave)
        os.chdir(cwd)
        os.execvpe(argv[0], argv, variables)
    finally:
        os._exit(127)


def process_state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
