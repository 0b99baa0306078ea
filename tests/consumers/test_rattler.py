"""Locks judged by rattler's own reader, which is pixi's."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envbench.formats.lock_formats import export_lock
from envbench.model.lock import Export, Lock
from envbench.model.version import parse_version
from tests.consumers.samples import CONDA_ONLY, GPU_BOX, LAPTOP, PLAIN_PIP

READER = Path(__file__).with_name("rattler_reading.py")


def run_rattler(folder: Path, export: Export) -> "subprocess.CompletedProcess[str]":
    path = folder / export.file_name
    path.write_text(export.text)
    return subprocess.run(
        [sys.executable, str(READER), str(path)], capture_output=True, text=True, check=False
    )


def read_as_rattler(folder: Path, locks: tuple[Lock, ...], format_name: str) -> dict[str, Any]:
    done = run_rattler(folder, export_lock(locks, format_name))
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


CASES = [
    (format_name, locks)
    for format_name in ("pixi-v6", "pixi-v7", "conda-lock")
    for locks in ((GPU_BOX,), (PLAIN_PIP,), (CONDA_ONLY, LAPTOP))
    # Of a repository conda-lock has the commit where rattler wants a hash: told as a loss.
    if (format_name, locks) != ("conda-lock", (GPU_BOX,))
]


@pytest.mark.parametrize(
    ("format_name", "locks"), CASES, ids=[f"{name}-{locks[-1].name}" for name, locks in CASES]
)
def test_rattler_reads_the_same_packages(tmp_path: Path, format_name: str, locks: tuple[Lock, ...]):
    (environment,) = read_as_rattler(tmp_path, locks, format_name).values()
    for lock in locks:
        packages = environment["platforms"][lock.platform]
        conda = {p["location"]: p for p in packages if p["kind"].startswith("Conda")}
        assert set(conda) == {package.url for package in lock.packages}
        for package in lock.packages:
            read = conda[package.url]
            assert read["name"] == package.name
            # rattler shows `010` as 10, which is the same version to it.
            assert parse_version(read["version"]) == parse_version(package.version)
            assert (read["md5"], read["sha256"]) == (package.md5, package.sha256)
        pip = {p["name"]: p for p in packages if p["kind"].startswith("Pypi")}
        for package in lock.pip:
            if package.name in pip and package.sha256:
                assert pip[package.name]["sha256"] == package.sha256
        if format_name.startswith("pixi"):
            assert set(pip) == {package.name for package in lock.pip}
    order = [url.rstrip("/").rpartition("/")[2] for url in environment["channels"]]
    assert tuple(order) == locks[0].channels


def test_rattler_refuses_conda_lock_with_a_repository_as_the_loss_says(tmp_path: Path):
    export = export_lock(GPU_BOX, "conda-lock")
    assert run_rattler(tmp_path, export).returncode != 0
    named = {
        name
        for loss in export.lost
        if loss.what == "py-rattler as a consumer"
        for name in loss.packages
    }
    assert named == {"from-git"}
