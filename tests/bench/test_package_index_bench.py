"""Completion and inspection over 40,000 names, cold and warm; prints milliseconds."""

import json
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envbench.settings.load import Settings, load_settings
from envbench.workbench.package_index import complete, inspect
from tests.engine.solver.asking import HOST
from tests.engine.solver.conftest import real_channels  # noqa: F401 - a fixture

NAMES = 40_000
ROUNDS = 15
HEAD = "channels:\n  - big\n  - pytorch\n  - conda-forge\ndependencies:\n  - python=3.9\n"
TYPED = ("", "n", "nu", "num", "numpy", "sklearn", "trnsf", "re", "scikit_learn", "zzzz", "aei")


def write_big_channel(folder: Path, real: Path) -> None:
    """Names made of the words of real ones, three builds each."""
    document = json.loads((real / "conda-forge" / "linux-64" / "repodata.json").read_bytes())
    records = [*document["packages"].values(), *document["packages.conda"].values()]
    words = sorted({word for record in records for word in record["name"].split("-")})
    chance = random.Random(7)
    names = {
        "-".join(chance.choices(words, k=chance.choice((1, 2, 2, 3)))) for _ in range(2 * NAMES)
    }
    packages = {}
    for name in sorted(names)[:NAMES]:
        for version in ("1.0", "1.1", "2.0"):
            packages[f"{name}-{version}-0.conda"] = {
                "name": name, "version": version, "build": "0", "build_number": 0,
                "depends": ["python >=3.8"], "subdir": "noarch", "noarch": "python",
                "sha256": "0" * 64, "size": 1000, "timestamp": 1_700_000_000_000,
            }  # fmt: skip
    for subdir, content in (("linux-64", {}), ("noarch", packages)):
        (folder / subdir).mkdir(parents=True)
        index = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": content}
        (folder / subdir / "repodata.json").write_text(json.dumps(index | {"repodata_version": 1}))


@pytest.fixture
def settings(tmp_path: Path, real_channels: Path) -> Settings:  # noqa: F811
    write_big_channel(tmp_path / "channels" / "big", real_channels)
    places = dict.fromkeys(("pytorch", "conda-forge"), real_channels.as_uri())
    channels = {"custom_channels": {**places, "big": (tmp_path / "channels").as_uri()}}
    (tmp_path / ".condarc").write_text(json.dumps(channels))
    return load_settings({"HOME": str(tmp_path)}, home=tmp_path)


def measure(ask, rounds: int = ROUNDS) -> list[float]:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - began))
    return times


def show(what: str, times: list[float]) -> None:
    first, rest = times[0], times[1:] or times
    print(
        f"{what:34} first {first:7.1f}  then {statistics.median(rest):6.1f}, most {max(rest):6.1f} ms"
    )


@pytest.mark.bench
def test_completion_over_many_names(settings: Settings, tmp_path: Path) -> None:
    def ask(item: str):
        text = f"{HEAD}  - {item}"
        return complete(text, 7, 4 + len(item), path="e.yml", settings=settings, budget_s=60)

    print()
    show("the first question, names read", measure(lambda: ask("x"), 1))
    for item in TYPED:
        show(f"name {item!r}", measure(lambda item=item: ask(item)))
    for item in ("numpy=", "pytorch=1.13.1=", "pytorch::py"):
        show(f"after {item!r}", measure(lambda item=item: ask(item)))

    def look(item: str):
        text = f"{HEAD}  - {item}\n"
        return inspect(text, 7, path="e.yml", settings=settings, host=HOST)

    for item in ("numpy=1.23.*", "pytorch", "numpi", "tensorfow", "qqq"):
        show(f"inspect {item!r}", measure(lambda item=item: look(item)))
    slowest = max(max(measure(lambda item=item: ask(item))) for item in TYPED)
    print(f"slowest name of all rounds {slowest:.1f} ms")


_MEMORY = """
import json, sys
from pathlib import Path
from envbench.settings.load import load_settings
from envbench.workbench.package_index import complete
def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return {l.split(":")[0]: int(l.split()[1]) / 1024 for l in lines if l.startswith("Rss")}
home = Path(sys.argv[1]); settings = load_settings({"HOME": str(home)}, home=home)
import rattler
before = resident()
for name in ("x", "num", "numpy="):
    text = sys.argv[2] + "  - " + name
    complete(text, 7, 4 + len(name), path="e.yml", settings=settings, budget_s=60)
after = resident()
print({key: round(after[key] - before[key], 1) for key in after})
"""


@pytest.mark.bench
def test_memory_of_many_names(settings: Settings, tmp_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", _MEMORY, str(tmp_path), HEAD],
        capture_output=True,
        text=True,
        check=True,
    )
    print(f"\nMiB more for the indexes: {child.stdout.strip()}")
