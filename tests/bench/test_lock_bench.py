"""Locks of a large environment against plain reading, and its verification against `sha256sum`.

Whole processes side by side in one run, in turns; ratios are printed, nothing is asserted of time.
Beside wall time stands CPU time: on a box that others use, it says more.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from envbench.envs.distributions import read_pip_part
from envbench.envs.prefix_records import list_record_files, read_prefix_records
from envbench.envs.verification import verify_prefix
from envbench.formats.lock_formats import export_lock
from envbench.workbench.installed_environments import read_whole_lock
from tests.bench.large_environment import WHEELS, build_large_environment
from tests.workbench.conftest import Box, box, python_channel  # noqa: F401 - fixtures

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
ROUNDS = int(os.environ.get("ENVBENCH_BENCH_ROUNDS", "9"))
COMMAND = Path(sys.executable).with_name("envbench")
PLAIN = Path(__file__).parent / "programs" / "list_explicit.py"
Taken = dict[str, list[tuple[float, float]]]
"""Name to (wall seconds, CPU seconds) of each round."""
CORES = len(os.sched_getaffinity(0))


def test_lock_and_verify_of_three_hundred_packages(
    box: Box,  # noqa: F811
    python_channel: Path,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    prefix = build_large_environment(box, python_channel)
    conda = len(list_record_files(prefix))
    out = box.root / "out"
    out.mkdir()
    files = list_hashed_files(prefix)
    listing = out / "files"
    listing.write_bytes(b"\0".join(os.fsencode(f) for f in files))
    size = sum(Path(f).stat().st_size for f in files)

    def plain() -> None:
        argv = [sys.executable, str(PLAIN), str(prefix)]
        text = subprocess.run(argv, check=True, capture_output=True, cwd=box.root).stdout
        assert text.count(b"#") == conda

    def envbench(*arguments: str) -> bytes:
        argv = [str(COMMAND), *arguments]
        done = subprocess.run(argv, capture_output=True, cwd=box.root)
        assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()[-3000:]
        return done.stdout

    def lock(form: str) -> Callable[[], bytes]:
        # To stdout: a file that lies there already would be read and kept to.
        return lambda: envbench("lock", "large", "--format", form, "--offline")

    def sums(processes: int) -> Callable[[], None]:
        command = f"xargs -0 -n 512 -P {processes} sha256sum < {listing} > /dev/null"
        return lambda: run_shell(command)

    def in_process(form: str) -> None:
        export_lock(read_whole_lock("large", box.settings), form)

    kept = out / "conda-lock.yml"
    kept.write_bytes(lock("conda-lock")())
    taken: Taken = {}
    measure_in_turns(
        taken,
        {
            "plain: json.load of every record, url#md5": plain,
            "envbench lock --format conda-lock": lock("conda-lock"),
            "envbench lock --format explicit": lock("explicit"),
            "in process: plain": lambda: list_in_process(prefix),
            "in process: read_whole_lock, conda-lock": lambda: in_process("conda-lock"),
            "in process: read_whole_lock, explicit": lambda: in_process("explicit"),
        },
    )
    measure_in_turns(
        taken,
        {
            f"sha256sum of the same files, -P {CORES}": sums(CORES),
            "sha256sum of the same files, one process": sums(1),
            "envbench verify conda-lock.yml ENV": lambda: envbench("verify", str(kept), "large"),
            "envbench verify ENV": lambda: envbench("verify", "large"),
            "in process: verify_prefix": lambda: verify_prefix(prefix),
        },
    )
    with capsys.disabled():
        print(f"\n{conda} conda packages, {WHEELS} wheels, {len(files)} hashed files of")
        print(
            f"{size / 1024**2:.0f} MiB; {CORES} cores, load {os.getloadavg()[0]:.1f}, {ROUNDS} rounds in turns"
        )
        print(compare(taken, "plain: json.load of every record, url#md5", count=3))
        print(compare(taken, "in process: plain", skip=3, count=3))
        print(compare(taken, f"sha256sum of the same files, -P {CORES}", skip=6))
        print(compare(taken, "sha256sum of the same files, one process", skip=6))


def list_in_process(prefix: Path) -> str:
    lines = []
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        record = json.loads(path.read_bytes())
        lines.append(f"{record['url']}#{record['md5']}")
    return "\n".join(lines)


def list_hashed_files(prefix: Path) -> list[str]:
    """List the files whose content is compared."""
    records = read_prefix_records(prefix)
    items = [item for package in records.packages for item in package.paths]
    items += [item for dist in read_pip_part(records).distributions for item in dist.paths]
    found = {f"{prefix}/{item.path}" for item in items if item.sha256}
    return sorted(f for f in found if Path(f).is_file() and not Path(f).is_symlink())


def run_shell(command: str) -> None:
    subprocess.run(["sh", "-c", command], check=True)


def measure_in_turns(taken: Taken, works: dict[str, Callable[[], object]]) -> None:
    names = list(works)
    for name in names:
        works[name]()
    for number in range(ROUNDS):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            began, used = time.perf_counter(), cpu_s()
            works[name]()
            spent = time.perf_counter() - began
            mine, children = (now - then for now, then in zip(cpu_s(), used, strict=True))
            # Of a process, only what it used itself: starting and waiting for it is not its doing.
            taken.setdefault(name, []).append((spent, children or mine))


def cpu_s() -> tuple[float, float]:
    """CPU seconds of this process, and of its children that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    mine, children = (each.ru_utime + each.ru_stime for each in used)
    return mine, children


def compare(taken: Taken, yardstick: str, *, skip: int = 0, count: int | None = None) -> str:
    lines = [f"against {yardstick}: median of pairs, best to best"]
    for name in list(taken)[skip : None if count is None else skip + count]:
        cells = []
        for index, kind in enumerate(("wall", "CPU")):
            mine, other = ([each[index] for each in taken[n]] for n in (name, yardstick))
            pairs = [one / two for one, two in zip(mine, other, strict=True)]
            cells.append(
                f"{kind} {median(mine) * 1000:6.0f} ms {median(pairs):5.2f} x"
                f" {min(mine) / min(other):5.2f} x"
            )
        lines.append(f"  {name:48} {'   '.join(cells)}")
    return "\n".join(lines)
