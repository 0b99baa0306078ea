"""Leaving out the debug information of an interpreter that was built with it.

An interpreter compiled on the box carries more debug information than code: without it its
package is less than half as large, and everything that reads it that much faster.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace

from envbench.formats.elf import is_elf

_HEADER = struct.Struct("<IIQQQQIIQQ")
_SHT_REL_KINDS = frozenset({4, 9})
_SHT_NOBITS = 8
_SHF_ALLOC, _SHF_INFO_LINK = 0x2, 0x40
_SHOFF_AT, _SHNUM_AT = 40, 60


@dataclass(frozen=True, slots=True)
class _Section:
    """One section header of a 64-bit file; the fields are those of the format."""

    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int

    def pack(self) -> bytes:
        return _HEADER.pack(*(getattr(self, field) for field in _Section.__slots__))


def strip_debug_sections(content: bytes) -> bytes:
    """Drop debug information and the symbols that only debuggers read.

    What a running program maps keeps its place and its bytes. Files without debug information,
    and all that are not 64-bit little-endian, are returned as they are.

    Source:
        System V ABI, chapter 4 (section header).
    """
    if not is_elf(content) or content[4:6] != b"\x02\x01":
        return content
    try:
        return _strip(content)
    except (struct.error, IndexError, ValueError):
        return content  # damaged: a table of sections without a size, or beyond the end


def _strip(content: bytes) -> bytes:
    sections, names_at = _read_sections(content)
    names = content[sections[names_at].offset :][: sections[names_at].size]
    if b"\0.debug_info\0" not in names:
        return content
    kept = [
        number
        for number, section in enumerate(sections)
        if number in {0, names_at} or section.flags & _SHF_ALLOC
    ]
    mapped_end = _find_mapped_end(content, [sections[number] for number in kept])
    if mapped_end > min((sections[names_at].offset, len(content))):
        return content  # laid out unusually: leave it alone
    places = {old: new for new, old in enumerate(kept)}
    table_at = (mapped_end + len(names) + 7) // 8 * 8
    table = []
    for number in kept:
        section = _renumber(sections[number], places)
        if number == names_at:
            section = replace(section, offset=mapped_end)
        table.append(section.pack())
    body = (content[:mapped_end] + names).ljust(table_at, b"\0") + b"".join(table)
    header = bytearray(body)
    struct.pack_into("<Q", header, _SHOFF_AT, table_at)
    struct.pack_into("<HH", header, _SHNUM_AT, len(kept), places[names_at])
    return bytes(header)


def _read_sections(content: bytes) -> tuple[list[_Section], int]:
    (start,) = struct.unpack_from("<Q", content, _SHOFF_AT)
    size, count, names_at = struct.unpack_from("<HHH", content, 58)
    offsets = range(start, start + count * size, size)
    sections = [_Section(*_HEADER.unpack_from(content, offset)) for offset in offsets]
    return sections, names_at


def _find_mapped_end(content: bytes, kept: list[_Section]) -> int:
    """Return where the last byte ends that a segment or a kept section needs."""
    start, size, count = (
        *struct.unpack_from("<Q", content, 32),
        *struct.unpack_from("<HH", content, 54),
    )
    ends: list[int] = [64, start + size * count]
    for number in range(count):
        fields = struct.unpack_from("<IIQQQQ", content, start + number * size)
        ends.append(fields[2] + fields[5])
    ends += [
        section.offset + section.size
        for section in kept
        if section.flags & _SHF_ALLOC and section.kind != _SHT_NOBITS
    ]
    return max(ends)


def _renumber(section: _Section, places: Mapping[int, int]) -> _Section:
    points = section.flags & _SHF_INFO_LINK or section.kind in _SHT_REL_KINDS
    return replace(
        section,
        link=places.get(section.link, 0),
        info=places.get(section.info, 0) if points else section.info,
    )
