"""Facts for people, and programs on PATH."""

import os
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from envbench.machine.box import describe_box, describe_disk
from envbench.machine.executables import (
    Executable,
    ask_version,
    find_executable,
    find_executables,
    warn_of_version,
)


def program(directory: Path, name: str, text: str) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_this_box(box, tmp_path):
    facts = describe_box(box("cuda 12040", "gpu name=H100"), (tmp_path / "not" / "yet",))
    assert facts.cores >= 1
    assert 0 < facts.memory_free_bytes <= facts.memory_bytes
    assert facts.driver.gpus[0].name == "H100"
    (disk,) = facts.disks
    assert 0 < disk.free_bytes <= disk.total_bytes
    assert disk.file_system


@pytest.mark.parametrize(
    ("kind", "warning"), [("nfs4", "network file system"), ("tmpfs", "memory"), ("ext4", "")]
)
def test_slow_and_fleeting_disks_are_told(tmp_path, monkeypatch, kind, warning):
    mounts = [
        SimpleNamespace(mountpoint="/", fstype="overlay"),
        SimpleNamespace(mountpoint=str(tmp_path), fstype=kind),
        SimpleNamespace(mountpoint=f"{tmp_path}-other", fstype="xfs"),
    ]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: mounts)
    disk = describe_disk(tmp_path / "envs")
    assert disk.file_system == kind
    assert warning in disk.warning
    assert bool(disk.warning) is bool(warning)


def test_programs_are_found_and_none_is_run(tmp_path):
    program(tmp_path / "bin", "conda", f"touch '{tmp_path}/ran'; echo conda 26.7.1")
    environ = {"PATH": str(tmp_path / "bin")}
    found = find_executables(environ)
    assert found == (Executable("conda", tmp_path / "bin" / "conda"),)
    assert not (tmp_path / "ran").exists()
    assert ask_version(found[0]) == "26.7.1"
    assert (tmp_path / "ran").exists()


def test_conda_is_found_by_its_variable(tmp_path):
    path = program(tmp_path / "opt", "micromamba", "echo 2.3.1")
    found = find_executable("micromamba", {"PATH": "", "MAMBA_EXE": str(path)})
    assert found == Executable("micromamba", path)
    assert find_executable("mamba", {"PATH": "", "MAMBA_EXE": str(path)}) is None
    assert find_executable("conda", {"PATH": "", "CONDA_EXE": str(tmp_path / "none")}) is None


@pytest.mark.parametrize("text", ["exit 1", "sleep 60", "head -c 100000 /dev/zero", "echo none"])
def test_programs_that_tell_no_version(tmp_path, text):
    path = program(tmp_path, "odd", text)
    assert ask_version(Executable("odd", path), timeout_s=1.0) is None


def test_versions_of_real_programs():
    for executable in find_executables(dict(os.environ), ("bash", "git")):
        assert ask_version(executable)


def test_versions_with_known_holes_are_told():
    assert "CVE" in warn_of_version("conda", "24.11.3")
    assert warn_of_version("conda", "26.5.2") == ""
    assert warn_of_version("mamba", "1.0") == ""
