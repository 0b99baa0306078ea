"""Uses the live environment without a pause, and keeps book of every time that it does not work.

    python watcher.py ENVIRONMENT TRUTH FAULTS

Runs `bin/app` by the stable path, as a user does, and looks into one generation that it holds
fast, as a running program does: both parts of it must be of one version. Ends when its standard
input does.
"""

import os
import select
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.jobs.counted_worker import EVENTS, LINES, Truth

PAUSE_S = 0.02
VERSIONS = ("1.0", "2.0")


def use(environment: str) -> str:
    """Give what is wrong; nothing is the answer that is hoped for."""
    try:
        child = subprocess.run([f"{environment}/bin/app"], capture_output=True, text=True)
    except OSError as fault:
        return f"bin/app did not start: {fault}"
    said = child.stdout.strip()
    if child.returncode or child.stderr or said not in [f"app {v}" for v in VERSIONS]:
        return f"bin/app: status {child.returncode}, said {said!r} and {child.stderr!r}"
    return look_inside(environment)


def look_inside(environment: str) -> str:
    """Hold one generation fast and compare its two packages."""
    try:
        held = os.open(environment, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as fault:
        return f"the environment cannot be opened: {fault}"
    try:
        app = read(held, "bin/app").split()[-1]
        part = read(held, "share/part").strip()
    except (OSError, IndexError) as fault:
        return f"a held generation is not whole: {fault}"
    finally:
        os.close(held)
    return "" if app == part and app in VERSIONS else f"app {app!r} beside part {part!r}"


def read(held: int, path: str) -> str:
    descriptor = os.open(path, os.O_RDONLY, dir_fd=held)
    try:
        return os.read(descriptor, 4096).decode()
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    environment, page, faults = sys.argv[1], Truth(Path(sys.argv[2])), Path(sys.argv[3])
    while not select.select([0], [], [], PAUSE_S)[0]:
        if fault := use(environment):
            with faults.open("a") as book:
                book.write(fault + "\n")
            page.bump(LINES)
        page.bump(EVENTS)
