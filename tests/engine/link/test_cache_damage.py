"""A package cache that was damaged heals itself, or says why it cannot."""

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from envbench.engine.backends.rattler.stamps import find_boot_id, read_stamp, write_stamp
from tests.engine.link.conftest import read_records
from tests.engine.link.order import Order, fetch_here, run

MakeOrder = Callable[..., Order]

FILES = {
    "plain": "tool-1.0-0*/share/tool/data.txt",
    "with prefix": "tool-1.0-0*/bin/tool",
    "list of files": "tool-1.0-0*/info/paths.json",
    "noarch": "app-1.0-0*/site-packages/app/data.json",
}


def delete(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def edit(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(bytes([raw[0] ^ 1]) + raw[1:])


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"something else")
    other.replace(path)


def remove_package(path: Path) -> None:
    while path.parent.name != "pkgs":
        path = path.parent
    shutil.rmtree(path)


CASES = [
    *(("plain", damage) for damage in (delete, truncate, edit, replace, remove_package)),
    *((file, damage) for file in list(FILES)[1:] for damage in (delete, edit)),
]


@pytest.mark.parametrize(("file", "damage"), CASES)
def test_damage_heals(
    file: str, damage: Callable[[Path], None], channel: Path, make_order: MakeOrder
) -> None:
    records = read_records(channel)
    first = fetch_here(make_order(records))
    assert not first.error, first.message
    (path,) = Path(make_order(records).settings.pkgs_dir).glob(FILES[file])
    name = path.relative_to(make_order(records).settings.pkgs_dir).parts[0][:5].split("-")[0]
    damage(path)
    order = make_order(records, "a-2")
    outcome = run(order)
    assert not outcome.error, outcome.message
    assert outcome.linked is not None and outcome.fetched is not None
    healed = (*outcome.fetched.fetched, *outcome.linked.mended)
    assert [one.split("-")[0] for one in healed] == [name]
    assert (order.prefix / "share/tool/data.txt").read_text() == "data\n" * 400
    assert (
        order.prefix / "bin/tool"
    ).read_text() == f"#!{order.target_prefix}/bin/python\nprint('tool')\n"
    assert (order.prefix / "lib/python3.11/site-packages/app/data.json").read_text() == "{}"


def test_edit_of_a_file_in_an_environment_does_not_reach_the_next_one(
    channel: Path, make_order: MakeOrder
) -> None:
    records = read_records(channel)
    first = make_order(records, "a-1")
    assert not run(first).error
    # The file is a hard link: the cache changes with it.
    edit(first.prefix / "share/tool/data.txt")
    second = make_order(records, "a-2")
    outcome = run(second)
    assert not outcome.error, outcome.message
    assert outcome.linked is not None and outcome.linked.mended == ("tool-1.0-0",)
    assert (second.prefix / "share/tool/data.txt").read_text() == "data\n" * 400


def test_touched_file_is_hashed_again_and_kept(channel: Path, make_order: MakeOrder) -> None:
    records = read_records(channel)
    assert not fetch_here(make_order(records)).error
    (path,) = Path(make_order(records).settings.pkgs_dir).glob(FILES["list of files"])
    os.utime(path)
    outcome = run(make_order(records))
    assert not outcome.error, outcome.message
    assert outcome.fetched is not None and outcome.fetched.fetched == ()


def test_package_of_an_earlier_boot_is_hashed_once(channel: Path, make_order: MakeOrder) -> None:
    records = read_records(channel)
    order = make_order(records)
    assert not fetch_here(make_order(records)).error
    stamps = Path(order.settings.pkgs_dir) / ".envbench/stamps"
    (path,) = stamps.glob("tool-*")
    stamp = read_stamp(path)
    assert stamp is not None and stamp.boots == (find_boot_id(),)
    write_stamp(
        path,
        type(stamp)(
            **{name: getattr(stamp, name) for name in stamp.__struct_fields__ if name != "boots"},
            boots=("before",),
        ),
    )
    # What a crash loses shows in no number: same size, same time.
    (data,) = Path(order.settings.pkgs_dir).glob(FILES["plain"])
    seen = data.stat()
    edit(data)
    os.utime(data, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    outcome = run(order)
    assert not outcome.error, outcome.message
    assert outcome.fetched is not None and outcome.fetched.fetched == ("tool-1.0-0",)
    renewed = read_stamp(path)
    assert renewed is not None and renewed.boots[-1] == find_boot_id()


@pytest.mark.parametrize("content", [b"", b"\0" * 500, b"\x93\x01\x02", None])
def test_broken_stamp_means_fetching_again(
    content: bytes | None, channel: Path, make_order: MakeOrder
) -> None:
    records = read_records(channel)
    order = make_order(records)
    assert not fetch_here(make_order(records)).error
    (path,) = (Path(order.settings.pkgs_dir) / ".envbench/stamps").glob("tool-*")
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    outcome = run(order)
    assert not outcome.error, outcome.message
    assert outcome.fetched is not None and outcome.fetched.fetched == ("tool-1.0-0",)


def test_damage_that_cannot_be_mended_is_named(channel: Path, make_order: MakeOrder) -> None:
    records = read_records(channel)
    assert not fetch_here(make_order(records)).error
    (path,) = Path(make_order(records).settings.pkgs_dir).glob(FILES["plain"])
    edit(path)
    shutil.rmtree(channel)
    outcome = run(make_order(records))
    assert outcome.error == "PackageFaultError"
    assert outcome.package == "tool-1.0-0"
    assert outcome.fault == "not_found"


def test_file_damaged_between_fetch_and_link(channel: Path, make_order: MakeOrder) -> None:
    records = read_records(channel)
    pkgs = make_order(records).settings.pkgs_dir
    code = (
        "python:import pathlib; [p.unlink() for p in"
        f" pathlib.Path({pkgs!r}).glob('tool-1.0-0*/share/tool/data.txt')]"
    )
    order = make_order(records, steps=("fetch", code, "link"))
    outcome = run(order)
    assert not outcome.error, outcome.message
    assert outcome.linked is not None and outcome.linked.mended == ("tool-1.0-0",)
    assert (order.prefix / "share/tool/data.txt").read_text() == "data\n" * 400


def test_litter_of_the_dead_is_swept(channel: Path, make_order: MakeOrder) -> None:
    records = read_records(channel)
    pkgs = Path(make_order(records).settings.pkgs_dir)
    work = pkgs / ".envbench" / "work" / "99999-dead"
    work.mkdir(parents=True)
    (work / "0.conda").write_bytes(b"half")
    work.with_name("99999-dead.lock").touch()
    (pkgs / ".tool-1.0-0-abcd").mkdir()
    (pkgs / ".tool-1.0-0-abcd/half").touch()
    an_hour_ago = time.time() - 4000
    os.utime(pkgs / ".tool-1.0-0-abcd", (an_hour_ago, an_hour_ago))
    (pkgs / ".fresh-1.0-0-abcd").mkdir()
    assert not run(make_order(records)).error
    assert not list((pkgs / ".envbench/work").iterdir())
    assert not (pkgs / ".tool-1.0-0-abcd").exists()
    assert (pkgs / ".fresh-1.0-0-abcd").exists()


def test_record_of_a_changed_archive_is_fetched_anew(channel: Path, make_order: MakeOrder) -> None:
    from tests.channels import index_channel, make_package

    records = read_records(channel)
    assert not run(make_order(records)).error
    make_package(channel, "tool", files={"share/tool/data.txt": "rebuilt\n"})
    index_channel(channel)
    order = make_order(read_records(channel), "a-2")
    outcome = run(order)
    assert not outcome.error, outcome.message
    assert (order.prefix / "share/tool/data.txt").read_text() == "rebuilt\n"
    assert json.loads((order.prefix / "conda-meta/tool-1.0-0.json").read_text())["files"] == [
        "share/tool/data.txt"
    ]
