"""The whole main job as a person does it: keys only, on a real terminal, from the demo to the lock.

Nothing here looks inside of the screen: what is read is what the terminal shows, and in the end
the files must bear it out.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.bench_box import PATIENCE_S, BenchBox
from tests.pty.terminal import Terminal

pytestmark = pytest.mark.pty

CROSS = "\N{MULTIPLICATION SIGN}"
GOOD = "  - hello-envbench=1.0"
BROKEN = "  - hello-envbench=>1.0"
MENDED = "  - hello-envbench>=1.0"
LOCK = "explicit.txt"


SIZES = (
    pytest.param((120, 40), id="120x40"),
    pytest.param((80, 24), id="80x24", marks=pytest.mark.slow),
)


@pytest.fixture(params=SIZES)
def screen(request: pytest.FixtureRequest, bench_box: BenchBox) -> Iterator[Terminal]:
    """Open the demo in a folder of its own."""
    columns, rows = request.param
    demo = ("demo", "--directory", bench_box.folder)
    with bench_box.open(*demo, columns=columns, rows=rows) as terminal:
        yield terminal


def test_main_job(screen: Terminal, bench_box: BenchBox) -> None:
    spec = bench_box.folder / "demo.yml"
    read_the_good_spec(screen)
    break_a_line(screen)
    assert GOOD in spec.read_text(), "nothing is written before it is saved"
    mend_it(screen)
    screen.press("ctrl+s")
    screen.wait_text(r"Saved demo\.yml")
    screen.wait_gone(r"demo\.yml \* unsaved")
    assert MENDED in spec.read_text()
    assert BROKEN not in spec.read_text()
    solve_and_read_the_plan(screen)
    build_and_watch_the_log(screen)
    probe(screen)
    lock(screen)
    screen.press("q")
    assert screen.wait_exit() == 0
    assert screen.is_restored
    check_files(bench_box)


def read_the_good_spec(screen: Terminal) -> None:
    screen.wait_text(r"The demo is ready", PATIENCE_S)
    screen.wait_text(r"10    - python=3\.\d+")
    screen.wait_text(r"No problems found")
    screen.wait_text(r"env envbench-demo +ok")


def break_a_line(screen: Terminal) -> None:
    """Write `=>` where `>=` is meant, as one does."""
    screen.press("e")
    screen.wait_text(r"^ Esc out")
    screen.press(*["down"] * 14, "end", "left", "left", "left")
    screen.type(">")
    screen.wait_text(rf"{CROSS}15  {BROKEN}")
    screen.wait_text(r"demo\.yml \* unsaved")
    screen.wait_text(r"env envbench-demo +1 problem\b")
    screen.wait_text(r"EB201 line 15")
    screen.wait_text(r"is no +operator of +conda")
    screen.wait_text(r"\^O write `>=`")


def mend_it(screen: Terminal) -> None:
    screen.press("ctrl+o")
    screen.wait_text(rf" 15  {MENDED}")
    screen.wait_gone(f"{CROSS}15")
    screen.wait_text(r"Did: write `>=`; \^Z takes it back")
    screen.wait_text(r"No problems found")
    screen.wait_text(r"env envbench-demo +ok")


def solve_and_read_the_plan(screen: Terminal) -> None:
    screen.press("escape")
    screen.wait_gone(r"^ Esc out")
    screen.press("s")
    screen.wait_text(r"envbench-demo: plan +SAFE TO BUILD", PATIENCE_S)
    screen.wait_text(r"9 packages +get [\d.]+ MB")
    screen.wait_text(r"hello-envbench +1\.0 .* line 15 +[\d.]+ kB")
    screen.wait_text(r"python +3\.\d+\.\d+ .* line 10 +[\d.]+ MB")
    screen.wait_text(r"mdurl .* markdown-it-py +[\d.]+ kB")


def build_and_watch_the_log(screen: Terminal) -> None:
    screen.press("b")
    screen.wait_text(r"Jobs +\d at work", PATIENCE_S)
    screen.press("o")
    screen.wait_text(r"6 LOG")
    screen.wait_text(r"link: done in .* 9 packages, \d+ files verified", PATIENCE_S)
    screen.wait_text(r"switch: done in .* generation 1 is live")
    screen.wait_text(r"envbench-demo is built: p probes it")
    screen.wait_text(r"● ok +took")


def probe(screen: Terminal) -> None:
    screen.press("p")
    screen.wait_text(r"envbench-demo: probes +ALL OK", PATIENCE_S)
    screen.wait_text(r"● +python .* ok\b")
    screen.wait_text(r"● +pip .* ok\b")


def lock(screen: Terminal) -> None:
    """Read what the formats lose, look at one that has hashes, write it."""
    screen.press("l")
    screen.wait_text(r"envbench-demo: lock files +nothing locked yet", PATIENCE_S)
    screen.wait_text(r"loses")
    for _ in range(5):
        screen.press("down")
    screen.wait_text(r"explicit\.txt  addresses with sha256")
    screen.press("enter")
    screen.wait_text(r"lock files +preview")
    screen.press("end")
    screen.wait_text(r"sha256:[0-9a-f]{20}")
    screen.press("l")
    screen.wait_text(rf"Wrote {LOCK}")
    screen.press("escape")
    screen.wait_text(r"lock files")


def check_files(box: BenchBox) -> None:
    """See that everything the screen said is so."""
    python = box.envs / "envbench-demo" / "bin" / "python"
    code = "import yaml, msgspec, rich, hello_envbench; print(yaml.safe_load('[1, 2]'))"
    assert run(python, "-c", code) == "[1, 2]\n"
    lock = box.folder / LOCK
    assert "@EXPLICIT" in lock.read_text()
    box.run("verify", lock, "envbench-demo")
    # The byte code is compiled behind the build; it may still be at it.
    assert {"build", "probe"} <= {job["kind"] for job in box.list_jobs()}
    for job in box.list_jobs():
        box.run("logs", job["id"], "-f")
    assert {job["state"] for job in box.list_jobs()} == {"done"}, box.list_jobs()


def run(program: Path, *words: str) -> str:
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout
