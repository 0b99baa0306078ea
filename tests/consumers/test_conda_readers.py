"""Environment files and explicit files, judged by conda's own readers and match specs."""

import json
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from envbench.formats.lock_formats import export_lock
from envbench.model.lock import Lock
from envbench.model.plan import PackageRecord
from tests.consumers.samples import GPU_BOX

if find_spec("conda_lock") is None:
    # Not imported, which would take every worker of a test run half a second.
    pytest.skip("conda-lock is not installed", allow_module_level=True)
READER = Path(__file__).with_name("conda_reading.py")


def at(lock: Lock, base: str) -> Lock:
    """Put the packages of conda-forge where a mirror or a folder has them."""
    packages = tuple(
        replace(p, channel=base, channel_url=base, url=f"{base}/{p.subdir}/{p.file_name}")
        if p.channel == "conda-forge"
        else p
        for p in lock.packages
    )
    channels = tuple(base if name == "conda-forge" else name for name in lock.channels)
    return replace(lock, packages=packages, channels=channels)


PLACES = {
    "named": GPU_BOX,
    "mirror": at(GPU_BOX, "https://mirror.example.org:8443/conda/conda-forge"),
    "folder": at(GPU_BOX, "file:///srv/channels/lab"),
}
NAMES = (
    "environment-yml", "environment-yml-builds", "environment-lock", "environment-lock-builds",
    "explicit", "explicit-sha256",
)  # fmt: skip


def others_of(package: PackageRecord) -> tuple[PackageRecord, ...]:
    """Give packages that a fuzzy pin would take for it: version, version, build, channel."""
    elsewhere = "https://conda.anaconda.org/elsewhere"
    return (
        replace(package, version=f"{package.version}.1"),
        replace(package, version=f"{package.version}1"),
        replace(package, build=f"{package.build}1"),
        replace(package, channel_url=elsewhere, url=f"{elsewhere}/{package.subdir}/x.conda"),
    )


def as_repodata(package: PackageRecord) -> dict[str, Any]:
    return {
        "name": package.name, "version": package.version, "build": package.build,
        "build_number": package.build_number, "channel": package.channel_url,
        "subdir": package.subdir, "fn": package.file_name, "url": package.url,
    }  # fmt: skip


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Any]:
    """What conda says of every file, by format and place; one process reads them all."""
    root = tmp_path_factory.mktemp("conda")
    cases = [(name, place) for name in NAMES for place in PLACES]
    tasks = []
    for name, place in cases:
        lock = PLACES[place]
        export = export_lock(lock, name)
        path = root / name / place / export.file_name
        path.parent.mkdir(parents=True)
        path.write_text(export.text)
        records = [as_repodata(each) for p in lock.packages for each in (p, *others_of(p))]
        tasks.append({"path": str(path), "records": records})
    done = subprocess.run(
        [sys.executable, str(READER)],
        input=json.dumps(tasks), capture_output=True, text=True, check=False, cwd=root,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    # conda nags where a file has a pip part and does not name pip.
    assert "list pip itself" not in done.stdout
    answers = done.stdout.splitlines()[-1]
    return dict(zip(cases, json.loads(answers), strict=True))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("environment-yml", {"itself", "build"}),
        ("environment-yml-builds", {"itself"}),
        ("environment-lock-builds", {"itself", "channel"}),
    ],
)
def test_conda_takes_what_is_pinned_and_nothing_else(
    read: dict[tuple[str, str], Any], name: str, taken: set[str], place: str
):
    kinds = ("itself", "longer version", "other digits", "build", "channel")
    lock, found = PLACES[place], read[name, place]
    for index, package in enumerate(lock.packages):
        start = index * len(kinds)
        # conda cuts `channel::` down to a name: an address or a folder is not written there.
        expected = taken | ({"channel"} if "://" in package.channel else set())
        assert {kinds[at - start] for at in found["conda"][package.name]} == expected, package.name
    assert set(found["conda"]) == {package.name for package in lock.packages}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("environment")])
def test_conda_reads_the_rest_of_the_file(read: dict[tuple[str, str], Any], name: str, place: str):
    lock, found = PLACES[place], read[name, place]
    assert found["name"] == lock.name
    assert tuple(found["channels"]) == lock.channels
    assert found["variables"] == dict(lock.variables)
    lines = found["pip"]
    assert "torchaudio==2.3.1+cu118" in lines
    if name.startswith("environment-yml"):
        assert lines[0] == "--extra-index-url https://download.pytorch.org/whl/cu118"
        assert [line.partition(" @ ")[0] for line in lines if " @ " in line] == [
            "from-git", "from-url",
        ]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_conda_fetches_an_explicit_file_in_its_order_with_md5(
    read: dict[tuple[str, str], Any], place: str
):
    assert read["explicit", place] == [{"url": p.url, "md5": p.md5} for p in PLACES[place].packages]


def test_conda_of_24_7_reads_no_sha256_in_an_explicit_file(read: dict[tuple[str, str], Any]):
    assert read["explicit-sha256", "named"].startswith("Could not parse explicit URL")
