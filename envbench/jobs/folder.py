"""A job's directory, held by descriptor, with the few ways in which its files are written.

Everything goes through the descriptor and follows no links, so nobody who swaps the directory or a
file in it for a link can lead a write elsewhere. The supervisor reads this file: standard library
only, and of that only what is cheap.
"""
# Pathlib costs the supervisor a tenth of its memory, and knows no dir_fd.
# ruff: noqa: PTH208

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Sequence

from envbench.model.errors import PreventedError

READ_LIMIT_BYTES = 32 * 1024 * 1024
"""A request may hold a lock of thousands of packages."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Folder:
    """A private directory, opened once; relative names only."""

    def __init__(self, path: str) -> None:
        """Open a directory that belongs to this user and that nobody else may write to.

        Raises:
            PreventedError: A link, no directory, somebody else's, or writable by others.
            FileNotFoundError: There is none.
        """
        self.path = path
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self.descriptor = os.open(path, flags)
        except OSError as fault:
            if fault.errno in (errno.ELOOP, errno.ENOTDIR):
                raise _unsafe(path, "it is a link or a file, not a directory") from None
            if fault.errno == errno.EACCES:
                raise _unsafe(path, "permission denied") from None
            raise
        try:
            _check_owner(path, os.fstat(self.descriptor))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let the directory go; safe to call twice."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, name: str, flags: int, mode: int = 0o600) -> int:
        """Open a file of the directory; links are not followed, children do not inherit it."""
        extra = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        return os.open(name, flags | extra, mode, dir_fd=self.descriptor)

    def read(self, name: str) -> bytes | None:
        """Read a small file; None when it is not there.

        Raises:
            PreventedError: No regular file, or somebody else's.
        """
        try:
            descriptor = self.open(name, os.O_RDONLY)
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise _unsafe(f"{self.path}/{name}", os.strerror(fault.errno or 0)) from None
        try:
            status = os.fstat(descriptor)
            check_file(f"{self.path}/{name}", status)
            # Room for what is there: a buffer of the limit would be most of the supervisor.
            return os.read(descriptor, min(status.st_size, READ_LIMIT_BYTES))
        finally:
            os.close(descriptor)

    def has(self, name: str) -> bool:
        """Tell whether there is such a file, whatever it is."""
        try:
            os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def check(self, names: Sequence[str]) -> None:
        """Refuse the directory if one of these names is there but is no file of this user.

        Raises:
            PreventedError: One is a link, a pipe, somebody else's, or writable by others.
        """
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                status = os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
                check_file(f"{self.path}/{name}", status)

    def names(self) -> list[str]:
        """List what is in the directory."""
        return os.listdir(self.descriptor)

    def create(self, name: str, data: bytes = b"", *, durable: bool = True) -> None:
        """Write a new file.

        Raises:
            FileExistsError: There is one already.
        """
        descriptor = os.open(name, _NEW, 0o600, dir_fd=self.descriptor)
        try:
            write_fully(descriptor, data)
            if durable:
                os.fsync(descriptor)
        except BaseException:
            self.remove(name)
            raise
        finally:
            os.close(descriptor)

    def replace(self, name: str, data: bytes) -> None:
        """Write a file as a whole and durably: a reader sees the old one or the new one."""
        temporary = self._write_aside(name, data)
        try:
            fd = self.descriptor
            os.rename(temporary, name, src_dir_fd=fd, dst_dir_fd=fd)
        except BaseException:
            self.remove(temporary)
            raise
        self.sync()

    def write_first(self, name: str, data: bytes) -> bool:
        """Write a file as a whole unless there is one; tell whether this call made it."""
        temporary = self._write_aside(name, data)
        try:
            return self.link_first(temporary, name)
        finally:
            self.remove(temporary)

    def link_first(self, source: str, name: str) -> bool:
        """Give a file a second name, durably, unless that is taken; tell whether it was free."""
        fd = self.descriptor
        try:
            # link(2) is the one call that is first-wins everywhere, network file systems included.
            os.link(source, name, src_dir_fd=fd, dst_dir_fd=fd, follow_symlinks=False)
        except FileExistsError:
            return False
        self.sync()
        return True

    def fill_reserve(self, reserve: str, name: str, data: bytes) -> bool:
        """Publish a file in blocks that were set aside for it; works on a full disk.

        Args:
            reserve: A file of blanks, at least as long as the data.
            name: The name to be published under; the first one wins.
            data: Padded with the blanks that are left, which JSON allows.

        Raises:
            FileNotFoundError: There is no reserve.
            ValueError: The data do not fit.
        """
        descriptor = self.open(reserve, os.O_WRONLY)
        try:
            size = os.fstat(descriptor).st_size
            if len(data) > size:
                raise ValueError("the reserve is too small")
            os.pwrite(descriptor, data.ljust(size), 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        won = self.link_first(reserve, name)
        self.remove(reserve)
        return won

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        try:
            os.unlink(name, dir_fd=self.descriptor)
        except FileNotFoundError:
            return

    def sync(self) -> None:
        """Wait until the names in the directory have reached the disk."""
        os.fsync(self.descriptor)

    def _write_aside(self, name: str, data: bytes) -> str:
        temporary = f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        self.create(temporary, data)
        return temporary


def write_fully(descriptor: int, data: bytes) -> None:
    """Write all of it, in as many calls as the system wants."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def check_file(path: str, status: os.stat_result) -> None:
    """Refuse what is no regular file of this user.

    Raises:
        PreventedError: It is something else.
    """
    if not stat.S_ISREG(status.st_mode):
        raise _unsafe(path, "it is not a regular file")
    _check_owner(path, status)


def _check_owner(path: str, status: os.stat_result) -> None:
    if status.st_uid != os.geteuid():
        raise _unsafe(path, f"it belongs to {_name_user(status.st_uid)}, not to you")
    if status.st_mode & 0o022:
        raise _unsafe(path, f"others may write to it (mode {stat.S_IMODE(status.st_mode):04o})")


def _name_user(uid: int) -> str:
    import pwd

    try:
        return f"{pwd.getpwuid(uid).pw_name} (uid {uid})"
    except KeyError:
        return f"uid {uid}"


def _unsafe(path: str, why: str) -> PreventedError:
    return PreventedError("the job's files are not safe to use", where=path, why=why)
