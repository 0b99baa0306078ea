"""The one way in which files are read and replaced.

Reading refuses everything that is not a regular file of sane size in UTF-8, in plain words and
without ever blocking. Replacing is atomic: a reader sees the old content or the new one.
"""

import codecs
import errno
import os
import pwd
import stat
from dataclasses import dataclass, field
from pathlib import Path

from envbench.model.cleaning import clean
from envbench.model.errors import PreventedError, UsageError

MIB = 1024 * 1024
_BOM = codecs.BOM_UTF8
_WIDE_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class FileText:
    """The content of a text file."""

    text: str
    """Decoded, line ends as they are, without a byte order mark."""
    has_bom: bool
    """Whether the file began with a UTF-8 byte order mark, to be written back on save."""
    raw: bytes = field(repr=False)
    """The bytes as they lie on disk, byte order mark included."""


def read_text_file(path: Path, *, limit_bytes: int = MIB, what: str = "file") -> FileText:
    """Read a text file that a person may have written.

    Args:
        path: The file; links to regular files are followed.
        limit_bytes: Larger files are refused.
        what: How messages call it: `spec`, `lock`, `settings file`.

    Raises:
        UsageError: Not there, not readable, no regular file, too large, or not plain UTF-8 text.
    """
    raw = read_bytes(path, limit_bytes=limit_bytes, what=what)
    if raw.startswith(_WIDE_BOMS):
        raise _refused(path, what, "the text is UTF-16, not UTF-8", "save it as UTF-8")
    body = raw.removeprefix(_BOM)
    nul = body.find(b"\0")
    if nul >= 0:
        line = body.count(b"\n", 0, nul) + 1
        raise _refused(path, what, f"a NUL byte in line {line}: this is no text file", line=line)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = body.count(b"\n", 0, fault.start) + 1
        why = f"byte 0x{body[fault.start]:02x} in line {line} is not valid UTF-8"
        raise _refused(path, what, why, "save it as UTF-8", line=line) from None
    return FileText(text=text, has_bom=raw.startswith(_BOM), raw=raw)


def read_bytes(path: Path, *, limit_bytes: int, what: str = "file") -> bytes:
    """Read a regular file of limited size, whatever is in it.

    Raises:
        UsageError: Not there, not readable, no regular file or too large.
    """
    try:
        # Without O_NONBLOCK, opening a FIFO waits for a writer that may never come.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError) as fault:
        raise _refused(path, what, _explain(fault)) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _refused(path, what, f"it is {_describe_kind(status.st_mode)}, not a file")
        raw = _read_up_to(descriptor, limit_bytes + 1, expected_bytes=status.st_size)
    except OSError as fault:
        raise _refused(path, what, _explain(fault)) from None
    finally:
        os.close(descriptor)
    if len(raw) > limit_bytes:
        raise _refused(path, what, f"it is larger than {_say_size(limit_bytes)}")
    return raw


def _read_up_to(descriptor: int, most_bytes: int, *, expected_bytes: int) -> bytes:
    # Room is made for what the file is said to hold, not for the limit: with hundreds of files
    # that is half of the time. Files of /proc say nothing, and others may grow meanwhile.
    chunks: list[bytes] = []
    left = most_bytes
    while left > 0 and (chunk := os.read(descriptor, min(left, max(expected_bytes + 1, 65536)))):
        chunks.append(chunk)
        left -= len(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600, durable: bool = True) -> None:
    """Replace a file as a whole, or leave it untouched.

    A link is replaced by a file of its own only where nothing is behind it; otherwise the file
    that it points to is replaced. An existing file keeps its mode and, as far as the system lets
    this user give files away, its owner and group.

    Args:
        path: The file; its directory must exist.
        data: The new content.
        mode: Permissions of a new file; an existing file keeps its own.
        durable: Wait until the content has reached the disk.

    Raises:
        PreventedError: The system refused; the old content is still there.
    """
    import secrets

    target = Path(os.path.realpath(path))
    try:
        before = target.stat() if target.exists() else None
        if before is not None and not stat.S_ISREG(before.st_mode):
            # Whoever may write to a folder may replace what is in it: /dev/null, for one.
            raise PreventedError(
                "the file could not be written",
                where=_show(path),
                why=f"it is {_describe_kind(before.st_mode)}, not a file",
            )
        mode = stat.S_IMODE(before.st_mode) if before else mode
        # 255 bytes are the most that a name may have; a character may take four of them.
        temporary = target.with_name(f".{target.name[:50]}.{secrets.token_hex(8)}.tmp")
        try:
            _write_new(temporary, data, mode, before, durable=durable)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        if durable:
            _sync_directory(target.parent)
    except (OSError, ValueError) as fault:
        raise PreventedError(
            "the file could not be written", where=_show(path), why=_explain(fault)
        ) from fault


def make_private_directory(path: Path) -> Path:
    """Make a directory that only this user can enter, parents included, or check one.

    A directory of our own that others may read is closed to them; one that others may have
    written to is refused, because what lies in it cannot be trusted.

    Raises:
        PreventedError: A link, no directory, somebody else's, or writable by others.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            _check_private(path)
    except OSError as fault:
        raise PreventedError(
            "the directory could not be made", where=_show(path), why=_explain(fault)
        ) from fault
    return path


def _check_private(path: Path) -> None:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode) or not stat.S_ISDIR(status.st_mode):
        raise _unsafe(path, f"it is {_describe_kind(status.st_mode)}, not a directory")
    if status.st_uid != os.geteuid():
        raise _unsafe(path, f"it belongs to {_owner_name(status.st_uid)}, not to you")
    if status.st_mode & 0o022:
        raise _unsafe(path, f"others may write to it (mode {stat.S_IMODE(status.st_mode):04o})")
    if status.st_mode & 0o077:
        path.chmod(0o700)


def _write_new(
    path: Path, data: bytes, mode: int, before: os.stat_result | None, *, durable: bool
) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        if before is not None:
            mode = _give_back(stream.fileno(), before, mode)
        os.fchmod(stream.fileno(), mode)
        if durable:
            stream.flush()
            os.fsync(stream.fileno())


def _give_back(descriptor: int, before: os.stat_result, mode: int) -> int:
    """Give a new file the owner and group of the old one; returns the mode that is then right."""
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) == (before.st_uid, before.st_gid):
        return mode
    # Only root gives files away; members of a group may at least give theirs to the group.
    for owner in (before.st_uid, -1):
        try:
            os.fchown(descriptor, owner, before.st_gid)
        except OSError:
            continue
        return mode
    # What the old group was allowed, the new one was never meant to have.
    return mode & ~0o070 | (mode & 0o007) << 3


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refused(path: Path, what: str, why: str, hint: str = "", *, line: int = 0) -> UsageError:
    where = f"{_show(path)}:{line}" if line else _show(path)
    return UsageError(f"the {what} cannot be read", where=where, why=why, hint=hint)


def _unsafe(path: Path, why: str) -> PreventedError:
    hint = "move it away, or point envbench at another directory"
    return PreventedError("the directory is not safe to use", where=_show(path), why=why, hint=hint)


def _show(path: Path) -> str:
    return clean(str(path), limit=1000)


def _owner_name(uid: int) -> str:
    try:
        return f"{pwd.getpwuid(uid).pw_name} (uid {uid})"
    except KeyError:
        return f"uid {uid}"


def _say_size(count: int) -> str:
    return f"{count // MIB} MiB" if count >= MIB else f"{count} bytes"


def _describe_kind(mode: int) -> str:
    kinds = {
        stat.S_IFIFO: "a named pipe",
        stat.S_IFCHR: "a character device",
        stat.S_IFBLK: "a block device",
        stat.S_IFDIR: "a directory",
        stat.S_IFSOCK: "a socket",
        stat.S_IFLNK: "a symbolic link",
    }
    return kinds.get(stat.S_IFMT(mode), "a regular file")


_CAUSES = {
    errno.ENOENT: "there is no such file",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ELOOP: "its symbolic links form a loop",
    errno.ENOTDIR: "a part of the path is not a directory",
    errno.EISDIR: "it is a directory",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ENXIO: "it is a socket or a device that cannot be opened",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
}


def _explain(fault: OSError | ValueError) -> str:
    if isinstance(fault, OSError) and fault.errno is not None:
        return _CAUSES.get(fault.errno, os.strerror(fault.errno))
    return "the path holds a NUL byte" if "null" in str(fault) else clean(str(fault), limit=200)
