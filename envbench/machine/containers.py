"""Which container and which Slurm job a process is in, told by its control groups.

Source: proc_pid_cgroup(5); the names that runc, crun, containerd, CRI-O, LXC, systemd-nspawn and
Slurm give to their groups, with both drivers and on both versions of control groups.
"""

import re
from dataclasses import dataclass

from envbench.model.cleaning import clean

SHORT_ID = 12
"""So many characters of an id are what `docker ps` and `podman ps` show."""
_NAME_LIMIT = 64

# conmon stands beside the container that it watches, not in it.
_HEX_ID = re.compile(r"(?<!conmon)[/:-](?P<id>[0-9a-f]{64})(?=\.scope|/|$)")
_LXC = re.compile(r"/(?:lxc/|lxc-payload/|lxc\.payload[./])(?P<id>[^/]+)")
_NSPAWN = re.compile(r"/machine\.slice/machine-(?P<id>[^/]+)\.scope")
_SLURM = re.compile(r"/slurm[^/]*/(?:.*/)?job_(?P<job>\d+)(?:/|$)")


@dataclass(frozen=True, slots=True)
class GroupPlace:
    """Where a process stands in the tree of control groups."""

    container: str | None = None
    """Short id of its container, or the name that LXC or systemd gave it."""
    slurm_job: str | None = None


def parse_groups(text: str) -> GroupPlace:
    """Find the container and the Slurm job in the text of `/proc/PID/cgroup`."""
    paths = [line.split(":", 2)[2] for line in text.splitlines() if line.count(":") >= 2]
    containers = (_find_container(path) for path in paths)
    jobs = (_SLURM.search(path) for path in paths)
    return GroupPlace(
        container=next((found for found in containers if found), None),
        slurm_job=next((found["job"] for found in jobs if found), None),
    )


def _find_container(path: str) -> str | None:
    # The innermost one counts: a container may run in another.
    if ids := list(_HEX_ID.finditer(path)):
        return str(ids[-1]["id"])[:SHORT_ID]
    if names := list(_LXC.finditer(path)):
        return clean(names[-1]["id"], limit=_NAME_LIMIT)
    machine = _NSPAWN.search(path)
    # systemd writes a dash within a name as \x2d.
    return clean(machine["id"].replace("\\x2d", "-"), limit=_NAME_LIMIT) if machine else None
