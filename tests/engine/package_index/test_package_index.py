"""Names, versions and builds from local folders, plain and sharded caches, and broken files."""

import json
import os
import time
from pathlib import Path

import pytest

from envbench.engine.package_index.index import load_channels
from envbench.engine.package_index.store import IndexStore
from envbench.engine.solver.client import SolverProcess
from envbench.model.channel import ChannelGroup
from tests.channels import make_package
from tests.engine.package_index.conftest import Served, write_shards
from tests.engine.solver.asking import make_request, write_channel

PLATFORM = "linux-64"


def group(name: str, url: str) -> ChannelGroup:
    return ChannelGroup(name, (url,))


def names(store: IndexStore, *groups: ChannelGroup) -> list[str]:
    return list(load_channels(store, groups, PLATFORM).names.names)


def test_a_local_channel_and_the_order_of_builds(tmp_path: Path, store: IndexStore) -> None:
    python = ["python >=3.9,<3.10.0a0"]
    url = write_channel(
        tmp_path / "c",
        [
            ("a", "1.9", [], {"license": "MIT", "timestamp": 1_700_000_000_000}),
            ("a", "1.10", python, {"build": "py39_0"}),
            ("a", "1.10", ["python >=3.8"], {"build": "py_1", "build_number": 1}),
            ("a", "2.0", [], {"build": "mkl_0", "track_features": "mkl"}),
            ("b", "1"),
        ],
    )
    index = load_channels(store, [group("c", url)], PLATFORM)
    builds = index.builds("a")
    assert [(b.version, b.build) for b in builds] == [
        ("1.10", "py_1"),
        ("1.10", "py39_0"),
        ("1.9", "0"),
        ("2.0", "mkl_0"),
    ]
    assert [b.python for b in builds] == [">=3.8", "3.9", "", ""]
    assert builds[2].license == "MIT"
    assert builds[2].timestamp_ms == 1_700_000_000_000
    assert builds[2].channel == "c"
    assert index.newest("a") == "1.10"
    assert index.builds("nothing") == ()
    assert not index.pending


def test_channels_in_order_and_an_address_counts_once(tmp_path: Path, store: IndexStore) -> None:
    one = write_channel(tmp_path / "one", [("a", "1"), ("b", "1")])
    two = write_channel(tmp_path / "two", [("a", "2"), ("c", "1")])
    both = ChannelGroup("both", (one, two))
    index = load_channels(store, [group("two", two), both], PLATFORM)
    assert [(b.version, b.channel) for b in index.builds("a")] == [("2", "two"), ("1", "both")]
    assert [state.group.name for state in index.channels_with("a")] == ["two", "both"]
    assert list(index.only(index.channels[1]).names.names) == ["a", "b"]


def test_a_changed_file_is_read_again(tmp_path: Path, store: IndexStore) -> None:
    url = write_channel(tmp_path / "c", [("a", "1")])
    assert names(store, group("c", url)) == ["a"]
    assert load_channels(store, [group("c", url)], PLATFORM).newest("a") == "1"
    write_channel(tmp_path / "c", [("a", "1"), ("a", "2.0"), ("b", "1")])
    index = load_channels(store, [group("c", url)], PLATFORM)
    assert list(index.names.names) == ["a", "b"]
    assert index.newest("a") == "2.0"
    assert [build.version for build in index.builds("a")] == ["2.0", "1"]


def test_a_local_index_may_be_cut_off_while_it_is_open(tmp_path: Path, store: IndexStore) -> None:
    url = write_channel(tmp_path / "c", [("a", "1")])
    index = load_channels(store, [group("c", url)], PLATFORM)
    os.truncate(tmp_path / "c" / "noarch" / "repodata.json", 0)
    assert [build.version for build in index.builds("a")] == ["1"]
    [state] = load_channels(store, [group("c", url)], PLATFORM).channels
    assert "cannot be read" in state.fault


def test_nothing_at_hand(tmp_path: Path, store: IndexStore) -> None:
    absent = group("absent", "https://conda.anaconda.org/absent")
    index = load_channels(store, [absent, group("f", f"file://{tmp_path}/none")], PLATFORM)
    assert [state.is_missing for state in index.channels] == [True, True]
    assert len(index.names) == 0
    assert not (tmp_path / "repodata").exists()


def test_reading_stops_when_the_time_is_over_and_goes_on(tmp_path: Path, store: IndexStore) -> None:
    groups = [group(n, write_channel(tmp_path / n, [(n, "1")])) for n in ("a", "b")]
    seen = []
    for _ in range(4):
        index = load_channels(store, groups, PLATFORM, budget_s=0)
        seen.append((index.pending, len(index.names)))
    assert seen == [(True, 0), (True, 1), (True, 1), (False, 2)]


def test_the_cache_of_a_solve_is_read(
    solver: SolverProcess,
    served: Served,
    tmp_path: Path,
    store: IndexStore,
) -> None:
    write_channel(served.folder / "chan", [("a", "1.0"), ("b", "2.0", ["a"])])
    chan = group("chan", f"{served.url}/chan")
    assert names(store, chan) == []
    solver.solve(make_request(["b"], {"chan": chan.urls[0]}))
    served.stop()
    index = load_channels(store, [chan], PLATFORM)
    assert list(index.names.names) == ["a", "b"]
    assert index.newest("b") == "2.0"
    age_s = index.channels[0].age_s
    assert age_s is not None
    assert 0 <= age_s < 120


def test_the_cache_changes_under_it(
    solver: SolverProcess,
    served: Served,
    tmp_path: Path,
    store: IndexStore,
) -> None:
    channel = served.folder / "chan"
    write_channel(channel, [("a", "1.0")])
    chan = group("chan", f"{served.url}/chan")
    for packages, newest in (([("a", "1.0")], "1.0"), ([("a", "1.0"), ("a", "3.0")], "3.0")):
        write_channel(channel, packages)
        later = time.time() + len(packages) * 10
        os.utime(channel / "noarch" / "repodata.json", (later, later))
        solver.find("a", (chan,), PLATFORM)
        assert load_channels(store, [chan], PLATFORM).newest("a") == newest
        solver.close()  # the next one asks the server again


def test_a_sharded_cache_knows_all_names_and_the_versions_of_some(
    solver: SolverProcess,
    served: Served,
    tmp_path: Path,
    store: IndexStore,
) -> None:
    channel = served.folder / "chan"
    for name in ("zlib", "foo"):
        make_package(channel, name, "1.0")
    make_package(channel, "app", "2.0", "py311_0", depends=["zlib"], timestamp_ms=1_700_000_000_000)
    write_shards(channel)
    chan = group("chan", f"{served.url}/chan")
    solver.solve(make_request(["app"], {"chan": chan.urls[0]}))
    served.stop()
    assert list((tmp_path / "repodata").glob("*.shards-cache-v1"))
    index = load_channels(store, [chan], PLATFORM)
    assert list(index.names.names) == ["app", "foo", "zlib"]
    [build] = index.builds("app")
    assert (build.version, build.build, build.subdir) == ("2.0", "py311_0", PLATFORM)
    assert (build.depends, build.timestamp_ms) == (("zlib",), 1_700_000_000_000)
    assert index.newest("app") == "2.0"
    assert index.faults == []
    assert index.builds("foo") == ()
    assert index.newest("foo") == ""
    assert index.faults == ["the versions of foo in chan are not cached: solve with it once (s)"]


def test_a_refused_sharded_index_is_no_index(
    solver: SolverProcess,
    served: Served,
    tmp_path: Path,
    store: IndexStore,
) -> None:
    write_channel(served.folder / "chan", [("a", "1.0")])
    chan = group("chan", f"{served.url}/chan")
    solver.find("a", (chan,), PLATFORM)
    for path in (tmp_path / "repodata").glob("*.json"):
        path.unlink()
    assert load_channels(store, [chan], PLATFORM).channels[0].is_missing


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"packages": {"a-1-0.conda": 1}}', b"\x00" * 100]
)
def test_a_broken_index_is_a_fault(tmp_path: Path, store: IndexStore, content: bytes) -> None:
    good = write_channel(tmp_path / "good", [("b", "1")])
    url = write_channel(tmp_path / "c", [("a", "1")])
    (tmp_path / "c" / "noarch" / "repodata.json").write_bytes(content)
    index = load_channels(store, [group("c", url), group("good", good)], PLATFORM)
    assert index.channels[0].fault or index.builds("a") == ()
    assert "b" in index.names


def test_too_large_an_index_is_a_fault(tmp_path: Path) -> None:
    url = write_channel(tmp_path / "c", [("a", "1")])
    small = IndexStore(tmp_path / "repodata", max_bytes=10)
    assert "larger" in load_channels(small, [group("c", url)], PLATFORM).channels[0].fault


@pytest.mark.parametrize("content", [b"", b"SHARD-CACHE-V1", b"SHARD-CACHE-V2\0\0\0\0{}"])
def test_foreign_files_in_the_cache_are_passed_over(
    tmp_path: Path, store: IndexStore, content: bytes
) -> None:
    cache = tmp_path / "repodata"
    cache.mkdir()
    (cache / "0a.shards-cache-v1").write_bytes(content)
    (cache / "0b.info.json").write_bytes(content)
    (cache / "0c.info.json").write_text(json.dumps({"url": 3}))
    (cache / "0d.info.json").write_text("[" * 100_000)
    assert load_channels(store, [group("c", "https://h/c")], PLATFORM).channels[0].is_missing


def test_hostile_records_are_left_out_or_cleaned(tmp_path: Path, store: IndexStore) -> None:
    url = write_channel(
        tmp_path / "c",
        [
            (
                "ok",
                "1",
                ["dep\x1b[2J"],
                {"license": "\x1b[2JMIT\u202e", "build": "b\x1b]52;c;x\x07"},
            ),
            ("bidi\u202ename", "1"),
            ("[bold]", "1"),
            ("sp ace", "1"),
            ("broken", "1\x1b[2J"),
        ],
    )
    index = load_channels(store, [group("c", url)], PLATFORM)
    assert set(index.names.names) <= {"ok", "broken"}
    for build in index.builds("ok"):
        shown = f"{build.version}{build.build}{build.license}{build.depends}"
        assert shown.isascii() or "\ufffd" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert index.builds("broken") == ()
