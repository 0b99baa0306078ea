"""`envbench gpus` over a driver library made for tests: real processes, real hangs, real crashes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gpu_driver import StubBox, crash, error, gpus, hang, mig_gpu, process, unified_gpu
from tests.pty.terminal import Terminal
from tests.workbench.conftest import Box, make_box

ENVBENCH = [sys.executable, "-m", "envbench"]


@pytest.fixture
def stub(tmp_path: Path) -> StubBox:
    directory = tmp_path / "stub"
    directory.mkdir()
    return StubBox(directory)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    return make_box(tmp_path, monkeypatch)


@pytest.fixture
def sleepers() -> Iterator[list["subprocess.Popen[bytes]"]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for child in started:
        child.kill()
        child.wait()


def envbench(environ: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*ENVBENCH, *arguments], capture_output=True, text=True, check=False,
        env={**os.environ, **environ}, timeout=60,
    )  # fmt: skip


def read_document(text: str) -> dict:
    found = json.loads(text)
    assert list(found) == ["schema", "sample", "environments"]
    assert found["schema"] == "envbench.gpus/1"
    return found


def sleep(sleepers: list, **environ: str) -> int:
    child = subprocess.Popen(["sleep", "600"], env={"PATH": os.environ["PATH"], **environ})
    sleepers.append(child)
    return child.pid


def test_processes_are_linked_to_environment_generation_and_lock(
    stub: StubBox, home: Box, sleepers: list
):
    home.build(home.write_spec("app=1"))
    first = home.path().resolve()
    old = sleep(sleepers, CONDA_PREFIX=str(first))
    home.build(home.write_spec("app=2"))
    new = sleep(sleepers, CONDA_PREFIX=str(home.path()))
    conda = home.root / "conda" / "envs" / "torch"
    (conda / "conda-meta").mkdir(parents=True)
    foreign = sleep(sleepers, CONDA_PREFIX=str(conda))
    outside = 4_000_000
    environ = stub(
        *gpus(2), process(0, old, 1500), process(1, new, 2500), process(1, foreign, "na"),
        process(1, outside, 10),
    )  # fmt: skip

    done = envbench(environ, "gpus", "--json")
    assert done.returncode == 0, done.stderr
    found = read_document(done.stdout)
    prefixes = {
        each["pid"]: (each["environment"] or {}).get("prefix")
        for each in found["sample"]["processes"]
    }
    assert prefixes == {
        old: str(first), new: str(home.path().resolve()), foreign: str(conda), outside: None,
    }  # fmt: skip
    known = {each["prefix"]: each for each in found["environments"]}
    assert known.keys() == set(prefixes.values()) - {None}
    before, now, other = (known[prefixes[pid]] for pid in (old, new, foreign))
    assert (before["name"], before["generation"], before["live_generation"]) == ("env", 1, 2)
    assert before["is_old"]
    assert Path(before["lock_path"]).is_file()
    assert before["spec_state"] == "spec changed"
    assert (now["generation"], now["is_old"], now["drift"]) == (2, False, "")
    assert (now["spec_path"], now["spec_state"]) == (str(home.root / "env.yml"), "ok")
    assert (other["kind"], other["name"], other["generation"]) == ("conda", "torch", None)

    table = envbench(environ, "gpus").stdout.splitlines()
    rows = {line.split()[1]: " ".join(line.split()) for line in table if line[:2] in ("0 ", "1 ")}
    assert "env 1 (live: 2) spec changed 1.5 GiB sleep 600" in rows[str(old)]
    assert "env 2 nothing changed 2.4 GiB sleep 600" in rows[str(new)]
    assert "torch - made by conda - sleep 600" in rows[str(foreign)]
    assert f"{outside} (outside) - - - - 10.0 MiB" in rows[str(outside)]


@pytest.mark.parametrize("fault", [hang, crash])
def test_a_gpu_that_hangs_or_crashes_the_driver_is_named_and_costs_no_other(stub: StubBox, fault):
    environ = stub(*gpus(3), fault("nvmlDeviceGetPowerUsage", 1))
    done = envbench(environ, "gpus", "--json")
    assert done.returncode == 1, done.stderr
    readings = read_document(done.stdout)["sample"]["gpus"]
    state = "hung" if fault is hang else "crashed"
    assert [each["state"] for each in readings] == ["ok", state, "ok"]
    assert readings[1]["fault"]["call"].startswith("nvmlDeviceGetPowerUsage")
    assert [each["utilization_percent"] for each in readings] == [10, None, 12]
    assert [each["power_w"] for each in readings] == [200, None, 202]


def test_a_lost_gpu_is_named_in_the_table(stub: StubBox):
    done = envbench(stub(*gpus(2), error("*", 1, 15)), "gpus")
    assert done.returncode == 1
    assert any(line.startswith("GPU 1 LOST: ") for line in done.stdout.splitlines())
    assert "  next: " in done.stdout
    good = next(line for line in done.stdout.splitlines() if line.startswith("0 "))
    assert "10 %" in good
    assert " ok" in good


def test_unified_memory_and_mig_are_shown_as_they_are(stub: StubBox):
    done = envbench(stub(*mig_gpu(0, instances=2), unified_gpu()), "gpus")
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    parent = next(line for line in lines if line.startswith("0 "))
    assert " % " not in parent
    assert [line.partition(" MIG")[0] for line in lines if line.startswith("0:")] == ["0:0", "0:1"]
    assert any(line.startswith("1 NVIDIA GB10") and " unified " in line for line in lines)


def test_a_box_without_gpus_is_an_ordinary_box(tmp_path: Path):
    empty = {"LD_LIBRARY_PATH": str(tmp_path)}
    done = envbench(empty, "gpus", "--json")
    absence = read_document(done.stdout)["sample"]["absence"]
    if absence is None:
        pytest.skip("this box has GPUs")
    if absence["code"] != "no_driver":
        pytest.skip(f"this box is no ordinary one: {absence['words']}")
    assert done.returncode == 0
    said = envbench(empty, "gpus")
    assert said.returncode == 0
    assert f"no GPU is read: {absence['words']}" in said.stdout
    assert "box: " in said.stdout


def test_a_driver_that_does_not_fit_is_an_error_with_its_remedy(stub: StubBox):
    environ = stub(*gpus(1), error("nvmlInitWithFlags", "-", 18), error("nvmlInit", "-", 18))
    done = envbench(environ, "gpus")
    assert done.returncode == 3, done.stdout
    assert "no GPU can be read" in done.stderr
    assert "next:" in done.stderr
    as_json = envbench(environ, "gpus", "--json")
    assert as_json.returncode == 3
    assert read_document(as_json.stdout)["sample"]["absence"]["code"] == "mismatch"


def test_watching_prints_a_document_a_line_until_it_is_interrupted(stub: StubBox):
    environ = stub(*gpus(2))
    with subprocess.Popen(
        [*ENVBENCH, "gpus", "--watch", "0.2", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environ},
    ) as child:  # fmt: skip
        first = read_document(child.stdout.readline())
        assert [each["utilization_percent"] for each in first["sample"]["gpus"]] == [10, 11]
        stub.rewrite(*gpus(2, util=77))
        while True:
            later = read_document(child.stdout.readline())
            if [each["utilization_percent"] for each in later["sample"]["gpus"]] == [77, 77]:
                break
        assert later["sample"]["number"] > first["sample"]["number"]
        child.send_signal(signal.SIGINT)
        _, told = child.communicate(timeout=20)
    assert child.returncode == 130
    assert told.strip() == "envbench: cancelled"


def test_watching_in_a_pipe_prints_table_after_table(stub: StubBox):
    environ = stub(*gpus(1))
    with subprocess.Popen(
        [*ENVBENCH, "gpus", "--watch", "0.2"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, **environ},
    ) as child:  # fmt: skip
        seen = 0
        for line in child.stdout:
            seen += line.startswith("0 ")
            if seen == 2:
                break
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=20)
    assert child.returncode == 130


@pytest.mark.pty
def test_watching_in_a_terminal_that_cannot_repaint_prints_below(stub: StubBox, tmp_path: Path):
    environ = {**stub(*gpus(1)), "TERM": "dumb"}
    argv = [*ENVBENCH, "gpus", "--watch", "0.2"]
    with Terminal(argv, home=tmp_path, environ=environ, columns=110, rows=30) as terminal:
        terminal.wait_text(r"(?ms)^0 .* 10 %.*^0 .* 10 %")
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 130


@pytest.mark.pty
def test_no_colour_is_sent_where_none_is_wanted(stub: StubBox, tmp_path: Path):
    environ = {**stub(*gpus(1), error("*", 0, 15)), "NO_COLOR": "1"}
    with Terminal([*ENVBENCH, "gpus"], home=tmp_path, environ=environ, columns=110) as terminal:
        assert terminal.wait_exit() == 1
        terminal.wait_text("GPU 0 LOST")
        assert b"\x1b[3" not in terminal.raw


def test_a_closed_stdout_is_no_fault_of_the_gpus(stub: StubBox):
    command = 'exec "$0" -m envbench gpus >&-'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable], stderr=subprocess.PIPE, text=True, check=False,
        env={**os.environ, **stub(*gpus(1))}, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.pty
def test_watching_in_a_terminal_repaints_in_place(stub: StubBox, tmp_path: Path):
    environ = stub(*gpus(2))
    argv = [*ENVBENCH, "gpus", "--watch", "0.2"]
    with Terminal(argv, home=tmp_path, environ=environ, columns=110, rows=30) as terminal:
        terminal.wait_text(r"(?m)^0 .* 10 %")
        stub.rewrite(*gpus(2, util=55))
        terminal.wait_text(r"(?m)^0 .* 55 %")
        assert terminal.screen_text().count("NVIDIA H100") == 2
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 130
        assert terminal.is_restored
