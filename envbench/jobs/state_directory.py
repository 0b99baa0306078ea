"""Is the directory of the jobs on a disk on which locks and polling can be trusted?

Source: proc_pid_mountinfo(5), flock(2) on network file systems.
"""

import os
import re
from pathlib import Path

_NETWORK = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afs",
        "9p",
        "ceph",
        "lustre",
        "gpfs",
        "beegfs",
        "fuse.sshfs",
        "fuse.glusterfs",
    ]
)
_OCTAL = re.compile(r"\\([0-7]{3})")
_MOUNTINFO = Path("/proc/self/mountinfo")


def find_file_system(mountinfo: str, path: str) -> str:
    """Name the type of the file system that a path lies on.

    Args:
        mountinfo: The text of /proc/self/mountinfo.
        path: Absolute and without links.

    Returns:
        `ext4`, `nfs4`, ...; empty when the text does not tell.
    """
    best, kind = -1, ""
    for line in mountinfo.splitlines():
        head, _, tail = line.partition(" - ")
        fields = head.split(" ")
        if len(fields) < 5 or not tail:
            continue
        # Blanks and the like in names are written as octal numbers.
        point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[4])
        # Of mounts on one point the last one counts.
        if len(point) >= best and (path == point or path.startswith(point.rstrip("/") + "/")):
            best, kind = len(point), tail.split(" ")[0]
    return kind


def warn_about_state_directory(path: Path) -> str | None:
    """Warn when jobs lie on a network file system; None when all is well or unknown."""
    try:
        mountinfo = _MOUNTINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    kind = find_file_system(mountinfo, os.path.realpath(path))
    if kind not in _NETWORK:
        return None
    return (
        f"{path} is on a network file system ({kind}), where locks are slow or missing: "
        "set ENVBENCH_STATE_DIR to a directory on a local disk"
    )
