"""Processes that crash, hang, leave, run out of something, or compute wrongly."""

import time
from pathlib import Path

import pytest

from envbench.model.probe import ProbeStatus

ILLEGAL = """
import ctypes, mmap
room = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
room.write(b"\\x0f\\x0b")
ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(room)))()
"""
BUS = """
import mmap, os, tempfile
file = tempfile.TemporaryFile()
file.truncate(8192)
room = mmap.mmap(file.fileno(), 8192)
file.truncate(0)
room[4096]
"""
TALKING_ABORT = """
import os, sys
print({text!r}, file=sys.stderr, flush=True)
os.abort()
"""
NO_AVX = "The TensorFlow library was compiled to use AVX instructions, but these aren't available on your machine."
TWO_OPENMP = (
    "OMP: Error #15: Initializing libiomp5.so, but found libomp.so already initialized.\n"
    "OMP: Hint This means that multiple copies of the OpenMP runtime have been linked into the program."
)
HDF5 = (
    "Warning! ***HDF5 library version mismatched error***\n"
    "The HDF5 header files used to compile this application do not match\n"
    "Headers are 1.14.3, library is 1.12.2"
)

CRASHES = {
    "segfault": ("import ctypes\nctypes.string_at(0)", "signal.segv", 11),
    "abort": ("import os\nos.abort()", "signal.abrt", 6),
    "illegal_instruction": (ILLEGAL, "cpu.isa", 4),
    "bus_error": (BUS, "signal.bus", 7),
    "divided_by_zero": ("import os, signal\nos.kill(os.getpid(), signal.SIGFPE)", "signal.fpe", 8),
    "avx_is_not_here": (TALKING_ABORT.format(text=NO_AVX), "cpu.isa", 6),
    "two_openmp_runtimes": (TALKING_ABORT.format(text=TWO_OPENMP), "lib.duplicate_openmp", 6),
    "hdf5_of_another_release": (TALKING_ABORT.format(text=HDF5), "lib.hdf5_mismatch", 6),
}


@pytest.mark.parametrize(("source", "code", "number"), CRASHES.values(), ids=CRASHES)
def test_a_crash(workshop, provoke, source, code, number):
    workshop.numpy(source)
    result = provoke(workshop.prefix)
    assert (result.status, result.stage, result.signal) == (ProbeStatus.CRASHED, "import", number)
    assert result.diagnoses[0].code == code
    if number in {4, 6, 11}:
        assert any("numpy/__init__.py" in frame for frame in result.frames)
        assert "numpy/__init__.py" in result.reason


OPENBLAS = "OpenBLAS error: Memory allocation still failed after 10 retries, giving up."
GONE = {
    "exit_in_import": ("raise SystemExit(3)", "exit", 3),
    "silent_exit": ("import os\nos._exit(0)", "exit", 0),
    "openblas_gives_up": (
        f"import os, sys\nprint({OPENBLAS!r}, file=sys.stderr, flush=True)\nos._exit(1)",
        "host.oom",
        1,
    ),
}


@pytest.mark.parametrize(("source", "code", "number"), GONE.values(), ids=GONE)
def test_an_exit(workshop, provoke, source, code, number):
    workshop.numpy(source)
    result = provoke(workshop.prefix)
    assert (result.status, result.stage, result.exit_code) == (ProbeStatus.EXITED, "import", number)
    assert result.diagnoses[0].code == code


WANTS = {
    "memory_limit": (
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))\n"
        "room = bytearray(2 << 30)",
        "host.oom",
    ),
    "no_more_threads": (
        "import resource, threading\nthreading.stack_size(256 << 20)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (900 << 20, 900 << 20))\n"
        "gate = threading.Event()\n"
        "for _ in range(64): threading.Thread(target=gate.wait, daemon=True).start()",
        "host.threads",
    ),
    "no_space_left": ("with open('/dev/full', 'w') as file: file.write('x')", "host.disk_full"),
    "too_many_open_files": (
        "import os, resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))\n"
        "held = [open('/dev/null') for _ in range(40)]",
        "host.open_files",
    ),
    "not_permitted": (
        "import subprocess, pathlib\n"
        "program = pathlib.Path('program'); program.write_text('x')\nsubprocess.run(['./program'])",
        "host.permission",
    ),
    "no_network": ("import socket\nsocket.getaddrinfo('no.such.name.invalid', 443)", "net.offline"),
}


@pytest.mark.parametrize(("source", "code"), WANTS.values(), ids=WANTS)
def test_something_runs_out(workshop, provoke, source, code):
    workshop.numpy(source)
    result = provoke(workshop.prefix)
    assert (result.status, result.stage) == (ProbeStatus.FAILED, "import")
    assert result.diagnoses[0].code == code, result.errors


def test_a_hang_names_the_frame(workshop, provoke):
    workshop.package(
        "slowlib", "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()"
    )
    workshop.numpy("import slowlib")
    began = time.monotonic()
    result = provoke(workshop.prefix, timeout_s=3.0)
    assert (result.status, result.stage) == (ProbeStatus.TIMEOUT, "import")
    assert result.diagnoses[0].code == "hang"
    assert "slowlib/__init__.py:4" in result.diagnoses[0].evidence
    assert "slowlib/__init__.py:4" in result.reason
    assert time.monotonic() - began < 20


def test_killed_from_outside(workshop, provoke):
    workshop.numpy("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    result = provoke(workshop.prefix)
    assert (result.status, result.stage, result.signal) == (ProbeStatus.CRASHED, "import", 9)
    rises = result.facts["oom_kills"]
    # Where the kernel's counters can be read they tell that it was not the kernel.
    assert result.diagnoses[0].code == (
        "signal.kill" if rises and not any(rises.values()) else "host.oom_killed"
    )


def test_a_wrong_number(plain_interpreter, provoke):
    """A digest that is wrong in one interpreter only: nothing raises, only the number tells."""
    hashlib = next(plain_interpreter.glob("lib/python3*/hashlib.py"))
    whole = hashlib.read_text()
    hashlib.unlink()
    hashlib.write_text(whole + "\nsha256 = md5\n")
    result = provoke(plain_interpreter, probe="python")
    assert (result.status, result.stage) == (ProbeStatus.FAILED, "check:sha256")
    assert result.diagnoses[0].code == "wrong_result"


def test_not_installed(workshop, provoke):
    result = provoke(workshop.prefix)
    assert (result.status, result.stage) == (ProbeStatus.NOT_INSTALLED, "static")
    assert result.diagnoses[0].code == "missing.dist"


def test_a_dependency_is_not_installed(workshop, provoke):
    workshop.numpy("import yaml")
    result = provoke(workshop.prefix)
    assert result.diagnoses[0].code == "missing.module"
    assert "pyyaml" in result.diagnoses[0].remedies[0].text


def test_nothing_is_left_behind(workshop, provoke, tmp_path):
    """Neither a child of the group nor one that went into a session of its own, nor its folder."""
    told = tmp_path / "pids"
    source = f"""
import os, subprocess, sys
children = [subprocess.Popen(['sleep', '600'], start_new_session=apart) for apart in (False, True)]
with open({str(told)!r}, 'a') as file: print(*(c.pid for c in children), os.getpid(), os.getcwd(), file=file)
raise RuntimeError('two children are left')
"""
    workshop.numpy(source)
    result = provoke(workshop.prefix, scored=False)
    assert result.status is ProbeStatus.FAILED
    lines = [line.split() for line in told.read_text().splitlines()]
    assert len(lines) == 2
    for *pids, folder in lines:
        assert not any(_is_alive(int(pid)) for pid in pids)
        assert not Path(folder).exists()


def _is_alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_memory_of_children_is_seen(workshop, provoke):
    held = "import time; room = bytearray(b'x') * (60 << 20); print(flush=True); time.sleep(1.5)"
    workshop.numpy(
        f"import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-S', '-c', {held!r}],"
        " stdout=subprocess.PIPE)\nchild.stdout.readline()\nchild.wait()\nraise RuntimeError('seen')"
    )
    result = provoke(workshop.prefix, scored=False)
    assert result.memory_tree_peak_bytes > 60 << 20 > result.memory_peak_bytes
