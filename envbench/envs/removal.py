"""Removing a directory tree of ours, and nothing else.

The walk goes by directory descriptors and never follows a link, so that nobody can swap a
directory for a link under it; it never leaves the file system, and refuses trees in which
something is mounted.
"""

import os
import stat
from pathlib import Path

from envbench.model.errors import PreventedError

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_ROUNDS = 20


def remove_tree(path: Path, *, last: tuple[str, ...] = ()) -> None:
    """Remove a directory and everything in it.

    Args:
        path: A real directory, not a link.
        last: Names of files directly in it that go after all else: the marks by which a
            half-removed tree is still known as ours.

    Raises:
        PreventedError: A link, no directory, something mounted inside, or the system refused.
    """
    refuse_mounts(path)
    try:
        _remove(path, last)
    except (OSError, RecursionError) as fault:
        raise PreventedError(
            "the directory could not be removed", where=str(path), why=str(fault)
        ) from fault


def refuse_mounts(path: Path) -> None:
    """Make sure that nothing is mounted at or under a path.

    Raises:
        PreventedError: Something is.
    """
    mounted = find_mounts(path)
    if mounted:
        raise PreventedError(
            "the directory is not removed",
            where=str(path),
            why=f"something is mounted in it: {mounted[0]}",
            hint=f"unmount it first: umount {mounted[0]}",
        )


def find_mounts(path: Path) -> tuple[str, ...]:
    """List the mount points at and under a path, as the kernel knows them.

    Source: proc_pid_mountinfo(5), field 5, with its octal escapes.
    """
    real = os.path.realpath(path)
    try:
        lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    except OSError:
        return ()
    points = (_unescape(line.split(b" ")[4]) for line in lines if line.count(b" ") > 4)
    return tuple(p for p in points if p == real or p.startswith(real.rstrip("/") + "/"))


def _unescape(field: bytes) -> str:
    for code, char in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        field = field.replace(code, char)
    return os.fsdecode(field)


def _remove(path: Path, last: tuple[str, ...]) -> None:
    descriptor = os.open(path, _OPEN)
    try:
        device = os.fstat(descriptor).st_dev
        # A child of a killed build may still be writing for a moment: empty it until it stays so.
        for _ in range(_ROUNDS):
            _empty(descriptor, device, keep=last)
            if _names(descriptor) <= set(last):
                break
        for name in last:
            _unlink_if_there(descriptor, name)
    finally:
        os.close(descriptor)
    path.rmdir()


def _names(descriptor: int) -> set[str]:
    with os.scandir(descriptor) as entries:
        return {entry.name for entry in entries}


def _empty(descriptor: int, device: int, keep: tuple[str, ...] = ()) -> None:
    with os.scandir(descriptor) as entries:
        # Listed first: unlinking while reading a directory may skip entries.
        found = [(e.name, e.is_dir(follow_symlinks=False)) for e in entries if e.name not in keep]
    for name, is_directory in found:
        if is_directory:
            _remove_below(descriptor, name, device)
        else:
            _unlink_if_there(descriptor, name)


def _remove_below(parent: int, name: str, device: int) -> None:
    _make_writable(parent, name)
    descriptor = os.open(name, _OPEN, dir_fd=parent)
    try:
        if os.fstat(descriptor).st_dev != device:
            raise OSError(f"{name} lies on another file system")
        _empty(descriptor, device)
    finally:
        os.close(descriptor)
    try:
        os.rmdir(name, dir_fd=parent)
    except OSError:
        if not _is_filled(parent, name):
            raise


def _make_writable(parent: int, name: str) -> None:
    """Give ourselves the right to empty a directory that its package made read-only."""
    mode = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode
    if stat.S_ISDIR(mode) and mode & 0o700 != 0o700:
        # Linux cannot chmod without following links; a directory just seen as such is no link,
        # and a race ends in a mode change of something we own, never in a removal.
        os.chmod(name, stat.S_IMODE(mode) | 0o700, dir_fd=parent)


def _is_filled(parent: int, name: str) -> bool:
    """Tell whether somebody put something into a directory after we emptied it."""
    descriptor = os.open(name, _OPEN, dir_fd=parent)
    try:
        return bool(_names(descriptor))
    finally:
        os.close(descriptor)


def _unlink_if_there(parent: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=parent)
    except FileNotFoundError:
        return
