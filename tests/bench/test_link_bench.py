"""Linking 50 packages from a warm cache against `cp -al` of the same tree, as ratios."""

import json
import random
import subprocess
import sys
from pathlib import Path
from statistics import median

import msgspec
import pytest

from envbench.model.plan import PackageRecord
from tests.engine.link.packages import PLACEHOLDER, Member, Package, make_archive

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 9

CHILD = """
import asyncio, json, os, shutil, subprocess, sys, time
from pathlib import Path
root, scratch = sys.argv[1:]
sys.path.insert(0, root)
import msgspec, rattler
from rattler.package_cache import PackageCache, ValidationMode
from envbench.engine.backends.rattler import link as linking
from envbench.engine.backends.rattler.fetch import fetch_packages
from envbench.engine.backends.rattler.link import LinkOrder, link_packages
from envbench.engine.backends.rattler.store import PackageStore
from envbench.engine.engine_settings import EngineSettings
from envbench.engine.rattler_values import to_rattler
from envbench.model.plan import PackageRecord

scratch = Path(scratch)
records = msgspec.json.decode((scratch / "records.json").read_bytes(), type=list[PackageRecord])
settings = EngineSettings(pkgs_dir=str(scratch / "pkgs"), repodata_dir=str(scratch / "repodata"))
target = scratch / "envs" / "a"
silent = lambda event: None

async def bare(prefix, mode):
    cache = PackageCache.new_layered([settings.pkgs_dir], cache_origin=True, validation_mode=mode)
    await rattler.install(to_rattler(records), prefix, package_cache=cache, show_progress=False,
                          alternative_target_prefix=target)

async def whole(prefix):
    await fetch_packages(records, settings, silent)
    return await link_packages(
        LinkOrder(packages=records, prefix=prefix, target_prefix=target), settings, silent)

def prove(prefix):
    store = PackageStore(Path(settings.pkgs_dir))
    stamps = linking._read_ready(store, records)
    order = LinkOrder(packages=records, prefix=prefix, target_prefix=target)
    assert linking._build_verifier(order, store, stamps).finish().is_fine

report = None
def measure(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start

start = time.perf_counter()
asyncio.run(fetch_packages(records, settings, silent))
times = {"cold fetch": [time.perf_counter() - start]}
base = scratch / "base"
report = asyncio.run(whole(base))
works = {
    "cp -al": lambda to: subprocess.run(["cp", "-al", str(base), str(to)], check=True),
    "library alone": lambda to: asyncio.run(bare(to, ValidationMode.skip())),
    "fetch check, vet, link, verify": lambda to: asyncio.run(whole(to)),
    "library with its full validation": lambda to: asyncio.run(bare(to, ValidationMode.full())),
}
for number in range(int(os.environ["ROUNDS"])):
    names = list(works)
    # Whoever comes first after a removal pays for it: take turns.
    for name in names[number % len(names):] + names[:number % len(names)]:
        to = scratch / f"to-{number}"
        times.setdefault(name, []).append(measure(lambda: works[name](to)))
        shutil.rmtree(to)
    times.setdefault("verify alone", []).append(measure(lambda: prove(base)))
times["files"] = [report.files]
os.write(1, json.dumps(times).encode())
os._exit(0)
"""


def make_records(folder: Path) -> list[PackageRecord]:
    """Write 50 packages with about 15,000 files, a third of them noarch python."""
    chance = random.Random(2)
    python = [Member("bin/python3.11", chance.randbytes(100_000), 0o755)]
    packages = [Package("python", python, version="3.11.7")]
    for number in range(49):
        noarch = number % 3 == 0
        base = ("site-packages", "lib/python3.11/site-packages", "share")[number % 3]
        members = [
            Member(
                f"{base}/pkg{number}/sub{index % 17}/mod{index}.py",
                chance.randbytes(int(min(400_000, chance.lognormvariate(7.5, 1.8)))),
            )
            for index in range(chance.choice((20, 50, 100, 200, 400, 600, 900)))
        ]
        if not noarch:
            script = f"#!{PLACEHOLDER}/bin/python3.11\n".encode()
            members.append(Member(f"bin/tool{number}", script, 0o755, placeholder=True))
        packages.append(
            Package(
                f"pkg{number}", members, noarch="python" if noarch else None, depends=["python"],
                entry_points=[f"ep{number} = pkg{number}:main"] if noarch else (),
            )
        )  # fmt: skip
    return [make_archive(package, folder) for package in packages]


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_warm_link_against_cp(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = make_records(tmp_path / "channel")
    (tmp_path / "records.json").write_bytes(msgspec.json.encode(records))
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(ROOT), str(tmp_path)],
        env={"PATH": "/usr/bin:/bin", "ROUNDS": str(ROUNDS), "HOME": str(tmp_path)},
        capture_output=True, check=True, timeout=800,
    )  # fmt: skip
    times = json.loads(done.stdout)
    yardstick = times["cp -al"]
    with capsys.disabled():
        print(f"\n{len(records)} packages, {times['files'][0]} files; {ROUNDS} rounds in turns")
        print(f"cp -al: median {median(yardstick):.3f} s, best {min(yardstick):.3f} s")
        for name, taken in times.items():
            if name in {"files", "cp -al", "cold fetch"}:
                continue
            pairs = [one / other for one, other in zip(taken, yardstick, strict=True)]
            print(
                f"{name}: {median(pairs):.2f} x cp -al (median of pairs),"
                f" {min(taken) / min(yardstick):.2f} x best to best"
            )
        print(f"cold fetch: {times['cold fetch'][0] / median(yardstick):.1f} x cp -al")
