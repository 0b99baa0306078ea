"""The screen is left while it has hardly begun: no complaint, the terminal as it was."""

import signal
import time
from pathlib import Path

import pytest

from tests.pty.bench_box import BenchBox

pytestmark = pytest.mark.pty

ALTERNATE_SCREEN = 1049


@pytest.mark.parametrize("after_ms", [0, 10, 20, 30, 45, 60, 90, 130, 200, 300])
def test_leaving_at_any_point_of_the_beginning(bench_box: BenchBox, after_ms: int) -> None:
    with bench_box.open() as terminal:
        terminal.wait_for(lambda: ALTERNATE_SCREEN in terminal.modes)
        time.sleep(after_ms / 1000)
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_exit() == 128 + signal.SIGTERM
        assert b"ended on an error" not in terminal.raw
        assert terminal.is_restored
    assert not find_faults(bench_box.home)


def find_faults(home: Path) -> list[str]:
    return [path.read_text() for path in home.glob("state/faults/*")]
