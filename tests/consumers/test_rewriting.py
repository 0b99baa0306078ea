"""Locks read and written again by the tools they are for: what those would have written."""

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from envbench.formats.lock_formats import export_lock
from envbench.model.lock import Lock
from envbench.model.version import parse_version
from tests.consumers.samples import CONDA_ONLY, GPU_BOX, LAPTOP, PLAIN_PIP

Locks = tuple[Lock, ...]
SAMPLES = pytest.mark.parametrize(
    "locks", [(GPU_BOX,), (PLAIN_PIP,), (CONDA_ONLY, LAPTOP)], ids=["gpu", "pip", "two"]
)
REWRITE = "import os, sys; from rattler import LockFile; LockFile.from_path(sys.argv[1]).to_path(sys.argv[2]); os._exit(0)"
MARK = "# created-by: envbench\n"


def write(folder: Path, locks: Locks, format_name: str) -> Path:
    export = export_lock(locks, format_name)
    path = folder / export.file_name
    path.write_text(export.text)
    return path


def rewrite_as_pixi(path: Path) -> str:
    new = path.with_name("again.lock")
    done = subprocess.run(
        [sys.executable, "-c", REWRITE, str(path), str(new)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return new.read_text()


@SAMPLES
def test_pixi_s_writer_changes_nothing_in_a_lock_of_its_version(tmp_path: Path, locks: Locks):
    path = write(tmp_path, locks, "pixi-v7")
    assert f"{MARK}{rewrite_as_pixi(path)}" == path.read_text()


@SAMPLES
def test_pixi_s_writer_only_lifts_the_older_version(tmp_path: Path, locks: Locks):
    old = write(tmp_path, locks, "pixi-v6")
    text = re.sub(r"platforms:\n(?:- name: .*\n)+", "", rewrite_as_pixi(old))
    assert f"{MARK}{text}" == old.read_text().replace("version: 6\n", "version: 7\n", 1)


@pytest.fixture(scope="module")
def conda_lock() -> ModuleType:
    return pytest.importorskip("conda_lock.conda_lock")


@SAMPLES
@pytest.mark.parametrize("format_name", ["conda-lock", "conda-lock-no-pip"])
def test_conda_lock_s_writer_changes_nothing(
    tmp_path: Path, conda_lock: ModuleType, locks: Locks, format_name: str
):
    path, new = write(tmp_path, locks, format_name), tmp_path / "again.yml"
    files: Any = sys.modules["conda_lock.lockfile"]
    read = files.parse_conda_lock_file(path)
    files.write_conda_lock_file(read, new, None, include_help_text=False)
    assert new.read_text() == path.read_text()


@SAMPLES
def test_conda_lock_renders_files_that_name_the_same(
    tmp_path: Path, conda_lock: ModuleType, locks: Locks, monkeypatch: pytest.MonkeyPatch
):
    path = write(tmp_path, locks, "conda-lock")
    monkeypatch.chdir(tmp_path)
    files: Any = sys.modules["conda_lock.lockfile"]
    conda_lock.do_render(files.parse_conda_lock_file(path), kinds=("explicit", "env"))
    for lock in locks:
        explicit = (tmp_path / f"conda-{lock.platform}.lock").read_text()
        rows = [row for row in explicit.splitlines() if row.startswith("http")]
        assert sorted(rows) == sorted(f"{p.url}#{p.md5}" for p in lock.packages)
        before: set[str] = set()
        needs = {p.url: {need.split()[0] for need in p.depends} for p in lock.packages}
        names = {p.url: p.name for p in lock.packages}
        for url in (row.partition("#")[0] for row in rows):
            assert needs[url] <= before, url
            before.add(names[url])
        references = {p.name: p.direct_url or p.url for p in lock.pip}
        pip = re.findall(r"(?m)^# pip (\S+) @ ([^\s#]+)", explicit)
        assert dict(pip) == references
        pins = {p.name: p.version for p in lock.packages}
        environment = (tmp_path / f"conda-{lock.platform}.lock.yml").read_text()
        for name, version, build in re.findall(r"(?m)^  - ([^=\s]+)=([^=]+)=(\S+)$", environment):
            (package,) = (p for p in lock.packages if p.name == name)
            assert (package.version, package.build) == (version, build)
            assert parse_version(pins.pop(name)) == parse_version(version)
        assert not pins
