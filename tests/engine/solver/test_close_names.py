"""Names that were meant, out of all names of real channels, in no time."""

import json
import random
import time
from pathlib import Path

import pytest

from envbench.engine.search import find_close_names

MISSPELT = {
    "pytroch": "pytorch", "pytorhc": "pytorch", "ptyorch": "pytorch", "pytoch": "pytorch",
    "torch": "pytorch", "nunpy": "numpy", "numy": "numpy", "pnadas": "pandas", "panda": "pandas",
    "tenserflow": "tensorflow", "tensroflow": "tensorflow", "scikitlearn": "scikit-learn",
    "sklearn": "scikit-learn", "scikit-lern": "scikit-learn", "matplotib": "matplotlib",
    "mathplotlib": "matplotlib", "jupyter-lab": "jupyterlab", "pyhton": "python",
    "python3": "python", "opencv2": "opencv", "cv2": "opencv", "scpy": "scipy",
    "tranformers": "transformers", "huggingface-hub": "huggingface_hub",
    "typing_extension": "typing_extensions", "cudatookit": "cudatoolkit",
    "cuda-tolkit": "cuda-toolkit", "torchvison": "torchvision", "pyarow": "pyarrow",
    "requets": "requests", "PIL": "pillow", "beatifulsoup4": "beautifulsoup4",
}  # fmt: skip


@pytest.fixture(scope="module")
def names(real_channels: Path) -> frozenset[str]:
    found: set[str] = set()
    for file in sorted(real_channels.rglob("repodata.json")):
        index = json.loads(file.read_bytes())
        for part in ("packages", "packages.conda"):
            found |= {record["name"] for record in index.get(part, {}).values()}
    return frozenset(found)


@pytest.mark.parametrize("wanted", MISSPELT)
def test_the_name_that_was_meant_is_first(names, wanted):
    assert find_close_names(wanted, names)[0] == MISSPELT[wanted]


@pytest.mark.bench
def test_thirty_thousand_names_take_no_time(names):
    chance = random.Random(1)
    parts = sorted({part for name in names for part in name.split("-")})
    many = set(names)
    while len(many) < 30_000:
        many.add("-".join(chance.choice(parts) for _ in range(chance.choice((1, 2, 2, 3)))))
    taken = []
    for wanted in MISSPELT:
        started = time.perf_counter()
        find_close_names(wanted, many)
        taken.append(time.perf_counter() - started)
    middle = sorted(taken)[len(taken) // 2]
    print(
        f"of 30,000 names: {middle * 1000:.1f} ms in the middle, {max(taken) * 1000:.1f} ms at most"
    )
    # A quarter of a key press on a loaded machine; most of the time is its own noise.
    assert middle < 0.15
