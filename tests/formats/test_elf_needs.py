"""What libraries ask for: readelf's answers about the libraries of this Python, and torn files."""

import re
import shutil
import struct
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.formats.elf_needs import ElfError, ElfNeeds, read_needs


def read(data: bytes) -> ElfNeeds:
    return read_needs(lambda offset, count: data[offset : offset + count], len(data))


def list_libraries() -> list[Path]:
    modules = Path(sysconfig.get_path("stdlib")) / "lib-dynload"
    found = sorted(modules.glob("*.so"))[:12]
    system = Path("/usr/lib/x86_64-linux-gnu")
    named = [system / n for n in ("libc.so.6", "libstdc++.so.6", "libm.so.6", "libz.so.1")]
    return [*found, Path(sys.executable).resolve(), *(path for path in named if path.exists())]


@pytest.mark.skipif(shutil.which("readelf") is None, reason="no readelf to compare with")
@pytest.mark.parametrize("path", list_libraries(), ids=lambda path: path.name)
def test_the_answers_are_those_of_readelf(path: Path):
    ours = read(path.read_bytes())
    shown = subprocess.run(
        ["readelf", "-dVW", str(path)], capture_output=True, text=True, check=True,
        env={"LC_ALL": "C"}, timeout=60,
    ).stdout  # fmt: skip
    assert list(ours.needed) == re.findall(r"\(NEEDED\).*\[(.*)\]", shown)
    assert [ours.soname] == (re.findall(r"\(SONAME\).*\[(.*)\]", shown) or [""])
    paths = re.findall(r"\((RPATH|RUNPATH)\).*\[(.*)\]", shown)
    assert {("RPATH", ":".join(ours.rpath)), ("RUNPATH", ":".join(ours.runpath))} >= set(paths)
    needs = shown.partition("Version needs section")[2]
    expected: dict[str, list[str]] = {}
    for line in needs.splitlines():
        if file := re.search(r"File: (\S+)", line):
            expected[file[1]] = library = []
        elif (name := re.search(r"Name: (\S+)\s+Flags: (\S+)", line)) and name[2] != "WEAK":
            library.append(name[1])
    assert {each.library: list(each.versions) for each in ours.version_needs} == expected
    definitions = shown.partition("Version definition section")[2].partition("Version needs")[0]
    names = re.findall(r"Flags: (?!BASE)\S+\s+Index: \d+\s+Cnt: \d+\s+Name: (\S+)", definitions)
    assert list(ours.versions) == names


MODULE = next(path for path in list_libraries() if path.suffix == ".so").read_bytes()


@given(st.integers(0, len(MODULE) - 1))
def test_a_file_that_is_cut_off_says_so_or_is_read(size: int):
    try:
        read(MODULE[:size])
    except ElfError as fault:
        assert str(fault).startswith("it is ")


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=20))
def test_damaged_bytes_never_raise_anything_else(changes: list[tuple[int, int]]):
    data = bytearray(MODULE)
    for offset, value in changes:
        data[offset % len(data)] = value
    try:
        read(bytes(data))
    except ElfError:
        return


def test_what_is_no_library_is_told():
    for data in (b"", b"INPUT(libx.so)\n", b"\x7fELF"):
        with pytest.raises(ElfError):
            read(data)


def test_the_machine_is_named():
    foreign = bytearray(MODULE)
    struct.pack_into("<H", foreign, 18, 183)
    assert read(bytes(foreign)).machine == "aarch64"
    struct.pack_into("<H", foreign, 18, 9999)
    assert read(bytes(foreign)).machine == "9999"
