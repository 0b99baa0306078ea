"""Failures of compiled code, each made by the compiler and met by a real import."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from envbench.model.probe import ProbeResult
from envbench.probes.catalog import find_probe
from envbench.probes.runner import ProbeOrder, run_probe
from tests.probes.held_out.cases import Case, find_faults
from tests.probes.held_out.conftest import write

EMPTY = "void *PyInit__native(void) { return 0; }\n"
IMPORT = "from numpy import _native"


@pytest.fixture
def package(throwaway: Path) -> Path:
    """The folder of the package that `_native` belongs to."""
    [site] = throwaway.glob("lib/python*/site-packages")
    folder = site / "numpy"
    folder.mkdir()
    return folder


@pytest.fixture
def judge(run_case: Callable[[Case], ProbeResult]) -> Callable[..., None]:
    def run(*codes: str, source: str = IMPORT, status: str = "failed", **more) -> None:
        case = Case(name="native", probe="numpy", source=source, status=status, codes=codes, **more)
        faults = find_faults(case, run_case(case))
        assert not faults, "; ".join(faults)

    return run


def test_a_library_that_went(package, compile_library, judge):
    needed = compile_library(
        "libmagic_of_mine.so.4", "int cast(void) { return 1; }", folder=package
    )
    text = "int cast(void); void *PyInit__native(void) { cast(); return 0; }"
    compile_library("_native.so", text, str(needed), folder=package)
    needed.unlink()
    judge("lib.missing")


def test_a_symbol_that_went(package, compile_library, judge):
    text = "int gone_since_version_two(void); void *PyInit__native(void) { gone_since_version_two(); return 0; }"
    compile_library("_native.so", text, folder=package)
    judge("lib.undefined_symbol")


def test_a_symbol_of_another_python(package, compile_library, judge):
    text = "extern int _PyGC_generation0; void *PyInit__native(void) { return &_PyGC_generation0; }"
    compile_library("_native.so", text, folder=package)
    judge("lib.undefined_symbol", "abi.python_tag")


def test_a_version_of_the_system_library_that_is_to_come(package, tmp_path, compile_library, judge):
    """Linked against a stand-in that knows a later version, run with the one of this box."""
    script = tmp_path / "versions"
    script.write_text("GLIBC_2.99 { global: to_come; };\n")
    later = compile_library(
        "libm.so.6", "int to_come(void) { return 1; }",
        f"-Wl,--version-script={script}", "-Wl,-soname,libm.so.6", folder=tmp_path / "later",
    )  # fmt: skip
    text = "int to_come(void); void *PyInit__native(void) { to_come(); return 0; }"
    compile_library("_native.so", text, str(later), folder=package)
    judge("lib.glibc")


def test_half_a_library(package, compile_library, judge):
    built = compile_library("_native.so", EMPTY, folder=package)
    built.write_bytes(built.read_bytes()[:40])
    judge("lib.*", not_codes=("lib.missing",))


def test_a_pointer_in_the_place_of_a_library(package, judge):
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 123456\n"
    (package / "_native.so").write_text(text)
    judge("lib.*", not_codes=("lib.missing",))


def test_a_library_of_another_width(package, compile_library, judge):
    built = compile_library("_native.so", EMPTY, folder=package)
    content = bytearray(built.read_bytes())
    content[4] = 1
    built.write_bytes(content)
    judge("lib.*", "abi.*", not_codes=("lib.missing",))


def test_a_segmentation_fault_at_import(package, compile_library, judge):
    text = "void *PyInit__native(void) { *(volatile int *)8 = 1; return 0; }"
    compile_library("_native.so", text, folder=package)
    judge("signal.segv", status="crashed")


def test_an_endless_recursion_in_compiled_code(package, compile_library, judge):
    text = "int down(volatile int n) { volatile int page[4096]; page[0] = n; return down(n + 1) + page[0]; }\nvoid *PyInit__native(void) { down(0); return 0; }"
    compile_library("_native.so", text, "-O0", folder=package)
    judge("signal.segv", status="crashed")


def test_a_division_by_zero_in_compiled_code(package, compile_library, judge):
    text = "volatile int zero; void *PyInit__native(void) { zero = 7 / zero; return 0; }"
    compile_library("_native.so", text, folder=package)
    judge("signal.*", status="crashed", not_codes=("signal.segv", "signal.abrt", "cpu.isa"))


def test_an_instruction_that_this_processor_has_not(package, compile_library, judge):
    text = "void *PyInit__native(void) { __builtin_trap(); return 0; }"
    compile_library("_native.so", text, folder=package)
    judge("cpu.isa", status="crashed")


def test_an_exit_of_compiled_code(package, compile_library, judge):
    text = "void exit(int); void *PyInit__native(void) { exit(7); }"
    compile_library("_native.so", text, folder=package)
    judge("exit", status="exited")


def test_a_stale_library_on_the_loader_path(package, tmp_path, compile_library, judge):
    """The environment brings its own; a folder of the user's comes first."""
    source = "int answer(void) { return 1; } int new_answer(void) { return 2; }"
    own = compile_library("libcudart.so.12", source, "-Wl,-soname,libcudart.so.12", folder=package)
    text = "int new_answer(void); int strlen(const char *); void *PyInit__native(void) { new_answer(); return 0; }"
    compile_library(
        "_native.so", text, str(own), f"-Wl,-rpath,{package}", "-Wl,--enable-new-dtags",
        folder=package,
    )  # fmt: skip
    old = "int answer(void) { return 1; }"
    stale = compile_library(
        "libcudart.so.12", old, "-Wl,-soname,libcudart.so.12", folder=tmp_path / "stale"
    )
    source = "try:\n    from numpy import _native\nexcept SystemError:\n    pass\nfrom numpy.whole import *"
    [site] = [package.parent]
    from tests.probes.held_out.standins import NUMPY

    write(site, {"numpy/whole.py": NUMPY + "\n__all__ = list(globals())\n"})
    judge(
        "leak.ld_library_path",
        source=source,
        environ={"LD_LIBRARY_PATH": str(stale.parent)},
    )


@pytest.mark.skipif(
    Path(sys.base_prefix, "bin", "python3").resolve() == Path("/usr/bin/python3"),
    reason="the interpreter of the system has its own rules for the user's packages",
)
def test_an_old_package_of_the_users_own(tmp_path, driver_library):
    """Not in a venv: those leave `~/.local` alone; an interpreter with its own prefix does not."""
    prefix, home = tmp_path / "env", tmp_path / "home"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = prefix / "lib" / version
    library.mkdir(parents=True)
    (prefix / "bin").mkdir()
    shutil.copy(Path(sys.base_prefix, "bin", version).resolve(), prefix / "bin" / "python")
    for entry in Path(sysconfig.get_paths()["stdlib"]).iterdir():
        if entry.name not in {"site-packages", "__pycache__"}:
            (library / entry.name).symlink_to(entry)
    for shared in Path(sys.base_prefix, "lib").glob("libpython*"):
        (prefix / "lib" / shared.name).symlink_to(shared)
    found = subprocess.run(
        [prefix / "bin/python", "-c", "import site, sys; print(sys.prefix, site.ENABLE_USER_SITE)"],
        env={"HOME": str(home)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout.split() == [str(prefix), "True"]
    write(library / "site-packages", Case(name="good", probe="numpy").lay_out(str(driver_library)))
    old = "raise ImportError('Error importing numpy: you should not try to import numpy from\\n        its source directory; please exit the numpy source tree, and relaunch\\n        your python interpreter from there.')\n"
    info = "Metadata-Version: 2.1\nName: numpy\nVersion: 1.16.0\n"
    write(
        home / ".local/lib" / version / "site-packages",
        {"numpy/__init__.py": old, "numpy-1.16.0.dist-info/METADATA": info},
    )
    result = run_probe(
        ProbeOrder(
            probe=find_probe("numpy"),
            prefix=prefix,
            environ={"PATH": os.environ["PATH"], "HOME": str(home)},
            timeout_s=30,
        )
    )
    case = Case(name="user site", probe="numpy", codes=("leak.usersite",))
    faults = find_faults(case, result)
    assert not faults, "; ".join(faults)
