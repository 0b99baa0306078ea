"""`envbench run` beside GPUs: what it records, and that nothing else is different."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from envbench.cli.probe_view import show_probes
from envbench.jobs.launching import build_command
from envbench.jobs.store import JobStore
from envbench.model.document import to_builtins
from envbench.model.gpu_trace_lines import decode_head, decode_point
from envbench.model.job import JobRequest
from envbench.model.probe import ProbeRequest, ProbeStatus
from envbench.workbench import gpu_recording
from envbench.workbench.probing import read_probe_results
from tests.gpu_driver import StubBox, delay, eight_gpus, error, gpus, process
from tests.pty.terminal import Terminal
from tests.workbench.conftest import Box, make_box

MIB = 1 << 20
USER = str(Path(__file__).with_name("gpu_user.py"))


@pytest.fixture
def stub(tmp_path: Path) -> StubBox:
    directory = tmp_path / "stub"
    directory.mkdir()
    return StubBox(directory)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    found = make_box(tmp_path, monkeypatch)
    prefix = found.root / "conda" / "torch"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "bin").mkdir()
    return found


def envbench(environ: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "envbench", *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, **environ}, timeout=90,
    )  # fmt: skip


def run(home: Box, environ: dict[str, str], *words: str, options: tuple[str, ...] = ()):
    return envbench(environ, "run", *options, str(home.root / "conda" / "torch"), "--", *words)


def use(stub: StubBox, traces: Path, mib: int | str = 1500, ending: str = "0") -> tuple[str, ...]:
    return (sys.executable, USER, str(stub.path), str(traces), str(mib), ending)


def list_traces(home: Box) -> list[Path]:
    return sorted((home.settings.paths.state_dir / gpu_recording.TRACES).glob("*.jsonl"))


def test_a_run_is_recorded_and_summed_up(home: Box, stub: StubBox):
    traces = home.settings.paths.state_dir / gpu_recording.TRACES
    environ = stub(*gpus(2))
    done = run(home, environ, *use(stub, traces))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "on it all\n"
    assert "GPU 0" not in done.stderr
    line = next(line for line in done.stderr.splitlines() if "GPU 1" in line)
    assert "(1.5 GiB of its own)" in line
    assert "mean utilization 11 %, mean power 201 W" in line
    energy = re.search(r"energy (\d+) J, (\d\.\d\d) Wh \(power over time\)$", line)
    assert energy is not None, line
    (path,) = list_traces(home)
    assert f"trace: {path}" in done.stderr
    first, *lines = path.read_bytes().splitlines()
    head, points = decode_head(first), [decode_point(line) for line in lines]
    assert [gpu.uuid[-1] for gpu in head.gpus] == ["0", "1"]
    readings = [point.gpus for point in points]
    # Each was read after the sample before it was told, and before its own was.
    told = [head.started_s, *(point.at_s for point in points)]
    assert 201 * (told[-2] - told[1]) - 1 <= int(energy[1]) <= 201 * (told[-1] - told[0]) + 1
    assert {len(each) for each in readings} == {2}
    assert max(each[1].own_memory_bytes or 0 for each in readings) == 1500 * MIB
    assert {each[0].own_memory_bytes for each in readings} == {None}
    assert path.stat().st_mode & 0o077 == 0
    assert b"gpu_user" not in path.read_bytes()


@pytest.mark.parametrize(("ending", "code"), [("7", 7), ("SIGTERM", -15), ("SIGKILL", -9)])
def test_it_ends_as_its_command_ends(home: Box, stub: StubBox, ending: str, code: int):
    trace = home.root / "trace.jsonl"
    words = use(stub, trace, ending=ending)
    done = run(home, stub(*gpus(2)), *words, options=("--record", str(trace)))
    assert done.returncode == code
    assert f"trace: {trace}" in done.stderr
    assert not list_traces(home)


def test_a_signal_reaches_the_command_and_the_summary_comes_all_the_same(home: Box, stub: StubBox):
    trace = home.root / "trace.jsonl"
    script = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))\n"
        f"while not os.path.exists({str(trace)!r}): time.sleep(0.05)\n"
        "print('ready', flush=True)\n"
        "signal.pause()\n"
    )
    prefix = str(home.root / "conda" / "torch")
    child = subprocess.Popen(
        [sys.executable, "-m", "envbench", "run", "--record", str(trace), prefix, "--",
         sys.executable, "-c", script],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **stub(*gpus(1))},
    )  # fmt: skip
    assert child.stdout.readline() == "ready\n"
    child.send_signal(signal.SIGTERM)
    _, told = child.communicate(timeout=30)
    assert child.returncode == 3
    assert "no process of it was seen on a GPU" in told
    assert "  0    NVIDIA H100" in told


def test_it_ends_as_its_command_though_nobody_listens_any_more(home: Box, stub: StubBox):
    trace = home.root / "trace.jsonl"
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "envbench", "run", "--record", str(trace),
             str(home.root / "conda" / "torch"), "--", *use(stub, trace, ending="7")],
            stdout=subprocess.DEVNULL, stderr=closed, check=False, timeout=90,
            env={**os.environ, **stub(*gpus(2))},
        )  # fmt: skip
    assert done.returncode == 7
    assert trace.exists()


def test_a_trace_that_cannot_be_kept_is_no_fault_of_the_command(home: Box, stub: StubBox):
    held = home.root / "held"
    held.write_text("not a folder\n")
    options = ("--record", str(held / "trace.jsonl"))
    done = run(home, stub(*gpus(1)), "sh", "-c", "echo ran", options=options)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be run" not in done.stderr


def test_without_gpus_or_without_consent_nothing_is_different(home: Box, stub: StubBox):
    show = (sys.executable, "-c", "import os; print(os.getpid())")
    prefix = str(home.root / "conda" / "torch")
    for environ, options in (({}, ()), (stub(*gpus(2)), ("--no-record",))):
        if not options and Path("/dev/nvidiactl").exists():
            continue
        child = subprocess.Popen(
            [sys.executable, "-m", "envbench", "run", *options, prefix, "--", *show],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **environ},
        )  # fmt: skip
        out, err = child.communicate(timeout=30)
        # The command has taken the place of the process that was started.
        assert (out, err, child.returncode) == (f"{child.pid}\n", "", 0)
    assert not list_traces(home)


def test_a_driver_without_gpus_to_read_says_nothing(home: Box, stub: StubBox):
    environ = stub(error("nvmlInitWithFlags", "-", 9))
    done = run(home, environ, "sh", "-c", "echo hello; sleep 1; exit 4")
    assert (done.stdout, done.stderr, done.returncode) == ("hello\n", "", 4)


def test_one_gpu_is_given_to_a_command_by_its_uuid(home: Box, stub: StubBox):
    environ = stub(*eight_gpus(), process(0, os.getpid(), 100))
    show = ("sh", "-c", 'echo "$CUDA_VISIBLE_DEVICES"')
    options = ("--no-record", "--gpu")
    third = run(home, environ, *show, options=(*options, "3"))
    assert third.stdout == "GPU-00000000-0000-0000-0000-000000000003\n", third.stderr
    by_uuid = run(home, environ, *show, options=(*options, third.stdout.strip()))
    assert by_uuid.stdout == third.stdout
    stub.rewrite(*gpus(1, util=90), *gpus(1, util=0, used=10, uuid="GPU-idle-0001"))
    idle = run(home, environ, *show, options=(*options, "idle"))
    assert idle.stdout == "GPU-idle-0001\n", idle.stderr
    stub.rewrite(*gpus(2, util=90))
    busy = run(home, environ, *show, options=(*options, "idle"))
    assert (busy.returncode, busy.stdout) == (1, "")
    assert "GPU 0: it is used to 90 %" in busy.stderr
    none = run(home, environ, *show, options=(*options, "9"))
    assert none.returncode == 2
    assert "there is no GPU '9'" in none.stderr


def test_a_trace_destroys_no_other_file(home: Box, stub: StubBox):
    mine = home.root / "train.py"
    mine.write_text("print('precious')\n")
    environ = stub(*gpus(1))
    for path, words in ((mine, "left alone"), (home.root / "no" / "t", "no such directory")):
        done = run(home, environ, "true", options=("--record", str(path)))
        assert done.returncode == 2
        assert words in done.stderr
    assert mine.read_text() == "print('precious')\n"


def test_only_the_newest_traces_stay(home: Box):
    directory = home.settings.paths.state_dir / gpu_recording.TRACES
    directory.mkdir(parents=True)
    for number in range(gpu_recording.KEPT_TRACES + 5):
        (directory / f"20260101-{number:06}-0.jsonl").touch()
    path, note = gpu_recording.choose_trace_file(None, home.settings)
    assert note == ""
    assert path is not None
    assert path.parent == directory
    left = [each.name for each in list_traces(home)]
    assert len(left) == gpu_recording.KEPT_TRACES - 1
    assert left[0] == "20260101-000006-0.jsonl"


@pytest.fixture
def slow_python(home: Box, stub: StubBox) -> str:
    """An environment whose Python stands on GPU 1 until its trace says so."""
    python = home.root / "conda" / "torch" / "bin" / "python"
    traces = home.settings.paths.jobs_dir / "*" / "gpu-trace.jsonl"
    python.write_text(
        "#!/bin/sh\n"
        f"box={stub.path}\n"
        'case "$*" in *payloads/main.py*)\n'
        "  { cat $box; echo proc 1 $$ 800 C 50; } > $box.new && mv $box.new $box\n"
        f"  until grep -q own_memory_bytes {traces} 2>/dev/null; do sleep 0.1; done\n"
        "esac\n"
        f'exec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    return str(python.parents[1])


def test_a_probe_job_keeps_the_trace_and_sums_up_each_probe(
    home: Box, stub: StubBox, slow_python: str, capsys: pytest.CaptureFixture[str]
):
    # Submitted by hand: the variables of the stub are none that envbench takes into a job.
    environ = {**os.environ, **stub(*gpus(2))}
    request = ProbeRequest(prefix=slow_python, probes=("python",))
    job = JobStore(home.settings.paths.jobs_dir).submit(
        JobRequest(
            kind="probe",
            title="probe",
            argv=build_command("envbench.workers.probe"),
            payload=to_builtins(request),
            env=environ,
            low_priority=False,
        )
    )
    ended = job.wait(90.0)
    assert ended is not None
    results = read_probe_results(ended)
    (result,) = results
    assert result.status is ProbeStatus.OK, result.reason
    assert result.trace is not None
    assert result.trace.path == str(job.directory / "gpu-trace.jsonl")
    assert [gpu.index for gpu in result.trace.gpus] == [1]
    assert result.trace.gpus[0].own_memory_peak_bytes == 800 * MIB
    assert JobStore(home.settings.paths.jobs_dir).list()[0].damage == ""
    show_probes(results)
    assert "GPU 1 NVIDIA H100 80GB HBM3: peak memory 1.1 GiB" in capsys.readouterr().out


def test_a_probe_is_not_recorded_when_nobody_wants_it(home: Box, stub: StubBox):
    environ = stub(*gpus(2))
    done = envbench(environ, "probe", sys.prefix, "python", "--no-record", "--gpu", "1", "--json")
    document = json.loads(done.stdout)
    assert document["results"][0]["gpu"].endswith("1"), done.stderr
    assert document["results"][0]["trace"] is None
    assert not list(home.settings.paths.jobs_dir.glob("*/gpu-trace.jsonl"))


@pytest.fixture
def shell(home: Box, stub: StubBox) -> Iterator[Terminal]:
    prefix = home.root / "conda" / "torch"
    kept = {"ENVBENCH_STATE_DIR": str(home.settings.paths.state_dir)}
    run = f"{sys.executable} -m envbench run {prefix} --"
    environ = {**stub(*gpus(2)), **kept, "PS1": "$ ", "RUN": run}
    argv = ["/bin/bash", "--norc", "-i"]
    with Terminal(argv, home=home.root, environ=environ, columns=110, rows=30) as terminal:
        terminal.wait_text(r"(?m)^\$")
        yield terminal
        # An interactive shell takes no notice of SIGTERM.
        terminal.type("exit 0\r")
        assert terminal.wait_exit() == 0


def wait_for_readings(home: Box) -> None:
    """Wait for the trace; the terminal wakes nobody for it."""
    deadline = time.monotonic() + 30
    while not any(len(path.read_bytes().splitlines()) > 1 for path in list_traces(home)):
        assert time.monotonic() < deadline, "nothing was recorded"
        time.sleep(0.05)


@pytest.mark.pty
def test_an_interrupt_ends_the_command_and_its_shell_sees_it(shell: Terminal, home: Box):
    shell.type("$RUN sleep 600\r")
    wait_for_readings(home)
    shell.type("\x03")
    shell.wait_text("trace: ")
    shell.type("echo after $?\r")
    shell.wait_text("after 130")


@pytest.mark.pty
def test_a_command_is_stopped_and_brought_back_by_its_shell(shell: Terminal, home: Box):
    shell.type("$RUN cat\r")
    wait_for_readings(home)
    shell.type("one\r")
    shell.wait_for(lambda: shell.screen_text().count("one") == 2)
    shell.type("\x1a")
    shell.wait_text("Stopped")
    shell.type("fg\r")
    # What is typed before the shell has handed the terminal over is read in the shell's own mode.
    shell.wait_for(lambda: shell.screen_text().count("$RUN cat") == 3)
    shell.type("two\r")
    shell.wait_for(lambda: shell.screen_text().count("two") == 2)
    shell.type("\x04")
    shell.wait_text("trace: ")
    shell.type("echo after $?\r")
    shell.wait_text("after 0")


def test_a_command_that_ends_at_once_is_not_said_to_have_no_gpu(home: Box, stub: StubBox):
    trace = home.root / "trace.jsonl"
    # A driver that answers late: nothing is read before the command has ended.
    environ = stub(*gpus(1), delay("nvmlInit*", "-", 900))
    done = run(home, environ, "/bin/true", options=("--record", str(trace)))
    assert done.returncode == 0
    assert "nothing was recorded: it ended before a GPU was read" in done.stderr
