"""Hostile text in everything that the screen reads: nothing of it reaches the terminal.

The bytes are read as they are, by `strict_output`; a screen that looks right proves nothing.
"""

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from envbench.jobs.job import Job
from envbench.jobs.store import JobStore
from envbench.model.cleaning import clean
from envbench.model.job import JobRequest
from tests.pty.bench_box import BenchBox
from tests.pty.hostile_box import (
    BAD,
    FOOTPRINT,
    INVISIBLE,
    MARKUP,
    NAMES,
    RAW_LINE,
    SEQUENCES,
    plant,
    plant_folder,
)
from tests.pty.strict_output import Found, read_strictly
from tests.pty.terminal import Terminal

pytestmark = pytest.mark.pty

SHOWN = r"\[/oops\]\[@click=app\.bell\]click"
"""What is left of it on the screen: markup, literally."""


class Walker:
    """Goes through the screen by keys, each with what must be seen then."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def go(self, key: str, seen: str = "", gone: str = "") -> None:
        """Press a key; wait for what it shows or hides, and for what it draws besides."""
        before = len(self.terminal.raw)
        self.terminal.press(key)
        if seen:
            self.terminal.wait_text(seen, 20)
        if gone:
            self.terminal.wait_gone(gone, 20)
        self.rest(before)

    def rest(self, before: int) -> None:
        """Wait until an answer was drawn; some keys have none, and a log pours meanwhile."""
        end = time.monotonic() + 0.3
        while len(self.terminal.raw) == before and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(0.1)

    def paste(self, text: str) -> None:
        before = len(self.terminal.raw)
        self.terminal.paste(text)
        self.rest(before)

    def copied(self, key: str, said: str) -> str:
        """Press a key that copies; give what the clipboard has got."""
        count = len(read(self.terminal).copies)
        self.go(key, said)
        self.terminal.wait_for(lambda: len(read(self.terminal).copies) > count, 10, "a copy")
        return read(self.terminal).copies[-1]

    def leave(self) -> None:
        self.terminal.press("q")
        assert self.terminal.wait_exit() == 0
        assert self.terminal.is_restored


def read(terminal: Terminal) -> Found:
    return read_strictly(bytes(terminal.raw))


def assert_harmless(terminal: Terminal, home: Path, *, copies: int, bells: int = 0) -> Found:
    """Every byte is one we know; nothing was copied, rung or run that no key asked for."""
    found = read(terminal)
    assert found.complaints == ()
    assert len(found.copies) == copies
    assert all(text.replace("\n", "").replace("\t", "").isprintable() for text in found.copies)
    assert found.bells == bells
    assert list(home.rglob(FOOTPRINT)) == []
    assert "OWNED" not in "".join(found.copies)
    return found


@pytest.fixture
def box(tmp_path: Path) -> BenchBox:
    return BenchBox(tmp_path / "home")


@pytest.fixture
def running(box: BenchBox) -> Iterator[Job]:
    """A job that pours hostile text and goes on until its file is there."""
    box.environ |= plant(box.home)
    code = (
        "import sys, time, os\n"
        "out = sys.stdout.buffer\n"
        "for n in range(10**9):\n"
        f"    out.write(({BAD!r} + f' {{n}}%\\r').encode('utf-8', 'surrogatepass'))\n"
        f"    out.write(b'\\xff\\x9b31m\\n' if n % 9 == 0 else b'') and out.flush()\n"
        f"    os.path.exists({str(box.home / 'end')!r}) and sys.exit(3)\n"
        "    time.sleep(0.02 if n % 50 else 1.5)\n"
    )
    request = JobRequest(
        kind="build",
        title=f"build {BAD}",
        argv=(sys.executable, "-u", "-c", code),
        environment=f"running{BAD}",
    )
    job = JobStore(box.jobs).submit(request)
    yield job
    job.cancel()
    assert job.wait(20) is not None


def test_no_place_lets_anything_out(box: BenchBox, running: Job):
    with box.open() as terminal:
        walk = Walker(terminal)
        terminal.wait_text(r"\d+ problems", 30)
        terminal.wait_text(r"10 found, ", 30)
        terminal.wait_text(r"runs without you", 30)
        for key, seen in zip("2347", (" 2 PLAN", " 3 PROBES", " 4 LOCK", " 7 GPUS"), strict=True):
            walk.go(key, seen)
        copied = [*visit_environments(walk), *visit_jobs(walk), *visit_log(walk)]
        visit_lists(walk)
        copied += visit_history(walk)
        end_job(walk, box)
        walk.go("1", "1 SPEC")
        walk.leave()
    found = assert_harmless(terminal, box.home, copies=len(copied))
    assert re.search(SHOWN, found.texts)


def visit_environments(walk: Walker) -> list[str]:
    walk.go("5", r"5 ENVS[\s\S]*R roll back")
    walk.go("home")
    walk.go("down")
    walk.go("D", r"Delete ours")
    walk.go("escape", gone=r"Delete ours")
    walk.go("u", r"Use ours")
    copied = walk.copied("1", r"Copied the activate line")
    walk.go("R", "roll back is off")
    walk.go("v", "ours: damaged")
    walk.go("space", "ours is marked")
    walk.go("enter", rf"by +reason[\s\S]*holds[\s\S]*{SHOWN}")
    walk.go("home")
    walk.go("down")
    walk.go("down")
    walk.go("down")
    walk.go("enter", r"env(line)?\s[\s\S]*path +/[\s\S]*python 3.11")
    walk.go("d")
    walk.go("escape")
    return [copied]


def visit_jobs(walk: Walker) -> list[str]:
    walk.go("8", r"1 at work, 7 in all[\s\S]*x stop")
    walk.go("home")
    walk.go("x", r"Stop build")
    walk.go("escape", gone=r"Stop build")
    walk.go("down", rf"reason x.*{SHOWN}")
    copied = walk.copied("c", "Copied what became of the job")
    assert clean(f"hint {BAD}") in copied
    walk.go("down", "damaged: its records|its records cannot be read: the job")
    return [copied]


def visit_log(walk: Walker) -> list[str]:
    walk.go("up")
    walk.go("enter", r"6 LOG[\s\S]*line 4\d")
    walk.go("w")
    walk.go("/", "text, or re:PATTERN")
    walk.paste(f"red{SEQUENCES}")
    walk.go("ctrl+u")
    walk.terminal.type("raw")
    walk.go("enter", r"/raw.*1 of 1")
    line = walk.copied("c", "Copied the line")
    assert line == clean(RAW_LINE.decode("utf-8", "replace"))
    page = walk.copied("Y", r"Copied \d+ lines of the log")
    walk.go("E", "ERROR")
    walk.go("F", "Show of the log")
    walk.go("1", "only error")
    walk.go("escape", "1 SPEC")
    walk.go("6", r"6 LOG[\s\S]*levels")
    older = (r"line 4\d", "Nothing is in this log", "damaged: ", " 1 line ", "done", "0123456789:;")
    for seen in older:
        walk.go("[", seen)
        walk.go("home")
        walk.go("w")
        walk.go("pagedown")
        walk.go("end")
    return [line, page]


def visit_lists(walk: Walker) -> None:
    walk.go("9", r"9 SETTINGS[\s\S]*wrong[\s\S]*g glyphs")
    walk.go("/")
    walk.paste(SEQUENCES)
    walk.terminal.type("theme")
    walk.go("enter")
    walk.go("escape")
    walk.go("ctrl+t", r"evil +yours")
    for _ in range(9):
        walk.go("down")
    walk.go("escape", "Enter change")
    walk.go("?", "In this pane|Everywhere")
    walk.go("pagedown")
    walk.go("escape", "Enter change")
    walk.go(":", "a verb: build")
    walk.paste(f"messages{SEQUENCES}")
    walk.go("ctrl+u")
    walk.terminal.type("messages")
    walk.go("enter", r"Messages")
    walk.go("escape", "Enter change")


def visit_history(walk: Walker) -> list[str]:
    walk.go("0", r"envbench verify ours[\s\S]*Enter copy")
    return [walk.copied("c", "Copied the command")]


def end_job(walk: Walker, box: BenchBox) -> None:
    """Let the job end: the message says so, and the log of it stays."""
    (box.home / "end").touch()
    walk.terminal.wait_text(r"failed: its worker ended with status 3", 30)


def test_specs_and_plans_of_strangers(box: BenchBox):
    """Without hostile settings, which alone keep all solves from beginning."""
    plant_folder(box.folder, box.home)
    with box.open(box.folder / "conflict.yml") as terminal:
        walk = Walker(terminal)
        terminal.wait_text(r"env clash +\d problem", 30)
        open_all_specs(walk)
        walk.go("s", r"NO SOLUTION")
        walk.go("t", rf"the solver's own text[\s\S]*{SHOWN}")
        copied = [walk.copied("c", "Copied the solver's own text")]
        assert MARKUP in copied[0]
        write_by_offers(walk)
    found = assert_harmless(terminal, box.home, copies=len(copied))
    assert re.search(SHOWN, found.texts)


def open_all_specs(walk: Walker) -> None:
    """Open each file of the folder, and at the end the first one again."""
    walk.go("tab")
    for _ in range(len(NAMES) + 8):
        walk.go("down")
        walk.go("enter")
    walk.go("ctrl+g")
    walk.go("escape")
    walk.go("tab")
    walk.go("home")
    walk.go("enter", r"env clash +\d problem")


def write_by_offers(walk: Walker) -> None:
    """Write in the editor: a form, offers, the search, a paste; what was written is left unsaved."""
    walk.go("e", "Esc out")
    walk.go("pageup")
    for _ in range(4):
        walk.go("down")
    walk.go("ctrl+r", "Line 5: ")
    walk.paste(f"{MARKUP}{SEQUENCES}")
    walk.go("escape", "Esc out")
    walk.go("end")
    walk.go("=")
    walk.go("ctrl+@", r"\d\.\d +\d build")
    walk.go("ctrl+f", "type what to find")
    walk.paste(f"{MARKUP}{SEQUENCES}")
    walk.go("enter")
    walk.go("escape")
    walk.paste(f"{SEQUENCES}{INVISIBLE}{MARKUP}")
    walk.go("ctrl+q", "unsaved work")
    walk.terminal.press("enter")
    assert walk.terminal.wait_exit() == 0
    assert walk.terminal.is_restored


def test_where_names_are_no_text_and_terminals_no_utf8(tmp_path: Path):
    """A home whose path is no UTF-8, on a terminal that reads ASCII."""
    home = tmp_path / os.fsdecode(b"h\xff\x1b]52;c;QQ==\x07\xe2\x80\xae[oops")
    box = BenchBox(home)
    plant_folder(box.folder, home)
    box.environ |= {"LANG": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    with box.open(box.folder / NAMES[4]) as terminal:
        walk = Walker(terminal)
        terminal.wait_text(r"Problems +\d\d", 30)
        terminal.wait_text(r"environment-\[oops", 30)
        walk.go("5", r"5 ENVS[\s\S]*not built")
        walk.go("9", r"must be text without control")
        walk.go("1", "1 SPEC")
        walk.leave()
    assert_harmless(terminal, home, copies=0)
    assert bytes(terminal.raw).isascii()
