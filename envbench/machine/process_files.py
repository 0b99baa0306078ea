"""What the kernel tells of one process, file by file; each may be refused or vanish on its own.

Source: proc(5), proc_pid_stat(5), proc_pid_environ(5), pid_namespaces(7).
"""
# Pathlib costs several times as much as the reads themselves, and these are many.
# ruff: noqa: PTH112, PTH115, PTH121, PTH123, PTH208

import errno
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_COMMAND_LIMIT_BYTES = 64 * 1024
_ENVIRON_LIMIT_BYTES = 1024 * 1024
_MAPS_LIMIT_BYTES = 4 * 1024 * 1024
_DELETED = " (deleted)"
_HOST_PID_NAMESPACE = "pid:[4026531836]"
"""`PROC_PID_INIT_INO` of the kernel: the namespace in which the machine itself was started."""


class UnreadError(Exception):
    """One file of a process could not be read; the text says why, in words."""


class EndedError(UnreadError):
    """The process is not there any more."""

    def __init__(self) -> None:
        super().__init__("it ended while it was looked at")


@dataclass(frozen=True, slots=True)
class ProcessStat:
    """The line of `/proc/PID/stat`, as far as it matters here."""

    name: str
    """The kernel's short name: 15 characters at most."""
    state: str
    """`R`, `S`, `D`, `Z`, ..."""
    start_ticks: int
    """Clock ticks between the boot and its start."""

    @property
    def has_ended(self) -> bool:
        """Whether it only waits for its parent to ask how it ended."""
        return self.state in "ZX"


class ProcessFiles:
    """The files of one process below a `/proc`."""

    def __init__(self, proc: str, pid: int) -> None:
        """Keep the place.

        Args:
            proc: Where `/proc` is mounted.
            pid: Its number as this `/proc` counts.
        """
        self.proc = proc
        self.pid = pid
        self._root = f"{proc}/{pid}"

    def read_stat(self) -> ProcessStat:
        """Read name, state and start.

        Raises:
            EndedError: There is no such process.
            UnreadError: It is there, and does not tell.
        """
        text = self._read("stat", 4096)
        # The name in brackets may itself hold blanks and brackets: only the last one counts.
        head, _, tail = text.rpartition(b")")
        fields = tail.split()
        if len(fields) < 20:
            raise UnreadError("its state could not be read")
        name = head.partition(b"(")[2].decode(errors="replace")
        return ProcessStat(name, fields[0].decode(errors="replace"), int(fields[19]))

    def read_uid(self) -> int:
        """Read the user in whose name it acts."""
        for line in self._read("status", 16 * 1024).splitlines():
            if line.startswith(b"Uid:"):
                return int(line.split()[2])
        raise UnreadError("its user could not be read")

    def read_arguments(self) -> tuple[str, ...]:
        """Read the command line; empty for what is about to end."""
        text = self._read("cmdline", _COMMAND_LIMIT_BYTES)
        # A program that renames itself leaves a tail of zeros.
        parts = text.rstrip(b"\0").split(b"\0")
        return tuple(os.fsdecode(part) for part in parts) if text.rstrip(b"\0") else ()

    def read_variables(self, names: Collection[str]) -> dict[str, str]:
        """Read some variables as they were when its program was started."""
        wanted = {name.encode() for name in names}
        found: dict[str, str] = {}
        for entry in self._read("environ", _ENVIRON_LIMIT_BYTES).split(b"\0"):
            name, mark, value = entry.partition(b"=")
            if mark and name in wanted:
                found.setdefault(name.decode(), os.fsdecode(value))
        return found

    def read_executable(self) -> str:
        """Read the real path of the file that it runs, which may be deleted by now."""
        return self._read_link("exe").removesuffix(_DELETED)

    def runs(self, path: str) -> bool:
        """Tell whether a path as seen from here is the very file that it runs."""
        try:
            return os.path.samefile(f"{self._root}/exe", path)
        except OSError:
            return False

    def read_directory(self) -> str:
        """Read its working directory."""
        return self._read_link("cwd").removesuffix(_DELETED)

    def read_namespace(self, kind: str) -> str:
        """Read which namespace it is in, such as `mnt:[4026531841]`."""
        return self._read_link(f"ns/{kind}")

    def read_groups(self) -> str:
        """Read the text of its control groups."""
        return self._read("cgroup", 64 * 1024).decode(errors="replace")

    def list_open_files(self) -> Iterator[str]:
        """List what its descriptors point to.

        Raises:
            UnreadError: Its descriptors are not for us to see.
        """
        directory = f"{self._root}/fd"
        try:
            names = os.listdir(directory)
        except OSError as fault:
            raise self._explain(fault) from None
        for name in names:
            try:
                yield os.readlink(f"{directory}/{name}")
            except PermissionError as fault:
                raise self._explain(fault) from None
            except OSError:
                # It was closed meanwhile.
                continue

    def list_mapped_files(self) -> Iterator[str]:
        """List the files that are mapped into its memory; the same one may come several times."""
        for line in self._read("maps", _MAPS_LIMIT_BYTES).splitlines():
            parts = line.split(maxsplit=5)
            if len(parts) == 6 and parts[5].startswith(b"/"):
                yield os.fsdecode(parts[5]).removesuffix(_DELETED)

    def _read(self, name: str, limit: int) -> bytes:
        try:
            with open(f"{self._root}/{name}", "rb", buffering=0) as stream:
                return _read_up_to(stream.fileno(), limit)
        except OSError as fault:
            raise self._explain(fault) from None

    def _read_link(self, name: str) -> str:
        try:
            return os.readlink(f"{self._root}/{name}")
        except OSError as fault:
            raise self._explain(fault) from None

    def _explain(self, fault: OSError) -> UnreadError:
        is_missing = fault.errno == errno.ENOENT and os.path.isdir(self._root)
        if fault.errno == errno.ESRCH or (fault.errno == errno.ENOENT and not is_missing):
            return EndedError()
        if is_missing:
            return UnreadError("the kernel does not tell it")
        if fault.errno in {errno.EACCES, errno.EPERM}:
            return UnreadError("this user may not read it")
        return UnreadError(f"could not be read: {os.strerror(fault.errno or 0)}")


def is_on_host(proc: str) -> bool:
    """Tell whether the pids of a `/proc` are those of the machine itself.

    Args:
        proc: Where it is mounted.
    """
    try:
        return os.readlink(f"{proc}/self/ns/pid") == _HOST_PID_NAMESPACE
    except OSError:
        return False


def _read_up_to(descriptor: int, limit: int) -> bytes:
    # The kernel hands out at most a page or so at a time.
    parts: list[bytes] = []
    while limit > 0 and (part := os.read(descriptor, min(limit, 128 * 1024))):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)
