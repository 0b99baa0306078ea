"""A full disk and a read-only one: plain words, and the environment in use as it was."""

import os
import subprocess
from pathlib import Path

import pytest

from envbench.envs.generations import EnvironmentStore
from envbench.envs.history import write_history
from envbench.envs.lock import lock_environment
from envbench.model.errors import PreventedError
from envbench.model.generation import Generation


@pytest.fixture
def disk(tmp_path):
    """A file system of 256 KiB."""
    if os.geteuid() != 0:
        pytest.skip("needs root to mount")
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", place]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("cannot mount here")
    yield place
    subprocess.run(["umount", place], check=True)


def build(store: EnvironmentStore) -> int:
    with lock_environment(store.envs_dir, "a", wait_s=5) as lock:
        staged = store.stage("a", lock=lock)
        (staged.prefix / "conda-meta").mkdir()
        write_history(staged.prefix, specs=["x"], packages=(), command="x" * 500)
        made = Generation(
            environment="a", number=staged.number, created="", created_by="", reason=""
        )
        store.complete(staged, made)
        store.flip("a", staged.number, lock=lock)
    return staged.number


def snapshot(path: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def test_a_full_disk_leaves_the_live_environment_and_a_later_build_succeeds(disk):
    store = EnvironmentStore(disk / "envs")
    assert build(store) == 1
    before = snapshot(store.path("a"))
    filler = disk / "filler"
    with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as stream:
        while True:
            stream.write(b"x" * 4096)
    with pytest.raises(PreventedError) as caught:
        build(store)
    assert "full" in str(caught.value) or "No space" in str(caught.value)
    assert snapshot(store.path("a")) == before
    filler.unlink()
    assert build(store) > 1
    assert len(list((disk / "envs" / ".generations").iterdir())) == 2


def test_a_full_disk_keeps_nobody_from_a_lock(disk):
    """The lock files exist; what they would say of their holder finds no room."""
    for name in ("a", "b"):
        with lock_environment(disk / "envs", name, wait_s=5):
            pass
        (disk / "envs" / ".envbench-locks" / f"{name}.lock").write_bytes(b"")
    filler = disk / "filler"
    with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as stream:
        while True:
            stream.write(b"x" * 4096)
    with lock_environment(disk / "envs", "a", wait_s=5) as lock:
        assert lock.name == "a"


def test_a_read_only_disk_is_named(disk):
    store = EnvironmentStore(disk / "envs")
    build(store)
    before = snapshot(store.path("a"))
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    with pytest.raises(PreventedError, match=r"(?i)read-only"):
        build(store)
    assert snapshot(store.path("a")) == before
