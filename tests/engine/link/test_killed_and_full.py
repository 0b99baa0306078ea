"""Killed in the middle, disk full, no right to write: plain causes, and the next build heals."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.channels import index_channel, make_package, make_python
from tests.engine.link.conftest import read_records
from tests.engine.link.order import Order, finish, run, start

MakeOrder = Callable[..., Order]


@pytest.fixture
def big_channel(tmp_path: Path) -> Path:
    folder = tmp_path / "channel"
    make_python(folder)
    for number in range(6):
        files = {
            f"share/big{number}/{index}.bin": os.urandom(3000) + str(index).encode()
            for index in range(150)
        }
        make_package(folder, f"big{number}", files=files)
    index_channel(folder)
    return folder


def wait_for(condition: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while not condition() and child.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)


MOMENTS = [
    pytest.param("download", marks=pytest.mark.slow),
    "second package",
    "first link",
    pytest.param("third record", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_and_healed(moment: str, big_channel: Path, make_order: MakeOrder) -> None:
    records = read_records(big_channel)
    order = make_order(records)
    pkgs = Path(order.settings.pkgs_dir)
    reached = {
        "download": lambda: any((pkgs / ".envbench/work").glob("*/*.conda")),
        "second package": lambda: len(list(pkgs.glob("*.lock"))) >= 2,
        "first link": lambda: (order.prefix / "share").exists(),
        "third record": lambda: len(list(order.prefix.glob("conda-meta/*.json"))) >= 3,
    }[moment]
    child = start(order)
    wait_for(reached, child)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    again = make_order(records, "a-2")
    outcome = run(again)
    assert not outcome.error, outcome.message
    assert outcome.linked is not None and outcome.linked.packages == 7
    assert not list((pkgs / ".envbench/work").iterdir())
    # Into the half-built prefix as well.
    outcome = run(order)
    assert not outcome.error, outcome.message
    for record in records:
        meta = order.prefix / f"conda-meta/{record.dist_name}.json"
        for path in msgspec.json.decode(meta.read_bytes())["files"]:
            assert (order.prefix / path).lstat()


def test_many_at_once_some_killed(big_channel: Path, make_order: MakeOrder) -> None:
    records = read_records(big_channel)
    orders = [make_order(records, f"a-{number}") for number in range(1, 5)]
    children = [start(order) for order in orders]
    pkgs = Path(orders[0].settings.pkgs_dir)
    wait_for(lambda: len(list(pkgs.glob("*.lock"))) >= 2, children[0])
    for child in children[:2]:
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
    for child, order in zip(children[2:], orders[2:], strict=True):
        outcome = finish(child)
        assert not outcome.error, outcome.message
        assert len(list(order.prefix.glob("conda-meta/*.json"))) == 7


def _can_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    script = "mount -t tmpfs -o size=1m tmpfs /mnt"
    return (
        subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True).returncode == 0
    )


needs_mount = pytest.mark.skipif(not _can_mount(), reason="no user namespace to mount a tmpfs in")


def in_tmpfs(place: Path, options: str, after: str = "") -> tuple[str, ...]:
    """Prefix of a command that sees a small file system at `place`."""
    place.mkdir(parents=True, exist_ok=True)
    script = f'mount -t tmpfs -o {options} tmpfs "$0" && {after or ":"} && exec "$@"'
    return ("unshare", "-rm", "sh", "-c", script, str(place))


@needs_mount
def test_cache_on_a_full_disk(big_channel: Path, make_order: MakeOrder) -> None:
    order = make_order(read_records(big_channel))
    wrapper = in_tmpfs(Path(order.settings.pkgs_dir), "size=2m")
    outcome = run(order, wrapper=wrapper)
    assert outcome.error == "EngineError"
    assert "the disk is full" in outcome.why
    assert outcome.hint
    assert not order.prefix.exists()


@needs_mount
def test_prefix_on_a_full_disk(big_channel: Path, make_order: MakeOrder) -> None:
    order = make_order(read_records(big_channel))
    outcome = run(order, wrapper=in_tmpfs(order.prefix.parent, "size=1m"))
    assert outcome.error == "LinkError"
    assert "the disk is full" in outcome.why
    # The cache is whole all the same.
    assert not run(make_order(order.packages, "a-2")).error


@needs_mount
def test_cache_on_a_read_only_file_system(big_channel: Path, make_order: MakeOrder) -> None:
    order = make_order(read_records(big_channel))
    outcome = run(order, wrapper=in_tmpfs(Path(order.settings.pkgs_dir).parent, "ro"))
    assert outcome.error == "EngineError"
    assert "read-only" in outcome.why


@needs_mount
def test_prefix_on_a_read_only_file_system(big_channel: Path, make_order: MakeOrder) -> None:
    order = make_order(read_records(big_channel))
    outcome = run(order, wrapper=in_tmpfs(order.prefix.parent, "ro"))
    assert outcome.error == "LinkError"
    assert "read-only" in outcome.why


@needs_mount
def test_other_file_system_is_copied_to_and_hashed(channel: Path, make_order: MakeOrder) -> None:
    order = make_order(read_records(channel))
    outcome = run(order, wrapper=in_tmpfs(order.prefix.parent, "size=50m"))
    assert not outcome.error, outcome.message
    assert outcome.linked is not None and outcome.linked.files > 10


def test_file_in_the_place_of_the_prefix(channel: Path, make_order: MakeOrder) -> None:
    order = make_order(read_records(channel))
    order.prefix.write_text("in the way")
    outcome = run(order)
    assert outcome.error == "LinkError"
    assert order.prefix.read_text() == "in the way"


def test_cache_that_is_a_file(channel: Path, make_order: MakeOrder) -> None:
    order = make_order(read_records(channel), steps=("fetch",))
    Path(order.settings.pkgs_dir).parent.mkdir(parents=True)
    Path(order.settings.pkgs_dir).write_text("in the way")
    outcome = run(order)
    assert outcome.error == "EngineError"
    assert outcome.where == order.settings.pkgs_dir
