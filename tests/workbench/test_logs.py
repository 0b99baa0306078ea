"""The front door to logs: cheap to load, and its search dies with its process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from envbench.workbench.logs import LogHits, find_first_error, open_log, search_log


def write_log(directory: Path, data: bytes) -> Path:
    directory.mkdir(mode=0o700)
    path = directory / "log"
    path.write_bytes(data)
    path.chmod(0o600)
    return directory


def test_opening_costs_the_screen_nothing_heavy() -> None:
    code = "import sys; import envbench.workbench.logs; print(*sys.modules)"
    argv = [sys.executable, "-c", code]
    loaded = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    assert not {"psutil", "msgspec", "rattler", "yaml", "textual", "rich"} & set(loaded)


def test_a_log_is_opened_and_searched(tmp_path: Path) -> None:
    directory = write_log(tmp_path / "job", b"fine\nERROR: bad\nfine\nERROR: worse\n")
    with open_log(directory) as log:
        assert not log.advance()
        assert [line.text for line in log.read_lines(1, 2)] == ["ERROR: bad", "fine"]
    assert find_first_error(str(directory)) == 1
    assert find_first_error(str(directory), first_line=2) == 3
    assert find_first_error(str(directory), first_line=4) is None
    (hits,) = search_log(str(directory), "fine")
    assert hits == LogHits((0, 2), (0, 0), (4, 4), 4, 2, done=True)
    assert msgspec.json.decode(msgspec.json.encode(hits), type=LogHits) == hits


def test_no_log_has_no_hits(tmp_path: Path) -> None:
    (hits,) = search_log(str(tmp_path / "none"), "x")
    assert (hits.total, hits.done) == (0, True)


def test_a_regular_expression_that_never_ends_can_be_killed(tmp_path: Path) -> None:
    directory = write_log(tmp_path / "job", b"a" * 60 + b"!\n")
    code = (
        "import sys; from envbench.workbench.logs import search_log; print('go', flush=True);"
        " list(search_log(sys.argv[1], r'(a+)+$', regex=True))"
    )
    argv = [sys.executable, "-c", code, str(directory)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"go\n"
        time.sleep(0.2)
        assert child.poll() is None
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait(5) == -signal.SIGKILL
