"""The README's pictures say what the screen says today.

The script that made them is run again, in a box of its own, and the words of each new picture are
compared with those of the one in the README. What differs between machines, versions of Python
and runs (numbers, versions, sizes, times, paths, cut words) is left out; line by line only the
tabs and the keys are compared, which are the same everywhere.
"""

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SCRIPT = HERE / "make_pictures.py"
NAMES = ("problems", "conflict", "plan", "jobs", "probes", "lock", "environments", "gpus")
HINT = "If this is meant: python tests/pictures/make_pictures.py"
CELL = 12.2
"""Width of a cell in the pictures, in pixels."""
_OF_TIME = "just now min ago kB MB GB ms took ok stopped bytecode cancelled KILLED signal"
"""Ages and units follow the speed of the machine; byte code may have been compiled or not."""
_OF_BOX = "cuda unknown yes pyyaml msgspec cpython"
"""What packages there are, and what they look at, follows the box and its Python."""
SWITCHING = frozenset(f"{_OF_TIME} {_OF_BOX}".split())
_FRAMES = re.compile("[│╭╮╰╯─▁▂▃▄▅▆▇█▌]+")


def read_rows(svg: str) -> list[str]:
    """Give the text of a picture, row by row, each piece where it stands."""
    rows: dict[float, str] = {}
    for x, y, text in re.findall(
        r'<text class="[\w-]+" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', svg
    ):
        row = rows.get(float(y), "").ljust(round(float(x) / CELL))
        rows[float(y)] = row + html.unescape(text).replace("\xa0", " ")
    return [rows[y].rstrip() for y in sorted(rows)]


def read_words(svg: str) -> set[str]:
    """Give the words that are the same wherever the picture is made."""
    tokens = _FRAMES.sub(" ", "\n".join(read_rows(svg))).split()
    whole = (token for token in tokens if not re.search(r"[\d…/\\]", token))
    words = (token.strip("`'\".,:;()[]") for token in whole)
    return {word for word in words if len(word) > 1 and word not in SWITCHING}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the pictures anew."""
    folder = tmp_path_factory.mktemp("pictures")
    command = [sys.executable, str(SCRIPT), "--hasty", "--into", str(folder)]
    subprocess.run(command, check=True, timeout=170, capture_output=True, text=True)
    return folder


@pytest.mark.timeout(200)
@pytest.mark.parametrize("name", NAMES)
def test_the_picture_says_what_the_screen_says(name: str, made: Path):
    if name == "gpus" and not (made / "gpus.svg").exists():
        pytest.skip("no C compiler to make a box with GPUs")
    kept = (HERE / f"{name}.svg").read_text(encoding="utf-8")
    now = (made / f"{name}.svg").read_text(encoding="utf-8")
    old, new = read_rows(kept), read_rows(now)
    assert new[1] == old[1], f"the tabs are others. {HINT}"
    assert new[-1] == old[-1], f"the keys are others. {HINT}"
    gone, come = read_words(kept) - read_words(now), read_words(now) - read_words(kept)
    assert not gone and not come, f"only before: {sorted(gone)}, only now: {sorted(come)}. {HINT}"


@pytest.mark.parametrize("name", NAMES)
def test_pictures_tell_nothing_of_the_machine_and_load_nothing(name: str):
    svg = (HERE / f"{name}.svg").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\s\"'<]+", svg)) == {"http://www.w3.org/2000/svg"}
    assert "@font-face" not in svg and "<script" not in svg
    text = "\n".join(read_rows(svg))
    assert not re.search(r"/tmp\b|/root\b|/work\b|\broot\b", text)
    if len(str(Path.home())) > 6:
        assert str(Path.home()) not in text


def test_the_readme_shows_each_picture_that_is_made():
    readme = (HERE.parents[1] / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"tests/pictures/(\w+)\.svg", readme))
    assert shown <= set(NAMES) == {file.stem for file in HERE.glob("*.svg")}
