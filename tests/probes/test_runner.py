"""Probes really run: in an environment with a stand-in package that ends in every possible way."""

import os
import time
from pathlib import Path

import pytest

from envbench.model.errors import UsageError
from envbench.model.probe import ProbeResult, ProbeStatus
from envbench.probes.catalog import PROBES, find_probe
from envbench.probes.runner import ProbeOrder, run_probe


def probe(
    prefix: Path, name: str = "numpy", timeout_s: float = 30.0, gpu: str = "", **environ: str
) -> ProbeResult:
    order = ProbeOrder(
        probe=find_probe(name),
        prefix=prefix,
        environ={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environ},
        timeout_s=timeout_s,
        gpu=gpu,
    )
    return run_probe(order)


def test_the_interpreter_is_proved_by_numbers(bare_environment):
    result = probe(bare_environment, "python")
    assert (result.status, result.reason) == (ProbeStatus.OK, "")
    assert [check.name for check in result.checks] == ["pi", "sha256", "compression", "sqlite"]
    assert all(
        check.error is not None and check.error <= check.tolerance for check in result.checks
    )
    assert result.facts["prefix"] == str(bare_environment)
    assert [stage.name for stage in result.stages][:3] == ["static", "import", "facts"]
    assert result.memory_peak_bytes > 1_000_000


def test_a_probe_writes_nothing_into_the_environment(bare_environment):
    before = sorted(bare_environment.rglob("*"))
    probe(bare_environment, "python")
    assert sorted(bare_environment.rglob("*")) == before


def test_not_installed_is_decided_without_importing(bare_environment):
    result = probe(bare_environment, "numpy")
    assert (result.status, result.stage) == (ProbeStatus.NOT_INSTALLED, "static")


def test_no_python_at_all(tmp_path):
    result = probe(tmp_path)
    assert result.status is ProbeStatus.NOT_INSTALLED
    assert "bin/python" in result.reason


@pytest.mark.parametrize(
    ("source", "status", "stage", "reason"),
    [
        (
            "raise ImportError('libfoo.so.3: cannot open shared object file')",
            "failed",
            "import",
            "libfoo.so.3",
        ),
        ("import ctypes; ctypes.string_at(0)", "crashed", "import", "SIGSEGV"),
        ("import os; os.abort()", "crashed", "import", "SIGABRT"),
        ("import sys; sys.exit(3)", "exited", "import", "code 3"),
        ("import os; os._exit(0)", "exited", "import", "code 0"),
        ("__version__ = '9.9'", "failed", "facts", "AttributeError"),
    ],
)
def test_each_ending_is_attributed_to_its_stage(fake_numpy, source, status, stage, reason):
    result = probe(fake_numpy(source))
    assert (result.status, result.stage) == (status, stage)
    assert reason in result.reason
    assert result.distributions["numpy"]["version"] == "9.9"


def test_a_hang_ends_at_the_limit_and_its_stack_is_kept(fake_numpy):
    began = time.monotonic()
    result = probe(
        fake_numpy("import threading\nlock = threading.Lock()\nlock.acquire(); lock.acquire()"),
        timeout_s=3,
    )
    assert (result.status, result.stage) == (ProbeStatus.TIMEOUT, "import")
    assert "numpy/__init__.py" in result.log_tail.replace("\\", "/")
    assert time.monotonic() - began < 20


def test_a_grandchild_that_holds_the_pipes_is_not_waited_for(fake_numpy):
    source = "import subprocess, os\nsubprocess.Popen(['sleep', '600'])\nos._exit(7)"
    began = time.monotonic()
    result = probe(fake_numpy(source))
    assert result.status is ProbeStatus.EXITED
    assert time.monotonic() - began < 20


WRONG_NUMPY = """
import random as _random
__version__ = "9.9"
def show_config(mode): return {"Build Dependencies": {"blas": {"name": "none"}}}
class _Matrix(list):
    def __matmul__(self, other): return self
class random:
    class RandomState:
        def __init__(self, seed): pass
        def standard_normal(self, shape): return _Matrix([_Matrix([1.0])])
class linalg:
    @staticmethod
    def qr(matrix): return matrix, matrix
    @staticmethod
    def solve(a, b): return a
class fft:
    @staticmethod
    def fft(x): raise RuntimeError("no transform")
    ifft = fft
def arange(a, b): return _Matrix()
def abs(x): return x
def max(x): return RESULT
"""


@pytest.mark.parametrize("number", ["float('nan')", "0.5"])
def test_a_wrong_number_fails_and_so_does_nan(fake_numpy, number):
    source = WRONG_NUMPY.replace("RESULT", f"__import__('itertools').count and {number}")
    source = source.replace(
        "def abs(x): return x", "def abs(x): return x\n_Matrix.__sub__ = lambda a, b: a"
    )
    result = probe(fake_numpy(source))
    assert result.status is ProbeStatus.FAILED
    assert result.stage.startswith("check:")


def test_output_of_a_framework_is_cleaned_and_does_not_disturb_the_events(fake_numpy):
    source = "print('{\"k\":\"done\"}')\nprint('\\x1b]52;c;aGk=\\x07 token=hunter2secret')\nraise RuntimeError('\\x1b[31mred')"
    result = probe(fake_numpy(source))
    assert (result.status, result.stage) == (ProbeStatus.FAILED, "import")
    assert "\x1b" not in result.log_tail + result.reason + result.errors[0].message
    assert "hunter2secret" not in result.log_tail


def test_a_leak_from_outside_is_told(bare_environment, tmp_path):
    (tmp_path / "sqlite3.py").write_text("raise RuntimeError('the foreign one')")
    result = probe(bare_environment, "python", PYTHONPATH=str(tmp_path))
    assert (result.status, result.stage, result.mode) == (ProbeStatus.FAILED, "import", "as_is")
    assert "the foreign one" in result.reason
    assert "leaks into it" in result.reason


def test_children_of_an_isolated_probe_do_not_see_the_users_own_packages(fake_numpy, tmp_path):
    """pip is such a child: what lies in ~/.local is not the environment's fault."""
    seen = tmp_path / "seen"
    source = "import os, sys\n" + (
        f"print(sys.flags.isolated, os.environ.get('PYTHONNOUSERSITE'), file=open({str(seen)!r}, 'a'))\n"
        "raise RuntimeError('look again')"
    )
    probe(fake_numpy(source))
    assert seen.read_text().splitlines() == ["0 None", "1 1"]


def test_a_module_that_shadows_the_standard_library_does_not_break_the_runner(
    bare_environment, tmp_path
):
    (tmp_path / "json.py").write_text("raise RuntimeError('shadow')")
    result = probe(bare_environment, "python", PYTHONPATH=str(tmp_path))
    assert result.status is ProbeStatus.OK


def test_unknown_probe():
    with pytest.raises(UsageError, match="no probe named"):
        find_probe("nonsense")


def test_every_probe_has_its_payload():
    assert all(entry.payload.is_file() for entry in PROBES)


def test_both_runs_are_kept(fake_numpy):
    source = "import sys\nraise RuntimeError('isolated' if sys.flags.isolated else 'as is')"
    result = probe(fake_numpy(source))
    assert (result.mode, result.errors[0].message) == ("as_is", "as is")
    assert (result.isolated.mode, result.isolated.errors[0].message) == ("isolated", "isolated")
    assert result.isolated.isolated is None


def test_the_chosen_gpu_is_all_that_the_child_may_see(fake_numpy, tmp_path):
    uuid, seen = "GPU-3b9c2f3a-9f3e-4a9f-8a51-0d6d1f6a7b8c", tmp_path / "seen"
    source = (
        f"import os\nprint(os.environ['CUDA_VISIBLE_DEVICES'], file=open({str(seen)!r}, 'w'))\n"
        "raise RuntimeError('seen')"
    )
    result = probe(fake_numpy(source), gpu=uuid)
    assert (seen.read_text().strip(), result.gpu) == (uuid, uuid)


def test_of_a_long_log_both_ends_are_kept(fake_numpy):
    source = "for n in range(900): print('line', n)\nraise RuntimeError('long')"
    lines = probe(fake_numpy(source)).log_tail.splitlines()
    assert (lines[0], lines[-1]) == ("line 0", "line 899")
    assert "... (700 lines left out)" in lines


def test_a_python_that_cannot_be_started_is_told(tmp_path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_bytes(b"\x7fELF no program")
    python.chmod(0o755)
    result = probe(tmp_path)
    assert (result.status, result.exit_code) == (ProbeStatus.EXITED, 127)
    assert "Exec format error" in result.log_tail
    assert result.diagnoses[0].code == "lib.wrong_arch"
