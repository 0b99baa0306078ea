"""Whether a file can be saved, and in words why not."""

import os
import pwd
import stat
from pathlib import Path

from envbench.workbench.path_texts import show_path


def say_read_only(file: Path) -> str:
    """Say why a file cannot be replaced; empty when it can.

    A file is replaced by another one in its folder, so that both must be writable.
    """
    try:
        target = Path(os.path.realpath(file))
        status = target.stat() if os.path.lexists(target) else None
    except (OSError, ValueError):
        # What cannot be looked at is refused when it is read, in better words.
        return ""
    if status is not None:
        # Root may write to all files, but a file that nobody may write to is meant to stay.
        if not status.st_mode & 0o222:
            return f"the file is read-only (mode {stat.S_IMODE(status.st_mode):04o})"
        if not os.access(target, os.W_OK):
            return _say(target, status, "the file")
    return _say_folder(target.parent)


def _say_folder(folder: Path) -> str:
    try:
        status = folder.stat()
    except FileNotFoundError:
        return f"there is no folder {show_path(folder)}"
    except OSError:
        return "its folder cannot be looked at"
    if os.access(folder, os.W_OK | os.X_OK):
        return ""
    return _say(folder, status, "its folder")


def _say(path: Path, status: os.stat_result, what: str) -> str:
    try:
        if os.statvfs(path).f_flag & os.ST_RDONLY:
            return "the file system is read-only"
    except OSError:
        pass
    mode = stat.S_IMODE(status.st_mode)
    if status.st_uid == os.geteuid():
        return f"{what} is read-only (mode {mode:04o})"
    return f"{what} belongs to {_name_of(status.st_uid)} and may not be written to"


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
