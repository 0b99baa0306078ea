"""Packages fetched and linked for real, in child processes as a worker does it."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from tests.channels import index_channel, make_package
from tests.engine.link.conftest import read_records
from tests.engine.link.order import Order, finish, run, start

MakeOrder = Callable[..., Order]


def test_links_every_sort_of_file(channel: Path, make_order: MakeOrder) -> None:
    order = make_order(read_records(channel), requested=["python =3.11", "tool"])
    outcome = run(order)
    assert not outcome.error, outcome.message
    prefix = order.prefix
    assert (prefix / "bin/tool").read_text().startswith(f"#!{order.target_prefix}/bin/python")
    assert (prefix / "lib/python3.11/site-packages/app/data.json").read_text() == "{}"
    assert (prefix / "lib/libtool.so").readlink() == Path("libtool.so.1")
    assert str(order.target_prefix) in (prefix / "bin/app").read_text()
    assert os.access(prefix / "bin/app-script", os.X_OK)
    assert outcome.linked is not None and outcome.linked.packages == 3
    assert outcome.linked.files == sum(
        len(json.loads(path.read_text())["files"]) for path in prefix.glob("conda-meta/*.json")
    )
    assert outcome.fetched is not None and len(outcome.fetched.fetched) == 3


def test_records_of_the_prefix_name_the_channel_and_the_specs(
    channel: Path, make_order: MakeOrder
) -> None:
    order = make_order(read_records(channel), requested=["python =3.11", "not a [spec"])
    assert not run(order).error
    record = json.loads((order.prefix / "conda-meta/python-3.11.7-0_cpython.json").read_text())
    assert record["url"].startswith(channel.as_uri())
    assert record["channel"].rstrip("/") == channel.as_uri()
    assert record["requested_specs"] == ["python =3.11"] or record["requested_specs"] == [
        "python 3.11.*"
    ]
    assert order.settings.pkgs_dir in record["extracted_package_dir"]


def test_files_are_hard_links_into_the_cache(channel: Path, make_order: MakeOrder) -> None:
    first, second = make_order(read_records(channel)), make_order(read_records(channel), "a-2")
    assert not run(first).error
    outcome = run(second)
    assert outcome.fetched is not None and outcome.fetched.fetched == ()
    data = "share/tool/data.txt"
    assert (first.prefix / data).stat().st_ino == (second.prefix / data).stat().st_ino


def test_progress_counts_bytes_and_packages_and_ends_with_all(
    channel: Path, make_order: MakeOrder
) -> None:
    records = read_records(channel)
    events = run(make_order(records)).events
    last = {(event["phase"], event.get("unit", "packages")): event for event in events}
    size = sum(record.size_bytes or 0 for record in records)
    fetched = last["fetch", "bytes"]
    assert (fetched["done"], fetched["total"]) == (size, size)
    assert last["fetch", "packages"]["done"] == 3
    assert last["link", "packages"]["done"] == 3


def test_two_archives_of_one_name_do_not_push_each_other_out(
    tmp_path: Path, make_order: MakeOrder
) -> None:
    records = []
    for number in (1, 2):
        folder = tmp_path / f"channel/{number}"
        make_package(folder, "twin", files={"share/twin.txt": f"number {number}"})
        index_channel(folder)
        records += read_records(folder)
    for turn, record in enumerate((*records, *records)):
        order = make_order([record], f"a-{turn}")
        outcome = run(order)
        assert not outcome.error, outcome.message
        number = record.channel.rsplit("/", 1)[1]
        assert (order.prefix / "share/twin.txt").read_text() == f"number {number}"
    assert outcome.fetched is not None and outcome.fetched.fetched == ()


def test_link_scripts_are_reported_and_not_run(tmp_path: Path, make_order: MakeOrder) -> None:
    folder = tmp_path / "channel"
    script = '#!/bin/sh\ntouch "$PREFIX/script-ran"\n'
    make_package(folder, "scripted", files={"share/a": "a"}, link_scripts={"post-link": script})
    index_channel(folder)
    order = make_order(read_records(folder))
    outcome = run(order)
    assert not outcome.error, outcome.message
    assert outcome.fetched is not None and outcome.fetched.link_scripts == ("scripted-1.0-0",)
    assert not (order.prefix / "script-ran").exists()


def test_link_scripts_run_when_asked_for(tmp_path: Path, make_order: MakeOrder) -> None:
    folder = tmp_path / "channel"
    script = '#!/bin/sh\ntouch "$PREFIX/script-ran"\n'
    make_package(folder, "scripted", files={"share/a": "a"}, link_scripts={"post-link": script})
    index_channel(folder)
    order = make_order(read_records(folder), run_link_scripts=True)
    assert not run(order).error
    assert list(order.prefix.parent.parent.rglob("script-ran")) != []


def test_two_packages_with_one_file_are_told_apart_or_refused(
    tmp_path: Path, make_order: MakeOrder
) -> None:
    folder = tmp_path / "channel"
    make_package(folder, "left", files={"share/same.txt": "left", "share/left.txt": "1"})
    make_package(folder, "right", files={"share/same.txt": "right", "share/right.txt": "1"})
    index_channel(folder)
    order = make_order(read_records(folder))
    outcome = run(order)
    assert not outcome.error, outcome.message
    assert (order.prefix / "share/same.txt").read_text() in {"left", "right"}


def test_two_builds_share_one_cold_cache(channel: Path, make_order: MakeOrder) -> None:
    records = read_records(channel)
    orders = [make_order(records, f"a-{number}") for number in (1, 2, 3)]
    outcomes = [finish(child) for child in [start(order) for order in orders]]
    for order, outcome in zip(orders, outcomes, strict=True):
        assert not outcome.error, outcome.message
        assert (order.prefix / "share/tool/data.txt").read_text() == "data\n" * 400
    # Nobody fetched what another one had fetched already.
    fetched = [name for outcome in outcomes for name in outcome.fetched.fetched]
    assert sorted(fetched) == sorted(record.dist_name for record in records)


def test_nothing_is_linked_from_what_was_not_fetched(channel: Path, make_order: MakeOrder) -> None:
    order = make_order(read_records(channel), steps=["link"])
    outcome = run(order)
    assert outcome.error == "DamagedPackageError"
    assert not (order.prefix / "share").exists()
