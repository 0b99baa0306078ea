"""Whether the pid that a driver tells is that of a process here.

Outside of containers it is. Inside of one, a driver tells numbers of the host or translates them,
depending on its version; a number of the host may by chance be that of another process here. So a
process must hold a device file of a GPU open to be believed.

Source: NVIDIA/nvidia-docker#179 and #1483, NVIDIA/open-gpu-kernel-modules#614; pid_namespaces(7),
proc(5) on `hidepid`.
"""
# ruff: noqa: PTH208

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from envbench.machine.process_files import (
    EndedError,
    ProcessFiles,
    ProcessStat,
    UnreadError,
    is_on_host,
)

DEVICE_FILES = ("/dev/nvidia", "/dev/dri/", "/dev/kfd", "/dev/dxg")
"""How the paths begin of what a process holds open while it uses a GPU."""
ENDED = "it has ended since the driver listed it"
OUTSIDE = "outside this container"
TAKEN = "outside this container; its number means another process here"
DOUBTFUL = "most likely outside this container, as others of the list are"
HIDDEN = "another user's, and /proc is mounted so that it hides those"


class Match(Enum):
    """Whether a process of a number is the one that the driver means."""

    PROVEN = auto()
    REFUTED = auto()
    OPEN = auto()
    """Its files are not for us to see."""
    ABSENT = auto()
    """There is no process of this number."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why nothing is told of a process."""

    reason: str
    is_here: bool = False


class PidMatcher:
    """Judges pids, and learns from those that are certain about those that are not."""

    def __init__(self, proc: str, devices: Sequence[str], *, is_host: bool | None = None) -> None:
        """Find out where we are.

        Args:
            proc: Where `/proc` is mounted.
            devices: How the paths of a GPU's device files begin.
            is_host: Whether the driver's pids are certainly those of this `/proc`; None finds out.
        """
        self._devices = tuple(devices)
        self._is_host = is_on_host(proc) if is_host is None else is_host
        self._absent: set[int] = set()
        self._are_foreign = False
        self._are_ours = False

    def match(self, files: ProcessFiles, stat: ProcessStat) -> Match:
        """Judge one process.

        Raises:
            EndedError: It is gone.
        """
        # What has ended has closed its files; on a box without device files nothing is proven.
        if self._is_host or stat.has_ended or not any(map(_is_there, self._devices)):
            return Match.PROVEN
        try:
            held = any(path.startswith(self._devices) for path in files.list_open_files())
        except EndedError:
            raise
        except UnreadError:
            return Match.OPEN
        return Match.PROVEN if held else Match.REFUTED

    def learn(self, matches: Mapping[int, Match]) -> None:
        """Learn whose numbers the driver tells, from all of one list.

        One look proves no absence: a process may have ended since the driver listed it.
        """
        absent = {pid for pid, m in matches.items() if m in {Match.REFUTED, Match.ABSENT}}
        self._are_ours |= Match.PROVEN in matches.values()
        self._are_foreign |= bool(absent & self._absent)
        self._absent = absent

    def doubt(self, pid: int, match: Match) -> Doubt | None:
        """Say why a process is not told of; None where it may be."""
        if match is Match.ABSENT:
            return self._explain_absence(pid)
        if match is Match.REFUTED:
            return Doubt(TAKEN)
        if match is Match.OPEN and self._are_foreign and not self._are_ours:
            return Doubt(DOUBTFUL)
        return None

    def _explain_absence(self, pid: int) -> Doubt:
        if not self._is_host:
            return Doubt(OUTSIDE)
        return Doubt(HIDDEN, is_here=True) if _lives(pid) else Doubt(ENDED)


def _is_there(prefix: str) -> bool:
    """Tell whether any path begins so."""
    folder, name = os.path.split(prefix)
    try:
        return any(found.startswith(name) for found in os.listdir(folder))
    except OSError:
        return False


def _lives(pid: int) -> bool:
    """Tell whether the kernel knows a process that /proc does not show."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
