"""The lock of an environment between real processes."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from envbench.envs.lock import Holder, lock_cache, lock_environment, read_holder
from envbench.model.errors import PreventedError, UsageError

HOLD = """
import sys, time
from pathlib import Path
from envbench.envs.lock import lock_environment
with lock_environment(Path(sys.argv[1]), "a", wait_s=30, job="job-7"):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds the lock of `a`."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    yield child
    child.kill()
    child.wait()
    child.stdout.close()


def test_a_second_one_waits_and_says_for_whom(tmp_path, other):
    told: list[Holder] = []
    with (
        pytest.raises(PreventedError, match=f"job job-7 .process {other.pid}"),
        lock_environment(tmp_path, "a", wait_s=0.2, on_wait=told.append),
    ):
        pytest.fail("two held the lock")
    assert [(h.pid, h.job) for h in told] == [(other.pid, "job-7")]
    assert read_holder(tmp_path, "a") == told[0]


def test_death_releases_it(tmp_path, other):
    waiting = threading.Event()

    def kill_when_waiting():
        assert waiting.wait(20)
        os.kill(other.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_when_waiting)
    killer.start()
    with lock_environment(tmp_path, "a", wait_s=20, on_wait=lambda _: waiting.set()) as lock:
        assert lock.name == "a"
    killer.join()
    assert read_holder(tmp_path, "a") is None


def test_other_environments_are_free(tmp_path, other):
    start = time.monotonic()
    with lock_environment(tmp_path, "b", wait_s=0):
        assert time.monotonic() - start < 5


def test_children_do_not_inherit_the_lock(tmp_path):
    with lock_environment(tmp_path, "a", wait_s=0):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        with lock_environment(tmp_path, "a", wait_s=0):
            pass
    finally:
        child.kill()
        child.wait()


@pytest.mark.parametrize("name", ["../x", "a/b", "-n", ".", "", "base", "a\n", "a\0", "x" * 300])
def test_hostile_row_12_a_bad_name_touches_nothing(tmp_path, name):
    with pytest.raises(UsageError), lock_environment(tmp_path, name, wait_s=0):
        pass
    assert not list(tmp_path.iterdir())


def test_hostile_row_24_a_link_in_place_of_the_lock_is_refused(tmp_path):
    (tmp_path / ".envbench-locks").mkdir(mode=0o700)
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / ".envbench-locks" / "a.lock").symlink_to(victim)
    with (
        pytest.raises(PreventedError, match="symbolic link"),
        lock_environment(tmp_path, "a", wait_s=0),
    ):
        pass
    assert victim.read_text() == "mine"


def test_hostile_row_24_a_fifo_in_place_of_the_lock_is_refused(tmp_path):
    (tmp_path / ".envbench-locks").mkdir(mode=0o700)
    os.mkfifo(tmp_path / ".envbench-locks" / "a.lock")
    with (
        pytest.raises(PreventedError, match="no regular file"),
        lock_environment(tmp_path, "a", wait_s=0),
    ):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away")
def test_hostile_row_24_a_lock_of_another_user_is_refused_and_the_owner_named(tmp_path):
    (tmp_path / ".envbench-locks").mkdir(mode=0o700)
    lock = tmp_path / ".envbench-locks" / "a.lock"
    lock.touch()
    os.chown(lock, 12345, -1)
    with pytest.raises(PreventedError, match="12345"), lock_environment(tmp_path, "a", wait_s=0):
        pass


def test_garbage_in_the_lock_file_is_an_unknown_holder(tmp_path, other):
    (tmp_path / ".envbench-locks" / "a.lock").write_bytes(b"\xff{]")
    assert str(read_holder(tmp_path, "a")) == "another process"


def test_builders_share_the_cache_and_a_cleaner_is_alone(tmp_path):
    with (
        lock_cache(tmp_path / "c", cleaning=False, wait_s=0),
        lock_cache(tmp_path / "c", cleaning=False, wait_s=0),
        pytest.raises(PreventedError, match="package cache"),
        lock_cache(tmp_path / "c", cleaning=True, wait_s=0.05),
    ):
        pass
    with lock_cache(tmp_path / "c", cleaning=True, wait_s=0):
        pass
