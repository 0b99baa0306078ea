"""Children that talk much, die oddly, leave others behind or do not want to end."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from envbench.jobs.child import ChildOutcome, run_child
from envbench.jobs.processes import identify, read_life
from envbench.model.errors import PreventedError
from envbench.model.job_states import Life
from tests.jobs.conftest import wait_for_file, wait_until

ENV = {"PATH": os.environ["PATH"]}


def python(code: str, **fields: object) -> ChildOutcome:
    fields = {"env": ENV, "cwd": Path("/"), "timeout_s": 30.0, **fields}
    return run_child([sys.executable, "-c", code], **fields)


def test_lines_of_both_streams_come_in_time() -> None:
    seen: list[tuple[str, str, float]] = []
    code = "import sys,time\nfor n in range(4): print(n, flush=True); print(-n, file=sys.stderr); time.sleep(0.1)"
    outcome = python(code, on_output=lambda s, t: seen.append((s, t, time.monotonic())))
    assert outcome.returncode == 0
    assert [t for s, t, _ in seen if s == "stdout"] == ["0", "1", "2", "3"]
    assert outcome.stderr_tail == ("0", "-1", "-2", "-3")
    assert seen[-1][2] - seen[0][2] > 0.2, "the lines came all at once"


def test_much_on_both_streams_blocks_nobody() -> None:
    code = "import sys\nfor n in range(20000): print('o' * 99); print('e' * 99, file=sys.stderr)"
    counts = {"stdout": 0, "stderr": 0}

    def count(stream: str, text: str) -> None:
        counts[stream] += 1

    outcome = python(code, on_output=count)
    assert counts == {"stdout": 20000, "stderr": 20000}
    assert len(outcome.stdout_tail) == 50


def test_input_is_said_while_output_is_heard() -> None:
    data = b"x" * 99 + b"\n"
    code = "import sys\nfor line in sys.stdin: sys.stdout.write(line)"
    seen: list[str] = []
    outcome = python(code, input_bytes=data * 20000, on_output=lambda _, t: seen.append(t))
    assert outcome.returncode == 0
    assert len(seen) == 20000


def test_input_that_nobody_wants_is_let_go() -> None:
    assert python("", input_bytes=b"x" * 1_000_000).returncode == 0


def test_standard_input_is_empty_else() -> None:
    assert python("import sys; print(repr(sys.stdin.read()))").stdout_tail == ("''",)


def test_statuses_and_signals() -> None:
    assert python("import sys; sys.exit(7)").returncode == 7
    assert python("import os; os.kill(os.getpid(), 9)").returncode == -9


def test_half_lines_and_progress_bars() -> None:
    outcome = python(r"import sys; sys.stdout.write('1%\r2%\r100%\nno end')")
    assert outcome.stdout_tail == ("100%", "no end")


def test_environment_directory_and_descriptors_are_exact(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    code = (
        "import os, sys; os.write(int(sys.argv[1]), b'hi'); "
        "print(os.getcwd()); print(sorted(set(os.environ) - {'LC_CTYPE'}))"
    )
    argv = [sys.executable, "-c", code, str(writing)]
    outcome = run_child(argv, env={"A": "1"}, cwd=tmp_path, timeout_s=30, pass_fds=(writing,))
    os.close(writing)
    assert os.read(reading, 10) == b"hi"
    os.close(reading)
    assert outcome.stdout_tail == (str(tmp_path), "['A']")


@pytest.mark.parametrize("argv", [["/nonexistent/x"], ["/etc/passwd"]])
def test_programs_that_do_not_start(argv: list[str]) -> None:
    with pytest.raises(PreventedError) as fault:
        run_child(argv, env=ENV, cwd=Path("/"), timeout_s=5)
    assert fault.value.where == argv[0]
    assert fault.value.why


def test_time_over_asks_first() -> None:
    code = (
        "import signal, sys, time\n"
        "def end(*_): print('asked'); sys.exit(5)\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True); time.sleep(600)"
    )
    outcome = python(code, timeout_s=0.5)
    assert outcome.timed_out
    assert outcome.stdout_tail in (("up", "asked"), ())
    assert outcome.returncode in (5, -signal.SIGTERM)


DEAF = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["/bin/sleep", "600"], preexec_fn=lambda: signal.signal(15, signal.SIG_IGN))
open(sys.argv[1] if len(sys.argv) > 1 else os.environ["PIDS"], "w").write(str(child.pid))
time.sleep(float(os.environ.get("LIVES", "600")))
"""


def deaf(tmp_path: Path, **fields: object) -> tuple[ChildOutcome, dict]:
    pids = tmp_path / "pids"
    record: dict = {}

    def remember() -> None:
        record.update(identify(int(wait_for_file(pids))))

    thread = threading.Thread(target=remember)
    thread.start()
    env = {**ENV, "PIDS": str(pids), **fields.pop("env", {})}
    outcome = python(DEAF, env=env, grace_s=0.2, **fields)
    thread.join()
    return outcome, record


def test_a_deaf_group_is_killed_as_a_whole(tmp_path: Path) -> None:
    outcome, grandchild = deaf(tmp_path, timeout_s=1.0)
    assert outcome.timed_out
    assert outcome.returncode == -signal.SIGKILL
    assert read_life(grandchild) is not Life.ALIVE


def test_children_that_hold_the_output_open_do_not_hold_us(tmp_path: Path) -> None:
    started = time.monotonic()
    outcome, grandchild = deaf(tmp_path, env={"LIVES": "0.2"})
    assert (outcome.returncode, outcome.timed_out) == (0, False)
    assert time.monotonic() - started < 10
    wait_until(lambda: read_life(grandchild) is not Life.ALIVE, "the end of the grandchild")


def test_the_caller_may_stop_it() -> None:
    stop = threading.Event()
    outcome = python(
        "print('up', flush=True); import time; time.sleep(600)",
        on_output=lambda *_: stop.set(),
        should_stop=stop.is_set,
    )
    assert outcome.stopped
    assert not outcome.timed_out


def test_what_the_caller_raises_ends_the_child(tmp_path: Path) -> None:
    pids = tmp_path / "pid"
    code = f"import os, time; open({str(pids)!r}, 'w').write(str(os.getpid())); print('up', flush=True); time.sleep(600)"

    def fail(stream: str, text: str) -> None:
        raise ValueError(text)

    with pytest.raises(ValueError, match="up"):
        python(code, on_output=fail)
    assert identify(int(pids.read_text())) is None


def test_no_descriptor_and_no_zombie_is_left() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        python("print(1)", input_bytes=b"x")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text()
    assert all((Path("/proc") / pid / "exe").exists() for pid in children.split())
