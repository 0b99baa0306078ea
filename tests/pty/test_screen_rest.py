"""What the whole screen sends: little at the start, nothing at rest, little for a key."""

import pytest

from tests.pty.bench_box import PATIENCE_S, BenchBox
from tests.pty.terminal import Terminal

pytestmark = pytest.mark.pty

START_BYTES = {(120, 40): 70_000, (80, 24): 35_000}
SPEC = "name: x\nchannels:\n  - conda-forge\ndependencies:\n  - numpy>=1.26\n"


@pytest.mark.parametrize("size", START_BYTES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_screen_at_rest_sends_nothing(bench_box: BenchBox, size: tuple[int, int]) -> None:
    bench_box.folder.mkdir(parents=True)
    (bench_box.folder / "environment.yml").write_text(SPEC)
    columns, rows = size
    with bench_box.open(columns=columns, rows=rows) as terminal:
        terminal.wait_text("numpy>=1.26", PATIENCE_S)
        terminal.wait_quiet(2.0, PATIENCE_S)
        assert len(terminal.raw) <= START_BYTES[size]
        assert terminal.count_bytes(3.0) == 0


def test_a_key_costs_few_bytes(bench_box: BenchBox) -> None:
    with bench_box.open() as terminal:
        terminal.wait_text("1 SPEC", PATIENCE_S)
        terminal.wait_quiet(2.0, PATIENCE_S)
        for key in ("down", "up"):
            assert bytes_of_key(terminal, key) < 1000
        # Most of another place is blank, as what it covers.
        assert bytes_of_key(terminal, "9") < 15_000


def test_a_spoilt_screen_is_written_anew(bench_box: BenchBox) -> None:
    with bench_box.open() as terminal:
        terminal.wait_text("1 SPEC", PATIENCE_S)
        terminal.wait_quiet(2.0, PATIENCE_S)
        before = below_the_header(terminal)
        with terminal._lock:
            terminal.screen.erase_in_display(2)
        assert bytes_of_key(terminal, "ctrl+l") > 4000
        assert below_the_header(terminal) == before
        terminal.resize(100, 30)
        terminal.wait_quiet(1.0)
        terminal.resize(120, 40)
        terminal.wait_for(lambda: below_the_header(terminal) == before)


def below_the_header(terminal: Terminal) -> list[str]:
    """Give the lines without the first, which says how fast the link is."""
    return terminal.screen_text().splitlines()[1:]


def bytes_of_key(terminal: Terminal, key: str) -> int:
    before = len(terminal.raw)
    terminal.press(key)
    terminal.wait_for(lambda: len(terminal.raw) > before)
    terminal.wait_quiet(0.5)
    return len(terminal.raw) - before
