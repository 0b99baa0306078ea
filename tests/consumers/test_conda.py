"""Locks of the conda part, judged by the code of those who read them."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from envbench.formats.lock_formats import export_lock
from envbench.model.lock import Lock
from tests.consumers.samples import CONDA_ONLY, GPU_BOX, LAPTOP, PLAIN_PIP

READER = Path(__file__).with_name("conda_lockfiles_reading.py")
Locks = tuple[Lock, ...]


def write(folder: Path, locks: Locks, format_name: str) -> Path:
    export = export_lock(locks, format_name)
    path = folder / export.file_name
    path.write_text(export.text)
    return path


def read_as_conda(path: Path, platform: str) -> dict[str, Any]:
    """Give what conda would install of a lock, by its plugin's own reading."""
    pytest.importorskip("conda_lockfiles")
    done = subprocess.run(
        [sys.executable, str(READER), str(path), platform],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("format_name", ["conda-lock-no-pip", "pixi-v6"])
@pytest.mark.parametrize("locks", [(CONDA_ONLY,), (CONDA_ONLY, LAPTOP)], ids=["one", "two"])
def test_conda_takes_the_lock_as_it_stands(tmp_path: Path, format_name: str, locks: Locks):
    path = write(tmp_path, locks, format_name)
    for lock in locks:
        found = read_as_conda(path, lock.platform)
        assert sorted(found["platforms"]) == sorted(each.platform for each in locks)
        assert tuple(found["channels"]) == lock.channels
        assert not found["external"]
        records = {record["url"]: record for record in found["packages"]}
        assert set(records) == {package.url for package in lock.packages}
        for package in lock.packages:
            record = records[package.url]
            assert (record["md5"], record["sha256"]) == (package.md5, package.sha256)
            names = {spec.split()[0] for spec in record.get("depends") or ()}
            assert names == {spec.split()[0] for spec in package.depends}


def test_the_lock_for_conda_has_no_pip_part_and_says_so(tmp_path: Path):
    export = export_lock(GPU_BOX, "conda-lock-no-pip")
    assert {
        name for loss in export.lost if loss.what == "pip packages" for name in loss.packages
    } == {package.name for package in GPU_BOX.pip}
    (tmp_path / export.file_name).write_text(export.text)
    assert not read_as_conda(tmp_path / export.file_name, "linux-64")["external"]


@pytest.fixture
def validate() -> Callable[[Path], Any]:
    models = pytest.importorskip("conda_lock.lockfile.v1.models")

    def by_conda_lock(path: Path) -> Any:
        return models.Lockfile.model_validate(yaml.safe_load(path.read_text()))

    return by_conda_lock


@pytest.mark.parametrize(
    "locks", [(GPU_BOX,), (PLAIN_PIP,), (CONDA_ONLY, LAPTOP)], ids=["gpu", "pip", "two"]
)
@pytest.mark.parametrize("format_name", ["conda-lock", "conda-lock-no-pip"])
def test_conda_lock_takes_it(
    tmp_path: Path, format_name: str, locks: Locks, validate: Callable[[Path], Any]
):
    read = validate(write(tmp_path, locks, format_name))
    assert list(read.metadata.platforms) == [lock.platform for lock in locks]
    assert [channel.url for channel in read.metadata.channels] == list(locks[0].channels)
    for lock in locks:
        there = {
            (package.name, package.version, package.hash.md5, package.hash.sha256)
            for package in read.package
            if package.manager == "conda" and package.platform == lock.platform
        }
        assert there == {(p.name, p.version, p.md5, p.sha256) for p in lock.packages}
        pip = {p.name: p for p in read.package if p.manager == "pip"}
        kept = {package.name for package in lock.pip if package.sha256 and not package.direct_url}
        assert format_name != "conda-lock" or kept <= pip.keys()
