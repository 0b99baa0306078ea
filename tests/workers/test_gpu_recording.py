"""The recorder: its file stays small and whole, its faults are notes, its family is the run's."""

import itertools
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from envbench.model.errors import UsageError
from envbench.model.gpu_trace_lines import TracedReading, TraceHead, TracePoint, decode_point
from envbench.workers import gpu_recording
from envbench.workers.gpu_recording import GpuRecorder
from envbench.workers.gpu_trace_file import TraceFile, refuse_other_file
from envbench.workers.process_family import ProcessFamily
from tests.gpu_driver import StubBox, gpus, hang, process

MIB = 1 << 20
QUICK_S = 0.1


@pytest.fixture
def stub(tmp_path: Path) -> StubBox:
    return StubBox(tmp_path)


def point(number: int) -> TracePoint:
    return TracePoint(at_s=float(number), gpus=(TracedReading(index=0, utilization_percent=50),))


def wait_for(is_so: Callable[[], object], limit_s: float = 30.0) -> None:
    deadline = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to be so"
        time.sleep(0.02)


def count_lines(path: Path) -> int:
    return len(path.read_bytes().splitlines()) if path.exists() else 0


def test_a_long_trace_is_thinned_out_evenly_and_never_beyond_its_limit(tmp_path: Path):
    limit, count = 4000, 1000
    file = TraceFile(tmp_path / "t.jsonl", most_bytes=limit)
    file.begin(TraceHead(started_s=0.0, period_s=1.0))
    for number in range(count):
        file.append(point(number))
        assert file.path.stat().st_size <= limit
    file.close()
    head, *lines = file.path.read_bytes().splitlines()
    assert b"envbench.gpu-trace/1" in head
    moments = [decode_point(line).at_s for line in lines]
    steps = {later - earlier for earlier, later in itertools.pairwise(moments)}
    assert moments[0] == 0.0
    assert len(steps) == 1
    assert moments[-1] > count - 2 * steps.pop()
    assert limit / 4 < file.path.stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == ["t.jsonl"]


def test_a_line_that_does_not_fit_on_the_disk_leaves_the_others_whole(tmp_path: Path):
    path = tmp_path / "t.jsonl"
    pid = os.fork()
    if pid == 0:
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
            file = TraceFile(path)
            file.begin(TraceHead(started_s=0.0, period_s=1.0))
            try:
                for number in range(100):
                    file.append(point(number))
            except OSError:
                os._exit(7)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    data = path.read_bytes()
    assert data.endswith(b"\n")
    assert len([decode_point(line) for line in data.splitlines()[1:]]) > 2


def test_what_is_there_already_is_respected(tmp_path: Path):
    refuse_other_file(tmp_path / "new.jsonl")
    (tmp_path / "empty").touch()
    refuse_other_file(tmp_path / "empty")
    file = TraceFile(tmp_path / "trace")
    file.begin(TraceHead(started_s=0.0, period_s=1.0))
    file.close()
    refuse_other_file(tmp_path / "trace")
    (tmp_path / "link").symlink_to(tmp_path / "trace")
    for other in (tmp_path, tmp_path / "link", Path("/dev/null")):
        with pytest.raises(UsageError):
            refuse_other_file(other)


@pytest.mark.parametrize("name", ["text", "link", "pipe", "folder"])
def test_what_is_put_there_after_the_look_is_left_alone(tmp_path: Path, name: str):
    kept = tmp_path / "text"
    path = tmp_path / name
    refuse_other_file(path)
    kept.write_text("dear diary\n")
    match name:
        case "link":
            path.symlink_to(kept)
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
    before = count_descriptors()
    file = TraceFile(path)
    with pytest.raises(OSError):
        file.begin(TraceHead(started_s=0.0, period_s=1.0))
    assert not file.was_begun
    assert kept.read_text() == "dear diary\n"
    assert count_descriptors() == before


def test_an_older_trace_makes_room(tmp_path: Path):
    for number in (3, 1):
        file = TraceFile(tmp_path / "t.jsonl")
        file.begin(TraceHead(started_s=0.0, period_s=1.0))
        for each in range(number):
            file.append(point(each))
        file.close()
    assert count_lines(file.path) == 2
    assert file.path.stat().st_mode & 0o777 == 0o600


def count_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def tree() -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A shell and a child of it that outlives it."""
    script = "sleep 600 >/dev/null 2>&1 & echo $!; read line"
    shell = subprocess.Popen(
        ["sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    child = int(shell.stdout.readline())
    yield shell, child
    os.kill(child, signal.SIGKILL)
    shell.kill()
    shell.wait()


def test_a_family_is_all_that_a_process_has_started(tree: tuple["subprocess.Popen[str]", int]):
    shell, child = tree
    family = ProcessFamily(shell.pid)
    assert family.select([shell.pid, child, os.getpid(), 1, 4_000_000]) == {shell.pid, child}
    assert ProcessFamily(os.getpid()).select([shell.pid, child]) == {shell.pid, child}
    assert ProcessFamily(child).select([shell.pid, child]) == {child}
    shell.communicate("end\n", timeout=20)
    # An orphan still belongs to those who started it, for who knew it before.
    assert family.select([child]) == {child}
    assert ProcessFamily(shell.pid).select([child]) == set()


def test_parts_have_sums_of_their_own(stub: StubBox):
    environ = stub(*gpus(2, util=20), process(0, os.getpid(), 700))
    path = stub.path.with_name("t.jsonl")
    recorder = GpuRecorder(environ, root_pid=os.getpid(), path=path, period_s=QUICK_S)
    recorder.start()
    wait_for(lambda: count_lines(path) > 3)
    with recorder.record_part() as part:
        lines = count_lines(path)
        wait_for(lambda: count_lines(path) > lines + 3)
        stub.rewrite(*gpus(2, util=80), process(1, os.getpid(), 900))
        wait_for(lambda: b'"utilization_percent":80' in path.read_bytes())
    whole = recorder.stop()
    assert part.summary is not None
    assert 3 <= part.summary.samples < whole.samples
    assert part.summary.duration_s < whole.duration_s
    for summary in (whole, part.summary):
        first = summary.gpus[0]
        assert first.was_used
        assert first.own_memory_peak_bytes == 700 * MIB
        assert first.utilization_peak_percent == 80
        assert 20 < first.utilization_mean_percent < 80
        assert (summary.path, summary.notes) == (str(path), ())


def test_a_gpu_that_hangs_in_mid_run_is_a_note_and_the_other_goes_on(stub: StubBox):
    environ = stub(*gpus(2))
    path = stub.path.with_name("t.jsonl")
    recorder = GpuRecorder(environ, root_pid=os.getpid(), path=path, period_s=QUICK_S)
    recorder.start()
    wait_for(lambda: count_lines(path) > 3)
    stub.rewrite(*gpus(2), hang("nvmlDeviceGetPowerUsage", 1))
    wait_for(lambda: b'"state":"hung"' in path.read_bytes())
    lines = count_lines(path)
    wait_for(lambda: count_lines(path) > lines + 3)
    good, bad = recorder.stop().gpus
    assert good.samples > bad.samples > 0
    assert not any("hung" in note for note in good.notes)
    assert good.utilization_mean_percent == pytest.approx(10)
    assert bad.utilization_mean_percent == pytest.approx(11)
    assert any("hung" in note for note in bad.notes)


def test_no_driver_ends_the_recording_with_its_reason(tmp_path: Path):
    recorder = GpuRecorder(
        {"LD_LIBRARY_PATH": str(tmp_path)}, root_pid=os.getpid(), path=tmp_path / "t.jsonl"
    )
    recorder.start()
    if Path("/dev/nvidiactl").exists():
        pytest.skip("this box has a driver")
    wait_for(lambda: not recorder.is_running)
    summary = recorder.stop()
    assert summary.gpus == ()
    assert summary.reason
    assert not (tmp_path / "t.jsonl").exists()


@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0])
def test_a_clock_that_is_set_changes_no_duration(
    stub: StubBox, monkeypatch: pytest.MonkeyPatch, jump_s: float
):
    recorder = GpuRecorder(stub(*gpus(1)), root_pid=os.getpid(), period_s=QUICK_S)
    began_s = time.monotonic()
    recorder.start()
    with recorder.record_part() as part:
        wait_for(lambda: recorder.samples > 1)
        changed = SimpleNamespace(time=lambda: time.time() + jump_s, monotonic=time.monotonic)
        monkeypatch.setattr(gpu_recording, "time", changed)
    whole = recorder.stop()
    for summary in (whole, part.summary):
        assert summary is not None
        assert 0.0 < summary.duration_s <= time.monotonic() - began_s


def test_a_place_that_cannot_be_written_to_is_a_note(stub: StubBox, tmp_path: Path):
    environ = stub(*gpus(1))
    path = tmp_path / "no" / "such" / "t.jsonl"
    recorder = GpuRecorder(environ, root_pid=os.getpid(), path=path, period_s=QUICK_S)
    recorder.start()
    with recorder.record_part() as part:
        wait_for(lambda: recorder.samples > 3)
    summary = recorder.stop()
    assert summary.notes == ("the trace could not be written on: No such file or directory",)
    assert summary.path == ""
    assert part.summary is not None
    assert part.summary.gpus[0].utilization_mean_percent == 10


def test_it_can_be_stopped_at_any_moment(stub: StubBox):
    environ = stub(*gpus(1))
    for _ in range(5):
        recorder = GpuRecorder(environ, root_pid=os.getpid())
        recorder.start()
        recorder.stop()
        assert not recorder.is_running


def test_it_loads_the_sampler_only_when_something_is_recorded():
    code = "import sys, envbench.workers.probe; print('envbench.machine.sampler' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
