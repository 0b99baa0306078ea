"""Keys that come in one go, as they do over a link that stutters, are done in their order."""

import pytest

from tests.pty.bench_box import PATIENCE_S, BenchBox
from tests.pty.keys import key_bytes

pytestmark = pytest.mark.pty

LINES = [
    "name: ahead",
    "channels:",
    "  - conda-forge",
    "dependencies:",
    *(f"  - part{n}=1" for n in range(20)),
]
KEYS = [*["down"] * 9, "end", ".", "2", "home", "down", "end", "0", "up", "end", ".", "*"]


def test_letters_do_not_overtake_the_cursor(bench_box: BenchBox) -> None:
    spec = bench_box.folder / "ahead.yml"
    spec.parent.mkdir(parents=True)
    spec.write_text("\n".join(LINES) + "\n")
    with bench_box.open(spec, columns=80, rows=24) as terminal:
        terminal.wait_text(r"env ahead +ok", PATIENCE_S)
        terminal.press("e")
        terminal.wait_text(r"^ Esc out")
        terminal.write(b"".join(map(key_bytes, KEYS)))
        terminal.wait_text(r"part5=1\.2\.\*")
        terminal.press("ctrl+s")
        terminal.wait_text(r"Saved ahead\.yml")
    wanted = [*LINES]
    wanted[9] += ".2.*"
    wanted[10] += "0"
    assert spec.read_text().splitlines() == wanted
