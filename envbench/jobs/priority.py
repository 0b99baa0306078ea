"""Makes a background process give way to everything else on the box.

A nice value alone does nothing between sessions where the kernel groups processes by session
(autogroup), so the group is lowered as well. The supervisor reads this file.

Source: sched(7) on autogroups, ioprio_set(2), proc_pid_oom_score_adj(5).
"""
# Pathlib costs the supervisor a tenth of its memory.
# ruff: noqa: PTH123

import contextlib
import os

from envbench.jobs.processes import libc

NICE = 19
OOM_SCORE = 500
"""The kernel takes a build before the training run beside it."""

_IOPRIO_SET = {"x86_64": 251, "aarch64": 30, "riscv64": 30, "ppc64le": 273, "s390x": 282}
_IOPRIO_WHO_PROCESS = 1
_IOPRIO_IDLE = 3 << 13


def lower_priority() -> None:
    """Lower this process and what it starts: CPU and disk. To be called right after setsid.

    What the system does not allow stays as it is: a build at full speed beats none.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    _write("/proc/self/autogroup", str(NICE))
    number = _IOPRIO_SET.get(os.uname().machine)
    if number is not None:
        libc.syscall(number, _IOPRIO_WHO_PROCESS, 0, _IOPRIO_IDLE)


def offer_to_oom_killer() -> None:
    """Make this process the first that the kernel kills when memory runs out."""
    try:
        with open("/proc/self/oom_score_adj", encoding="ascii") as stream:
            score = int(stream.read())
    except (OSError, ValueError):
        return
    if score < OOM_SCORE:
        _write("/proc/self/oom_score_adj", str(OOM_SCORE))


def _write(path: str, text: str) -> None:
    with contextlib.suppress(OSError), open(path, "w", encoding="ascii") as stream:
        stream.write(text)
