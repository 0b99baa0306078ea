"""The process itself: kept, replaced, killed, dying with its parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.engine.errors import (
    ChannelFaultError,
    FaultKind,
    SolverStoppedError,
    SolveTimeoutError,
)
from envbench.engine.solver import client
from envbench.engine.solver.child import SolverChild
from envbench.engine.solver.client import SolverProcess
from envbench.engine.solver.command import build_environment
from envbench.model.errors import ExitCode, UsageError
from envbench.model.plan import Plan
from tests.engine.solver.asking import make_request, wait_until, write_channel
from tests.engine.solver.faulty_server import FaultyServer

ROOT = Path(__file__).resolve().parents[3]


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_one_process_serves_many_requests_and_sees_changes(solver, tmp_path):
    url = write_channel(tmp_path / "c", [("a", "1")])
    request = make_request(["a"], {"c": url})
    assert [p.version for p in solver.solve(request).packages] == ["1"]
    pid = solver.pid
    write_channel(tmp_path / "c", [("a", "1"), ("a", "2", ["b"]), ("b", "1")])
    plan = solver.solve(request)
    assert [(p.name, p.version) for p in plan.packages] == [("b", "1"), ("a", "2")]
    assert solver.pid == pid
    solver.close()
    assert is_gone(pid)


def test_what_is_waited_for_is_told(settings, tmp_path):
    urls = {name: write_channel(tmp_path / name, [("a", "1")]) for name in ("one", "two")}
    told: list[tuple[str, ...]] = []
    with SolverProcess(settings, told.append) as solver:
        solver.solve(make_request(["a"], urls))
        assert told[0] == ("one", "two") and told[-1] == ()


def test_a_plan_says_everything(solver, tmp_path):
    url = write_channel(
        tmp_path / "c", [("a", "1", [], {"license": "MIT", "purls": ["pkg:pypi/a"]})]
    )
    plan = solver.solve(make_request(["a"], {"mine": url}))
    (package,) = plan.packages
    assert package.channel == "mine" and package.channel_url == url
    assert package.url == f"{url}/noarch/a-1-0.conda" and package.file_name == "a-1-0.conda"
    assert package.license == "MIT" and package.extra["purls"] == ["pkg:pypi/a"]
    assert plan.platform == "linux-64" and plan.solve_s > 0


def test_cancelling_kills_and_the_next_request_gets_a_fresh_process(solver, tmp_path):
    url = write_channel(tmp_path / "c", [("a", "1")])
    with FaultyServer("hang") as server:
        solver.start()
        first = solver.pid

        def cancel_when_asked() -> None:
            wait_until(lambda: server.seen)
            solver.cancel()

        threading.Thread(target=cancel_when_asked).start()
        began = time.monotonic()
        with pytest.raises(SolverStoppedError, match="stopped"):
            solver.solve(make_request(["a"], {"slow": server.url}))
        assert time.monotonic() - began < 10
    assert is_gone(first)
    assert isinstance(solver.solve(make_request(["a"], {"c": url})), Plan)
    assert solver.pid != first


def test_a_deadline_names_the_channel_that_is_late(solver):
    with FaultyServer("hang") as server:
        began = time.monotonic()
        with pytest.raises(ChannelFaultError) as caught:
            solver.solve(make_request(["a"], {"slow": server.url}, timeout_s=0.5))
        assert time.monotonic() - began < 4
    assert caught.value.fault is FaultKind.TIMEOUT and caught.value.channel == "slow"
    assert caught.value.exit_code is ExitCode.PREVENTED


def test_a_process_that_hangs_altogether_is_killed(solver, tmp_path, monkeypatch):
    monkeypatch.setattr(client, "EXTRA_S", 0.2)
    request = make_request(["a"], {"c": write_channel(tmp_path / "c", [("a", "1")])}, timeout_s=0.3)
    solver.start()
    pid = solver.pid
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(SolveTimeoutError):
        solver.solve(request)
    assert is_gone(pid)
    assert isinstance(solver.solve(replace(request, timeout_s=60.0)), Plan)


def test_a_process_killed_from_outside_is_told_and_replaced(solver):
    with FaultyServer("hang") as server:
        solver.start()
        pid = solver.pid

        def kill_when_asked() -> None:
            wait_until(lambda: server.seen)
            os.kill(pid, signal.SIGKILL)

        threading.Thread(target=kill_when_asked).start()
        with pytest.raises(SolverStoppedError, match="died") as caught:
            solver.solve(make_request(["a"], {"slow": server.url}))
    assert "signal 9" in caught.value.why


def test_the_last_words_of_a_crash_are_told(settings):
    child = SolverChild(settings)
    try:
        child.greet(settings)
        os.write(child._stdin.fileno(), b'{"type":"no such thing https://me:hunter22@h/"}\n')
        with pytest.raises(SolverStoppedError) as caught:
            child.wait_for(1, time.monotonic() + 20)
    finally:
        child.close()
    assert "exit status 1" in caught.value.why
    assert "ProtocolError" in caught.value.why
    assert "hunter22" not in caught.value.why


@pytest.mark.parametrize(
    ("specs", "words"),
    [
        (["numpy=>1.2"], "no match spec"),
        (["ok", "-c conda-forge"], "line 11.*option"),
        (["\x1b[2Jx y z w"], "no match spec|^(?!.*\x1b)"),
    ],
)
def test_what_cannot_be_read_is_the_users_fault(shared_solver, tmp_path, specs, words):
    url = write_channel(tmp_path / "c", [("ok", "1")])
    with pytest.raises(UsageError, match=words) as caught:
        shared_solver.solve(make_request(specs, {"c": url}))
    assert "\x1b" not in str(caught.value)


def test_no_channel_and_no_platform_are_the_users_fault(shared_solver, tmp_path):
    with pytest.raises(UsageError, match="no channel"):
        shared_solver.solve(make_request(["a"], {}))
    request = make_request(["a"], {"c": write_channel(tmp_path / "c", [("a", "1")])})
    with pytest.raises(UsageError, match="no platform"):
        shared_solver.solve(replace(request, host=replace(request.host, platform="amiga-500")))
    with pytest.raises(UsageError, match="no version for __cuda"):
        shared_solver.solve(replace(request, host=replace(request.host, cuda="\x1b[31m:")))


def test_a_process_outlives_the_thread_that_started_it(settings, tmp_path):
    request = make_request(["a"], {"c": write_channel(tmp_path / "c", [("a", "1")])})
    with SolverProcess(settings) as solver:
        starter = threading.Thread(target=solver.start)
        starter.start()
        starter.join()
        pid = solver.pid
        assert isinstance(solver.solve(request), Plan)
        assert solver.pid == pid


@pytest.mark.parametrize("keep_pipe", [False, True])
def test_a_process_dies_with_its_parent(tmp_path, keep_pipe):
    """Also when somebody else still holds the pipe to it open."""
    code = f"""
import os, subprocess, sys, time
sys.path.insert(0, {str(ROOT)!r})
from envbench.engine.engine_settings import EngineSettings
from envbench.engine.solver.client import SolverProcess
solver = SolverProcess(EngineSettings(pkgs_dir={str(tmp_path)!r}, repodata_dir={str(tmp_path)!r}))
solver.start()
holder = 0
if {keep_pipe}:
    pipe = solver._child._stdin.fileno()
    holder = subprocess.Popen(["sleep", "60"], pass_fds=[pipe], stdout=subprocess.DEVNULL).pid
print(solver.pid, holder, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    holder = 0
    try:
        pid, holder = map(int, parent.stdout.readline().split())
        assert not is_gone(pid)
        parent.kill()
        parent.wait()
        assert wait_until(lambda: is_gone(pid))
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
        if holder:
            os.kill(holder, signal.SIGKILL)


def test_the_solver_keeps_few_heaps_unless_the_user_says_otherwise(settings):
    assert build_environment(settings, {})["MALLOC_ARENA_MAX"] == "2"
    own = {"MALLOC_ARENA_MAX": "8", "PYTHONPATH": "/evil"}
    assert build_environment(settings, own) == {"MALLOC_ARENA_MAX": "8"}


def test_nothing_secret_is_on_the_command_line(settings, tmp_path):
    secret = replace(settings, proxies={"http": "http://me:hunter22@proxy"})
    with SolverProcess(secret) as solver:
        solver.start()
        public = Path(f"/proc/{solver.pid}/cmdline").read_bytes()
    assert b"hunter22" not in public


def test_nearby_names_and_versions_can_be_asked_for(shared_solver, tmp_path):
    request = make_request(
        [], {"c": write_channel(tmp_path / "c", [("numpy", "1"), ("numpy", "1.10")])}
    )
    found = shared_solver.find("numpy", request.channels, "linux-64")
    assert [(v.channel, v.versions) for v in found.versions] == [("c", ("1.10", "1"))]
    assert shared_solver.find("numpi", request.channels, "linux-64").close_names == ("numpy",)


def test_a_process_that_was_begun_is_the_one_that_answers(settings, tmp_path):
    request = make_request(["a"], {"c": write_channel(tmp_path / "c", [("a", "1")])})
    with SolverProcess(settings) as solver:
        solver.begin()
        pid = solver.pid
        solver.begin()
        assert isinstance(solver.solve(request), Plan)
        assert solver.pid == pid
    assert is_gone(pid)


def test_one_that_dies_before_it_is_asked_is_replaced(settings, tmp_path):
    request = make_request(["a"], {"c": write_channel(tmp_path / "c", [("a", "1")])})
    with SolverProcess(settings) as solver:
        solver.begin()
        pid = solver.pid
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: is_gone(pid))
        assert isinstance(solver.solve(request), Plan)
        assert solver.pid != pid
