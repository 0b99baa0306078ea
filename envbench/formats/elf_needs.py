"""What a shared library asks of the loader: libraries, versions of their symbols, search paths.

Reads a few kilobytes of a file by a function that the caller gives, however large the file is.

Source: System V ABI, chapters 4 and 5; symbol versions as in the Linux Standard Base, "Symbol
Versioning".
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from envbench.formats.elf import (
    DT_NEEDED,
    DT_RPATH,
    DT_RUNPATH,
    DT_STRTAB,
    PT_DYNAMIC,
    PT_LOAD,
    Segment,
    Shape,
    is_elf,
    locate_segments,
    read_entries,
    read_segment,
    read_shape,
    to_offset,
)

ReadAt = Callable[[int, int], bytes]
"""Reads that many bytes at that offset of a file; fewer where it ends."""

_DT_SONAME = 14
_DT_VERDEF, _DT_VERDEFNUM, _DT_VERNEED, _DT_VERNEEDNUM = (
    0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF,
)  # fmt: skip
_FLAG_BASE, _FLAG_WEAK = 1, 2
_MOST_BYTES = 32 * 1024 * 1024
_MOST_RECORDS = 20_000
_LONGEST_STRING = 4096
_MACHINES = {3: "i386", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "arm", 62: "x86_64",
             183: "aarch64", 243: "riscv64", 258: "loongarch64"}  # fmt: skip


class ElfError(ValueError):
    """The file is no sound shared library; the message says why in plain words."""


@dataclass(frozen=True, slots=True)
class VersionNeed:
    """Versions of symbols that a file asks of one library."""

    library: str
    versions: tuple[str, ...]
    """Such as `GLIBC_2.34`; what is asked for weakly is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElfNeeds:
    """A shared library as its loader sees it."""

    machine: str
    """`x86_64`, `aarch64`, ...; a number for one without a name here."""
    bits: int
    soname: str = ""
    needed: tuple[str, ...] = ()
    rpath: tuple[str, ...] = ()
    """Folders as written, `$ORIGIN` and all."""
    runpath: tuple[str, ...] = ()
    version_needs: tuple[VersionNeed, ...] = ()
    versions: tuple[str, ...] = ()
    """Versions of symbols that it has to offer."""


def read_needs(read_at: ReadAt, size: int) -> ElfNeeds:
    """Read what a file asks for.

    Args:
        read_at: Reads a part of the file.
        size: Of the file, bytes.

    Raises:
        ElfError: It is no ELF file, or is cut off, or damaged.
    """
    head = read_at(0, 64)
    if not is_elf(head):
        raise ElfError("it is empty" if not size else "it is no shared library at all")
    try:
        return _Reader(read_at, size, head).read()
    except struct.error:
        raise ElfError("it is damaged: a part that it tells of is not there") from None


class _Reader:
    """Reads one file from its header on."""

    def __init__(self, read_at: ReadAt, size: int, head: bytes) -> None:
        self._read_at = read_at
        self._size = size
        self._head = head
        self._shape: Shape = read_shape(head)
        self._segments = self._read_segments()
        self._strings_at = 0

    def read(self) -> ElfNeeds:
        (number,) = struct.unpack_from(self._shape.order + "H", self._head, 18)
        bare = ElfNeeds(
            machine=_MACHINES.get(number, str(number)), bits=64 if self._shape.is_64 else 32
        )
        entries = self._read_dynamic()
        values = dict(reversed(entries))
        if DT_STRTAB not in values:
            return bare
        self._strings_at = self._locate(values[DT_STRTAB])
        return ElfNeeds(
            machine=bare.machine,
            bits=bare.bits,
            soname=self._string(values.get(_DT_SONAME)),
            needed=tuple(self._string(value) for tag, value in entries if tag == DT_NEEDED),
            rpath=_folders(self._string(values.get(DT_RPATH))),
            runpath=_folders(self._string(values.get(DT_RUNPATH))),
            version_needs=tuple(self._read_version_needs(values)),
            versions=tuple(self._read_versions(values)),
        )

    def _read_segments(self) -> Sequence[Segment]:
        start, size, count = locate_segments(self._head, self._shape)
        table = self._read(start, size * count)
        segments = [read_segment(table, number * size, self._shape) for number in range(count)]
        end = max((s.offset + s.size for s in segments if s.kind == PT_LOAD), default=0)
        if end > self._size:
            raise ElfError(f"it is cut off: {self._size} bytes are left of at least {end}")
        return segments

    def _read_dynamic(self) -> list[tuple[int, int]]:
        found = next((s for s in self._segments if s.kind == PT_DYNAMIC), None)
        if found is None:
            return []
        return list(read_entries(self._read(found.offset, found.size), self._shape))

    def _read_version_needs(self, values: dict[int, int]) -> Iterator[VersionNeed]:
        if _DT_VERNEED not in values:
            return
        table = self._read_to_end(values[_DT_VERNEED])
        at = 0
        for _ in range(min(values.get(_DT_VERNEEDNUM, 0), _MOST_RECORDS)):
            _, count, file, first, step = struct.unpack_from(f"{self._shape.order}HHIII", table, at)
            versions = []
            inner = at + first
            for _ in range(count):
                _, flags, _, name, further = struct.unpack_from(
                    f"{self._shape.order}IHHII", table, inner
                )
                if not flags & _FLAG_WEAK:
                    versions.append(self._string(name))
                inner += further
            yield VersionNeed(self._string(file), tuple(versions))
            at += step

    def _read_versions(self, values: dict[int, int]) -> Iterator[str]:
        if _DT_VERDEF not in values:
            return
        table = self._read_to_end(values[_DT_VERDEF])
        at = 0
        for _ in range(min(values.get(_DT_VERDEFNUM, 0), _MOST_RECORDS)):
            _, flags, _, _, _, first, step = struct.unpack_from(
                f"{self._shape.order}HHHHIII", table, at
            )
            (name,) = struct.unpack_from(f"{self._shape.order}I", table, at + first)
            if not flags & _FLAG_BASE:
                yield self._string(name)
            at += step

    def _read_to_end(self, address: int) -> bytes:
        """Read from an address to the end of its segment: these tables do not tell their size."""
        offset = self._locate(address)
        end = next(
            s.offset + s.size for s in self._segments
            if s.kind == PT_LOAD and s.offset <= offset < s.offset + s.size
        )  # fmt: skip
        return self._read_at(offset, min(end - offset, 1024 * 1024))

    def _string(self, offset: int | None) -> str:
        """Read one string of the table, which may be larger than what one wants in memory."""
        if offset is None:
            return ""
        text = self._read_at(self._strings_at + offset, _LONGEST_STRING)
        return text.partition(b"\0")[0].decode("utf-8", "replace")

    def _locate(self, address: int) -> int:
        try:
            return to_offset(self._segments, address)
        except ValueError as fault:
            raise ElfError(f"it is damaged: {fault}") from None

    def _read(self, offset: int, size: int) -> bytes:
        if size > _MOST_BYTES or offset + size > self._size:
            raise ElfError("it is cut off or damaged: a part that it tells of is not there")
        return self._read_at(offset, size)


def _folders(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(":") if part)
