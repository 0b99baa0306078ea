"""The dynamic section of an ELF file: what it asks for, and changing its search path in place.

Source: System V ABI, chapters 4 and 5.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_MAGIC = b"\x7fELF"
PT_LOAD, PT_DYNAMIC = 1, 2
DT_NULL, DT_NEEDED, DT_STRTAB, DT_RPATH, DT_RUNPATH = 0, 1, 5, 15, 29
_GLIBC_SYMBOL = re.compile(rb"\0GLIBC_(\d+)\.(\d+)(?:\.\d+)?(?=\0)")


@dataclass(frozen=True, slots=True)
class SearchPath:
    """One RPATH or RUNPATH of a file."""

    text: str
    """Folders separated by colons."""
    offset: int
    """Where the string stands in the file, bytes."""


@dataclass(frozen=True, slots=True)
class DynamicFacts:
    """The part of the dynamic section that matters for relocation."""

    needed: tuple[str, ...]
    """Sonames of the libraries that the file asks for."""
    search_paths: tuple[SearchPath, ...]
    """At most one RPATH and one RUNPATH in practice."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Field formats of the file's class (32 or 64 bit) and byte order."""

    order: str
    """As `struct` writes it."""
    is_64: bool

    def unpack(self, formats: tuple[str, str], content: bytes, offset: int) -> tuple[int, ...]:
        """Read fields whose formats differ between 32 and 64 bit."""
        return struct.unpack_from(self.order + formats[self.is_64], content, offset)


@dataclass(frozen=True, slots=True)
class Segment:
    """One program header."""

    kind: int
    offset: int
    """Where it begins in the file, bytes."""
    address: int
    size: int
    """Bytes in the file."""


def is_elf(content: bytes) -> bool:
    """Whether a file starts as an ELF file does."""
    return content[:4] == _MAGIC and len(content) >= 52


def read_dynamic(content: bytes) -> DynamicFacts:
    """Read the dynamic section; an ELF file without one, or a cut-off one, gives no facts.

    Source:
        System V ABI, chapter 5 (program header, dynamic section).
    """
    try:
        return _read_dynamic(content) if is_elf(content) else DynamicFacts((), ())
    except (struct.error, ValueError):
        return DynamicFacts((), ())


def set_search_path(content: bytes, path: SearchPath, text: str) -> bytes:
    """Write a new search path over the old one.

    Raises:
        ValueError: The new one is longer than the room that the old one leaves.
    """
    old, new = path.text.encode(), text.encode()
    if len(new) > len(old):
        raise ValueError(f"{text} does not fit over {path.text}")
    end = path.offset + len(old)
    return content[: path.offset] + new.ljust(len(old), b"\0") + content[end:]


def find_needed_glibc(content: bytes) -> tuple[int, int]:
    """Find the newest glibc symbol version that a file asks for; (0, 0) where it asks for none."""
    if not is_elf(content):
        return (0, 0)
    found = {(int(major), int(minor)) for major, minor in _GLIBC_SYMBOL.findall(content)}
    return max(found, default=(0, 0))


def read_shape(head: bytes) -> Shape:
    """Read class and byte order from the first bytes of an ELF file."""
    return Shape(">" if head[5] == 2 else "<", head[4] == 2)


def locate_segments(head: bytes, shape: Shape) -> tuple[int, int, int]:
    """Tell where the program headers are: offset in the file, size of each, how many."""
    (start,) = shape.unpack(("I", "Q"), head, 32 if shape.is_64 else 28)
    size, count = struct.unpack_from(shape.order + "HH", head, 54 if shape.is_64 else 42)
    return start, size, count


def read_segment(table: bytes, offset: int, shape: Shape) -> Segment:
    """Read the program header that begins at an offset of a table."""
    fields = shape.unpack(("IIIII", "IIQQQQ"), table, offset)
    if shape.is_64:
        kind, _, start, address, _, length = fields
    else:
        kind, start, address, _, length = fields
    return Segment(kind, start, address, length)


def read_entries(section: bytes, shape: Shape) -> Iterator[tuple[int, int]]:
    """Yield (tag, value) of a dynamic section until its end mark."""
    step = 16 if shape.is_64 else 8
    for at in range(0, len(section) - step + 1, step):
        tag, value = shape.unpack(("iI", "qQ"), section, at)
        if tag == DT_NULL:
            return
        yield tag, value


def to_offset(segments: Iterable[Segment], address: int) -> int:
    """Find where an address of the running program lies in the file.

    Raises:
        ValueError: It lies in no segment.
    """
    for segment in segments:
        if segment.kind == PT_LOAD and segment.address <= address < segment.address + segment.size:
            return address - segment.address + segment.offset
    raise ValueError("an address outside of every segment")


def _read_dynamic(content: bytes) -> DynamicFacts:
    shape = read_shape(content)
    start, size, count = locate_segments(content, shape)
    segments = [read_segment(content, start + number * size, shape) for number in range(count)]
    entries = [
        entry
        for segment in segments
        if segment.kind == PT_DYNAMIC
        for entry in read_entries(content[segment.offset :][: segment.size], shape)
    ]
    table = next((value for tag, value in entries if tag == DT_STRTAB), None)
    if table is None:
        return DynamicFacts((), ())
    base = to_offset(segments, table)
    needed = tuple(_read_string(content, base + v) for tag, v in entries if tag == DT_NEEDED)
    paths = tuple(
        SearchPath(_read_string(content, base + value), base + value)
        for tag, value in entries
        if tag in {DT_RPATH, DT_RUNPATH}
    )
    return DynamicFacts(needed, paths)


def _read_string(content: bytes, offset: int) -> str:
    return content[offset : content.index(b"\0", offset)].decode("utf-8", "surrogateescape")
