"""Prefixes linked by the real installer: read back, verified, locked."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.envs.distributions import map_owned
from envbench.envs.installed import read_environment
from envbench.envs.prefix_records import list_record_files, read_prefix_records, read_record
from envbench.envs.verification import verify_prefix

ROOT = Path(__file__).resolve().parents[2]

BUILD = """
import asyncio, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from rattler import Channel, Gateway, MatchSpec, install, solve
from tests.channels import PLACEHOLDER, Executable, Link, index_channel, make_package, make_python

channel, prefix, stable, cache = map(Path, sys.argv[2:6])
make_python(channel)
make_package(channel, "zlib", "1.3", files={
    "lib/libz.so.1.3": b"z" * 40, "lib/libz.so": Link("libz.so.1.3"), "share/dir/x": "x",
    "lib/pkgconfig/z.pc": f"prefix={PLACEHOLDER}\\n",
    "lib/embedded.bin": b"\\0" + PLACEHOLDER.encode() + b"\\0tail"})
info = "site-packages/app-2.0.dist-info"
make_package(channel, "conda-app", "2.0", depends=["zlib >=1", "python"], noarch="python", files={
    "site-packages/app.py": "def main(): print('app')\\n",
    f"{info}/METADATA": "Metadata-Version: 2.1\\nName: App\\nVersion: 2.0\\n",
    f"{info}/RECORD": "app.py,,\\n", f"{info}/INSTALLER": "conda\\n",
    "bin/tool": Executable(f"#!{PLACEHOLDER}/bin/python\\nprint(1)\\n")},
    entry_points=["app = app:main"])
index_channel(channel)

async def main():
    gateway = Gateway(cache_dir=cache / "repodata")
    specs = [MatchSpec("conda-app")]
    records = await solve([Channel(channel.as_uri())], specs, gateway=gateway,
                          platforms=["linux-64", "noarch"])
    await install(records, prefix, cache_dir=cache / "pkgs", show_progress=False,
                  alternative_target_prefix=stable,
                  requested_specs=[s._match_spec for s in specs])

asyncio.run(main())
sys.stdout.flush()
os._exit(0)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    pytest.importorskip("rattler")
    pytest.importorskip("zstandard")
    root = tmp_path_factory.mktemp("real")
    prefix = root / ".generations" / "a-1"
    subprocess.run(
        [
            sys.executable,
            "-c",
            BUILD,
            *map(str, (ROOT, root / "channel", prefix, root / "a", root / "cache")),
        ],
        check=True,
        timeout=120,
    )
    (root / "a").symlink_to(".generations/a-1")
    return root / "a"


def test_a_linked_prefix_verifies(built):
    report = verify_prefix(built, extra=True)
    assert report.is_fine, (report.missing, report.changed, report.damaged_records)
    assert report.checked_files >= 12
    assert report.extra == ("CACHEDIR.TAG",)


def test_damage_in_a_linked_prefix_is_found(built):
    for path in ("lib/pkgconfig/z.pc", "lib/embedded.bin", "bin/app", "bin/tool"):
        target = built / path
        before = target.read_bytes()
        target.unlink()
        target.write_bytes(before[:-1] + b"!")
        try:
            report = verify_prefix(built)
            assert [f.path for f in report.changed] == [path]
        finally:
            target.write_bytes(before)


def test_links_of_a_linked_prefix_are_compared(built):
    link = built / "lib" / "libz.so"
    for target in ("pkgconfig/z.pc", "../CACHEDIR.TAG", "/etc/passwd", "nowhere"):
        link.unlink()
        link.symlink_to(target)
        report = verify_prefix(built)
        assert [f.path for f in (*report.changed, *report.missing)] == ["lib/libz.so"]
    link.unlink()
    link.symlink_to("libz.so.1.3")
    assert verify_prefix(built).is_fine


def test_a_linked_prefix_reads_back_as_a_lock(built):
    lock = read_environment(built, channels=["mine"], channel_names={})
    assert lock.name == "a"
    assert [p.name for p in lock.packages] == ["python", "zlib", "conda-app"]
    assert lock.platform == "linux-64"
    channel = (built.parent / "channel").as_uri()
    assert {p.channel for p in lock.packages} == {channel}
    named = read_environment(built, channels=["mine"], channel_names={channel: "mine"})
    assert named.channels == ("mine",)
    assert {p.channel for p in named.packages} == {"mine"}
    for package in lock.packages:
        assert len(package.sha256 or "") == 64
    assert lock.packages[0].python_site_packages_path == "lib/python3.11/site-packages"


def test_records_read_here_are_those_that_the_engine_reads(built):
    from envbench.engine.rattler_values import from_record_json

    for path in list_record_files(built):
        theirs = from_record_json(json.loads(path.read_text()), lambda base: base)
        ours = read_record(path).record
        assert replace(ours, channel=ours.channel_url, extra={}) == replace(theirs, extra={})


def test_requested_specs_and_ownership_are_there(built):
    records = read_prefix_records(built)
    asked = {p.record.name: p.requested_specs for p in records.packages if p.requested_specs}
    assert asked == {"conda-app": ("conda-app",)}
    owned = map_owned(records)
    assert (owned["app"].conda_package, owned["app"].version) == ("conda-app", "2.0")
