"""Interpreters that do not even start: nothing of a framework is to blame."""

import os
import stat
from pathlib import Path

import pytest

from envbench.probes.catalog import find_probe
from envbench.probes.runner import ProbeOrder, run_probe
from tests.probes.held_out.cases import Case, find_faults


def _judge(prefix: Path, case: Case) -> None:
    order = ProbeOrder(
        probe=find_probe(case.probe),
        prefix=prefix,
        environ={"PATH": os.environ["PATH"], "HOME": str(prefix)},
        timeout_s=30,
    )
    faults = find_faults(case, run_probe(order))
    assert not faults, "; ".join(faults)


def _make(prefix: Path, text: str | bytes) -> Path:
    python = prefix / "bin" / "python"
    python.parent.mkdir()
    python.write_bytes(text.encode() if isinstance(text, str) else text)
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return prefix


@pytest.mark.parametrize(
    ("said", "code", "codes"),
    [
        (
            "/env/bin/python: error while loading shared libraries: libpython3.11.so.1.0: cannot open shared object file: No such file or directory",
            127,
            ("lib.missing", "abi.python_tag"),
        ),
        (
            "/env/bin/python: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /env/bin/python)",
            1,
            ("lib.glibc",),
        ),
        (
            "Fatal Python error: init_fs_encoding: failed to get the Python codec of the filesystem encoding\nPython runtime state: core initialized\nModuleNotFoundError: No module named 'encodings'",
            1,
            ("missing.*", "leak.*", "abi.python_tag", "pin.python"),
        ),
    ],
)
def test_the_loader_says_why(tmp_path, said, code, codes):
    prefix = _make(tmp_path, f"#!/bin/sh\ncat >&2 <<'END'\n{said}\nEND\nexit {code}\n")
    _judge(prefix, Case(name="start", probe="numpy", status="exited", stage="", codes=codes))


def test_a_python_for_another_machine(tmp_path):
    prefix = _make(tmp_path, b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xf3\x00" + bytes(200))
    codes = ("lib.wrong_arch", "lib.corrupt")
    _judge(prefix, Case(name="machine", probe="numpy", status="exited", stage="", codes=codes))


def test_an_interpreter_that_went(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to("/opt/none/bin/python3.9")
    case = Case(
        name="gone",
        probe="numpy",
        status="not_installed",
        stage="static",
        codes=("missing.python", "missing.interpreter"),
    )
    _judge(tmp_path, case)
