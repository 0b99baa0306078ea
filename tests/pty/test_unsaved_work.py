"""What was typed and not saved is offered again when the screen was killed, byte for byte."""

import signal
import time
from pathlib import Path

import pytest

from tests.pty.bench_box import PATIENCE_S, BenchBox
from tests.pty.terminal import Terminal

pytestmark = pytest.mark.pty

TEXT = "name: notes\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n"
TYPED = "\n# gr\u00fc\u00df Gott, \u65e5\u672c: 100 % [b]not bold[/b] \\n"
INDENTED = TYPED.replace("\n", "\n  ")
"""What stands there then: a new line begins where the one before it does."""
BOM = b"\xef\xbb\xbf"


def write_spec(box: BenchBox, ends: str, bom: bytes) -> Path:
    box.folder.mkdir(parents=True)
    path = box.folder / "notes.yml"
    path.write_bytes(bom + TEXT.replace("\n", ends).encode())
    return path


def type_and_kill(box: BenchBox, spec: Path) -> None:
    """Write a line at the end, wait until it is kept, and kill the screen."""
    with box.open(spec) as terminal:
        terminal.wait_text(r"env notes +ok", PATIENCE_S)
        terminal.press("e")
        terminal.wait_text(r"^ Esc out")
        terminal.press(*["down"] * 4, "end")
        terminal.type(TYPED)
        terminal.wait_text(r"notes\.yml \* unsaved")
        wait_until_kept(box)
        terminal.signal(signal.SIGKILL)
        assert terminal.wait_exit() == -signal.SIGKILL


def wait_until_kept(box: BenchBox) -> None:
    """Wait for the recovery file: it is written when the keys rest for a second."""
    end = time.monotonic() + 20
    folder = box.home / "state" / "drafts"
    # What is escaped in the file is of no interest here: the last characters typed are plain.
    while not any("not bold" in path.read_text(errors="replace") for path in folder.glob("*")):
        assert time.monotonic() < end, "the unsaved work was not kept"
        time.sleep(0.02)


def reopen(box: BenchBox, spec: Path) -> Terminal:
    terminal = box.open(spec)
    try:
        terminal.wait_text(r"There is unsaved work on", PATIENCE_S)
    except BaseException:
        terminal.close()
        raise
    return terminal


@pytest.mark.parametrize(
    ("ends", "bom"), [("\n", b""), ("\r\n", BOM)], ids=["plain", "from-windows"]
)
def test_unsaved_work_is_taken_up_by_key(bench_box: BenchBox, ends: str, bom: bytes) -> None:
    spec = write_spec(bench_box, ends, bom)
    before = spec.read_bytes()
    type_and_kill(bench_box, spec)
    assert spec.read_bytes() == before, "nothing is saved without being asked for"
    with reopen(bench_box, spec) as terminal:
        terminal.wait_text(r"Take it up")
        terminal.press("enter")
        terminal.wait_text(r"Your unsaved work is back")
        terminal.wait_text(r"not bold")
        terminal.press("ctrl+s")
        terminal.wait_text(r"Saved notes\.yml")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    wanted = TEXT.removesuffix("\n") + INDENTED + "\n"
    assert spec.read_bytes() == bom + wanted.replace("\n", ends).encode()
    with bench_box.open(spec) as terminal:
        terminal.wait_text(r"env notes +ok", PATIENCE_S)
        assert "unsaved work" not in terminal.screen_text()


def test_unsaved_work_is_thrown_away_only_when_chosen(bench_box: BenchBox) -> None:
    spec = write_spec(bench_box, "\n", b"")
    before = spec.read_bytes()
    type_and_kill(bench_box, spec)
    with reopen(bench_box, spec) as terminal:
        terminal.press("escape")
        terminal.wait_gone(r"There is unsaved work")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    with reopen(bench_box, spec) as terminal:
        terminal.press("down", "down")
        terminal.press("enter")
        terminal.wait_text(r"The unsaved work was thrown away")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    assert spec.read_bytes() == before
    with bench_box.open(spec) as terminal:
        terminal.wait_text(r"env notes +ok", PATIENCE_S)
        assert "unsaved work" not in terminal.screen_text()
