import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.formats.elf import (
    find_needed_glibc,
    is_elf,
    read_dynamic,
    set_search_path,
)
from envbench.formats.elf_sections import strip_debug_sections

EXECUTABLE = Path(sys.executable).resolve().read_bytes()

SOURCE = '#include <stdio.h>\nint main(void) { puts("ran"); return 0; }\n'


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A little program with debug information and a RUNPATH."""
    folder = tmp_path_factory.mktemp("elf")
    (folder / "a.c").write_text(SOURCE)
    if shutil.which("cc") is None:
        pytest.skip("no C compiler")
    command = ["cc", "-g", "a.c", "-o", "a", "-Wl,-rpath,/opt/some/where/lib"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return folder / "a"


def test_needed_libraries_and_search_path_are_read(program: Path) -> None:
    dynamic = read_dynamic(program.read_bytes())
    assert any(name.startswith("libc.") for name in dynamic.needed)
    assert [path.text for path in dynamic.search_paths] == ["/opt/some/where/lib"]
    assert find_needed_glibc(program.read_bytes()) >= (2, 2)


def test_a_changed_program_runs_and_says_its_new_path(program: Path, tmp_path: Path) -> None:
    content = program.read_bytes()
    changed = set_search_path(content, read_dynamic(content).search_paths[0], "$ORIGIN/../lib")
    stripped = strip_debug_sections(changed)
    assert len(stripped) < len(changed) == len(content)
    assert [path.text for path in read_dynamic(stripped).search_paths] == ["$ORIGIN/../lib"]
    copy = tmp_path / "copy"
    copy.write_bytes(stripped)
    copy.chmod(0o755)
    done = subprocess.run([copy], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "ran\n")


def test_a_stripped_file_is_stripped_already(program: Path) -> None:
    once = strip_debug_sections(program.read_bytes())
    assert strip_debug_sections(once) == once
    assert read_dynamic(once) == read_dynamic(program.read_bytes())


def test_a_longer_path_is_refused(program: Path) -> None:
    content = program.read_bytes()
    with pytest.raises(ValueError, match="does not fit"):
        set_search_path(content, read_dynamic(content).search_paths[0], "/x" * 40)


@given(st.binary(max_size=200))
def test_garbage_gives_no_facts(garbage: bytes) -> None:
    for content in (garbage, b"\x7fELF\x02\x01\x01" + garbage, b"\x7fELF\x01\x02\x01" + garbage):
        read_dynamic(content)
        strip_debug_sections(content)
        find_needed_glibc(content)


@given(st.integers(0, 4095), st.integers(0, 255), st.integers(0, len(EXECUTABLE)))
def test_damaged_files_do_no_harm(at: int, value: int, cut: int) -> None:
    content = bytearray(EXECUTABLE[: max(cut, 4200)][:20000])
    content[at % len(content)] = value
    read_dynamic(bytes(content))
    strip_debug_sections(bytes(content))


def test_the_running_interpreter_is_understood() -> None:
    assert is_elf(EXECUTABLE)
    assert read_dynamic(EXECUTABLE).needed
