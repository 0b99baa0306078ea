"""Who a process is, whether it lives, which others belong to it, and how to signal it safely.

A pid alone says nothing: pids are used again, and mean something else in the next container.
The supervisor reads this file: standard library only.

Source: proc_pid_stat(5), pidfd_open(2), pidfd_send_signal(2).
"""
# Pathlib costs the supervisor a tenth of its memory.
# ruff: noqa: PTH115, PTH116, PTH123, PTH208

import ctypes
import functools
import os
import signal
from collections.abc import Collection

from envbench.jobs import layout
from envbench.model.job_states import Life

# The two calls have these numbers on every architecture; Pythons that were built against old
# kernel headers (conda's among them) lack os.pidfd_open.
_PIDFD_SEND_SIGNAL = 424
_PIDFD_OPEN = 434
_GONE = frozenset("ZX")
_SUPERVISES = layout.SUPERVISOR_VARIABLE.encode() + b"="

libc = ctypes.CDLL(None, use_errno=True)

Identity = dict[str, object]
"""The fields of `envbench.model.job.ProcessIdentity`, as they lie on disk."""


def identify(pid: int) -> Identity | None:
    """Tell a process from every other one that ever had its pid; None when it is gone."""
    stat = read_stat(pid)
    if stat is None:
        return None
    return {**identify_place(), "pid": pid, "start_ticks": stat[2]}


@functools.cache
def identify_place() -> dict[str, str]:
    """Tell this machine, this boot of it and this pid namespace from all others."""
    return {
        "machine_id": _read_text("/etc/machine-id") or os.uname().nodename,
        "boot_id": _read_text("/proc/sys/kernel/random/boot_id"),
        "pid_namespace": os.readlink("/proc/self/ns/pid"),
    }


def read_life(record: Identity | None) -> Life:
    """Say whether the process on record lives.

    One of another machine or container is `UNKNOWN`: it must neither be reaped nor restarted.
    """
    if record is None:
        return Life.NONE
    here = identify_place()
    if record.get("machine_id") != here["machine_id"]:
        return Life.UNKNOWN
    if record.get("boot_id") != here["boot_id"]:
        return Life.DEAD
    if record.get("pid_namespace") != here["pid_namespace"]:
        return Life.UNKNOWN
    pid = record.get("pid")
    stat = read_stat(pid) if isinstance(pid, int) and pid > 0 else None
    lives = stat is not None and stat[2] == record.get("start_ticks") and stat[0] not in _GONE
    return Life.ALIVE if lives else Life.DEAD


def is_from_here(record: Identity) -> bool:
    """Tell whether a record was made on this machine and, if since its boot, in this container."""
    here = identify_place()
    if record.get("machine_id") != here["machine_id"]:
        return False
    same_boot = record.get("boot_id") == here["boot_id"]
    return not same_boot or record.get("pid_namespace") == here["pid_namespace"]


def read_stat(pid: int) -> tuple[str, int, int] | None:
    """Read state, parent and start time (clock ticks since boot) of a process; None when gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            text = stream.read()
    except OSError:
        return None
    # The name in brackets may itself hold blanks and brackets: only the last one counts.
    fields = text[text.rfind(b")") + 2 :].split()
    if len(fields) < 20:
        return None
    return fields[0].decode(), int(fields[1]), int(fields[19])


def open_pidfd(record: Identity) -> int | None:
    """Get a descriptor that becomes readable when the process ends.

    Returns:
        None when the process is gone, or the kernel has no such descriptors (then look at
        `read_life` now and then).
    """
    pid = record.get("pid")
    if not isinstance(pid, int):
        return None
    descriptor = libc.syscall(_PIDFD_OPEN, pid, 0)
    if descriptor < 0:
        return None
    os.set_inheritable(descriptor, False)
    # First the descriptor, then the check: the other way round a stranger could slip in.
    if read_life(record) is not Life.ALIVE:
        os.close(descriptor)
        return None
    return int(descriptor)


def send_signal(record: Identity, number: int) -> bool:
    """Signal a process, and never a stranger that has its pid now; tell whether it was there."""
    descriptor = open_pidfd(record)
    if descriptor is None:
        return _send_by_pid(record, number)
    try:
        return bool(libc.syscall(_PIDFD_SEND_SIGNAL, descriptor, number, None, 0) == 0)
    finally:
        os.close(descriptor)


def find_members(marker: bytes, roots: Collection[int]) -> list[Identity]:
    """Find the living processes of a job.

    Args:
        marker: `NAME=value` as it stands in the environment of each of them, unless it dropped it.
        roots: Processes whose descendants belong to the job; the asking one may be among them.

    Returns:
        The roots, everything below them and everything of this user that bears the marker; but
        not the asking process itself, no supervisor, and nothing that bears the marker of another
        job: a worker may hand in a job of its own, which is then below it in the tree.
    """
    stats = {pid: stat for pid in _list_pids() if (stat := read_stat(pid)) is not None}
    entries = {pid: _read_environ(pid) for pid in stats}
    name = marker.partition(b"=")[0] + b"="
    marked = {pid for pid, found in entries.items() if marker in found}
    others = {pid for pid, found in entries.items() if _is_elsewhere(found, name, marker)}
    own = {pid: stat for pid, stat in stats.items() if pid not in others}
    found = _descend(own, set(roots) | marked) - others
    found.discard(os.getpid())
    place = identify_place()
    return [
        {**place, "pid": pid, "start_ticks": stats[pid][2]}
        for pid in sorted(found & stats.keys())
        if stats[pid][0] not in _GONE
    ]


def count_oom_kills() -> int:
    """Read how often the kernel killed something for lack of memory since boot, machine-wide."""
    for line in _read_text("/proc/vmstat").splitlines():
        if line.startswith("oom_kill "):
            return int(line.split()[1])
    return 0


def restore_signals() -> None:
    """Undo what a supervisor does to its signals; a hang-up stays ignored, as under nohup."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if signal.getsignal(number) not in (signal.SIG_DFL, None):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def _send_by_pid(record: Identity, number: int) -> bool:
    """Signal on a kernel without descriptors of processes: check, then hope for a microsecond."""
    pid = record.get("pid")
    if read_life(record) is not Life.ALIVE or not isinstance(pid, int):
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _descend(stats: dict[int, tuple[str, int, int]], roots: set[int]) -> set[int]:
    found = set(roots)
    grew = True
    while grew:
        below = {pid for pid, stat in stats.items() if stat[1] in found} - found
        found |= below
        grew = bool(below)
    return found


def _is_elsewhere(entries: Collection[bytes], name: bytes, marker: bytes) -> bool:
    """Tell from its environment whether a process belongs to another job, or supervises one."""
    return any(
        entry.startswith(_SUPERVISES) or (entry.startswith(name) and entry != marker)
        for entry in entries
    )


def _read_environ(pid: int) -> list[bytes]:
    """Read the environment that a process of this user was started with; empty for others."""
    try:
        if os.stat(f"/proc/{pid}").st_uid != os.geteuid():
            return []
        with open(f"/proc/{pid}/environ", "rb") as stream:
            return stream.read().split(b"\0")
    except OSError:
        return []


def _list_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _read_text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read().strip()
    except OSError:
        return ""
