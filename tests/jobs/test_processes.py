"""Identity and signals, with processes of odd names, zombies and strangers."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envbench.jobs.processes import (
    find_members,
    identify,
    is_from_here,
    open_pidfd,
    read_life,
    read_stat,
    send_signal,
)
from envbench.model.job_states import Life
from tests.jobs.conftest import wait_until


@pytest.fixture
def sleeper():
    process = subprocess.Popen(["/bin/sleep", "600"], env={"MARK": "sleeper-7"})
    yield process
    process.kill()
    process.wait()


def test_a_living_process_is_alive_and_a_reaped_one_dead(sleeper: subprocess.Popen) -> None:
    record = identify(sleeper.pid)
    assert read_life(record) is Life.ALIVE
    sleeper.kill()
    sleeper.wait()
    assert read_life(record) is Life.DEAD
    assert identify(sleeper.pid) is None
    assert not send_signal(record, signal.SIGTERM)


def test_no_record_is_none() -> None:
    assert read_life(None) is Life.NONE


def test_a_zombie_is_dead(sleeper: subprocess.Popen) -> None:
    record = identify(sleeper.pid)
    sleeper.kill()
    wait_until(lambda: (read_stat(sleeper.pid) or "?")[0] == "Z", "the zombie")
    assert read_life(record) is Life.DEAD
    assert open_pidfd(record) is None
    assert find_members(b"none", {sleeper.pid}) == []


@pytest.mark.parametrize(
    ("field", "value", "life"),
    [
        ("boot_id", "another", Life.DEAD),
        ("machine_id", "another", Life.UNKNOWN),
        ("pid_namespace", "pid:[1]", Life.UNKNOWN),
        ("start_ticks", 1, Life.DEAD),
        ("pid", 0, Life.DEAD),
        ("pid", -1, Life.DEAD),
        ("pid", "1", Life.DEAD),
        ("pid", 2**31 - 1, Life.DEAD),
    ],
)
def test_other_places_times_and_pids(
    sleeper: subprocess.Popen, field: str, value: object, life: Life
) -> None:
    record = {**identify(sleeper.pid), field: value}
    assert read_life(record) is life
    assert not send_signal(record, signal.SIGKILL)
    time.sleep(0.02)
    assert sleeper.poll() is None, "a stranger was signalled"


def test_records_of_an_earlier_boot_are_from_here() -> None:
    here = identify(os.getpid())
    assert is_from_here(here)
    assert is_from_here({**here, "boot_id": "earlier", "pid_namespace": "pid:[1]"})
    assert not is_from_here({**here, "pid_namespace": "pid:[1]"})
    assert not is_from_here({**here, "machine_id": "another"})
    assert not is_from_here({})


def test_names_with_brackets_and_blanks(tmp_path) -> None:
    path = tmp_path / "a) R 1 (b"
    path.symlink_to("/bin/sleep")
    process = subprocess.Popen([str(path), "600"])
    try:
        wait_until(lambda: b"a) R" in Path(f"/proc/{process.pid}/stat").read_bytes(), "its name")
        state, parent, _ = read_stat(process.pid)
        assert state in "SRD"
        assert parent == os.getpid()
    finally:
        process.kill()
        process.wait()


def test_members_are_found_by_descent_and_by_mark(sleeper: subprocess.Popen) -> None:
    code = "import subprocess; p = subprocess.Popen(['/bin/sleep', '600']); print(p.pid, flush=True); p.wait()"
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    try:
        found = {m["pid"] for m in find_members(b"MARK=sleeper-7", {parent.pid})}
        assert found == {parent.pid, child, sleeper.pid}
        assert {m["pid"] for m in find_members(b"MARK=sleeper", ())} == set()
        below = {m["pid"] for m in find_members(b"MARK=none", {os.getpid()})}
        assert {parent.pid, child} <= below
        assert os.getpid() not in below
        # The sleeper is below too, but its mark says that it belongs to another job.
        assert sleeper.pid not in below
    finally:
        os.kill(child, signal.SIGKILL)
        parent.kill()
        parent.communicate()


def test_signals_reach_a_process_on_kernels_without_descriptors(
    sleeper: subprocess.Popen, monkeypatch: pytest.MonkeyPatch
) -> None:
    from envbench.jobs import processes

    monkeypatch.setattr(processes, "open_pidfd", lambda _: None)
    record = identify(sleeper.pid)
    assert not send_signal({**record, "start_ticks": 1}, signal.SIGKILL)
    assert send_signal(record, signal.SIGTERM)
    assert sleeper.wait(10) == -signal.SIGTERM
