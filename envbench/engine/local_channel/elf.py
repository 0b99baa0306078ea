"""What the dynamic section of an ELF file says, and changing its search path in place.

Only what relocating an interpreter needs: the libraries it asks for, and where it looks for them.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_MAGIC = b"\x7fELF"
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_NULL, _DT_NEEDED, _DT_STRTAB, _DT_RPATH, _DT_RUNPATH = 0, 1, 5, 15, 29
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
class _Shape:
    """Field formats of the file's class (32 or 64 bit) and byte order."""

    order: str
    is_64: bool

    def unpack(self, formats: tuple[str, str], content: bytes, offset: int) -> tuple[int, ...]:
        return struct.unpack_from(self.order + formats[self.is_64], content, offset)


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


def _read_dynamic(content: bytes) -> DynamicFacts:
    shape = _Shape(">" if content[5] == 2 else "<", content[4] == 2)
    headers = list(_read_program_headers(content, shape))
    entries = [entry for header in headers for entry in _read_entries(content, shape, header)]
    table = next((value for tag, value in entries if tag == _DT_STRTAB), None)
    if table is None:
        return DynamicFacts((), ())
    base = _to_offset(headers, table)
    needed = tuple(_read_string(content, base + v) for tag, v in entries if tag == _DT_NEEDED)
    paths = tuple(
        SearchPath(_read_string(content, base + value), base + value)
        for tag, value in entries
        if tag in {_DT_RPATH, _DT_RUNPATH}
    )
    return DynamicFacts(needed, paths)


def _read_program_headers(content: bytes, shape: _Shape) -> Iterator[tuple[int, int, int, int]]:
    """Yield (type, file offset, virtual address, size in the file)."""
    (start,) = shape.unpack(("I", "Q"), content, 32 if shape.is_64 else 28)
    size, count = struct.unpack_from(shape.order + "HH", content, 54 if shape.is_64 else 42)
    for number in range(count):
        fields = shape.unpack(("IIIII", "IIQQQQ"), content, start + number * size)
        if shape.is_64:
            kind, _, offset, address, _, length = fields
        else:
            kind, offset, address, _, length = fields
        yield kind, offset, address, length


def _read_entries(
    content: bytes, shape: _Shape, header: tuple[int, int, int, int]
) -> Iterator[tuple[int, int]]:
    kind, offset, _, length = header
    step = 16 if shape.is_64 else 8
    for at in range(offset, offset + length, step) if kind == _PT_DYNAMIC else ():
        tag, value = shape.unpack(("iI", "qQ"), content, at)
        if tag == _DT_NULL:
            return
        yield tag, value


def _to_offset(headers: list[tuple[int, int, int, int]], address: int) -> int:
    for kind, offset, start, length in headers:
        if kind == _PT_LOAD and start <= address < start + length:
            return address - start + offset
    raise ValueError("an address outside of every segment")


def _read_string(content: bytes, offset: int) -> str:
    return content[offset : content.index(b"\0", offset)].decode("utf-8", "surrogateescape")
