"""Packages that mean harm: refused by name before a link is made, nothing touched outside."""

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.channels import HOSTILE, Link, index_channel, lie_in_index, make_package, make_python
from tests.engine.link.conftest import read_records
from tests.engine.link.order import Order, fetch_here, run
from tests.engine.link.packages import Member, Package, make_archive

MakeOrder = Callable[..., Order]
Listing = Callable[[], set[str]]

PLANTED = Path("/tmp/envbench-hostile")

ROW_19 = [
    "dotdot-path", "dotdot-inside", "absolute-path", "nul-path", "dotdot-member",
    "absolute-member", "absolute-symlink", "dotdot-symlink", "through-symlink", "setuid", "setgid",
    "entry-point-slash", "entry-point-code",
]  # fmt: skip


def assert_refused(order: Order, name: str, list_outside: Listing) -> None:
    before = list_outside()
    outcome = fetch_here(order) if order.steps == ("fetch",) else run(order)
    assert outcome.error == "RefusedPackageError", (outcome.error, outcome.message)
    assert name in outcome.what
    assert outcome.package.startswith(name)
    assert list_outside() == before
    assert not PLANTED.exists()
    assert not order.prefix.exists() or not any(order.prefix.iterdir())
    # Nor may it wait in the cache for a build that looks less closely.
    pkgs = Path(order.settings.pkgs_dir)
    assert not list(pkgs.glob(f"{name}-*"))
    assert not list((pkgs / ".envbench/work").rglob("*"))


@pytest.mark.parametrize("kind", ROW_19)
def test_hostile_row_19_package_that_leaves_its_prefix(
    kind: str, tmp_path: Path, make_order: MakeOrder, list_outside: Listing
) -> None:
    folder = tmp_path / "channel"
    make_python(folder)
    HOSTILE[kind](folder)
    index_channel(folder)
    assert_refused(make_order(read_records(folder)), f"hostile-{kind}", list_outside)


MEMBERS = {
    "hard link out": [Member("share/a", kind=tarfile.LNKTYPE, link="../../etc/passwd")],
    "absolute hard link": [Member("share/a", kind=tarfile.LNKTYPE, link="/etc/passwd")],
    "device": [Member("dev/null", kind=tarfile.CHRTYPE)],
    "pipe": [Member("share/pipe", kind=tarfile.FIFOTYPE)],
    "nul in a name": [Member("share/a\0b", b"x")],
    "link then file": [
        Member("share/out", kind=tarfile.SYMTYPE, link="inner"),
        Member("share/out", b"x"),
    ],
    "file below a link": [
        Member("share/in/f", b"x"),
        Member("share/out", kind=tarfile.SYMTYPE, link="in"),
        Member("share/out/planted", b"x"),
    ],
    "file as folder": [Member("share/a", b"x"), Member("share/a/b", b"x")],
    "record of another package": [Member("conda-meta/zlib-1-0.json", b"{}")],
    "history": [Member("conda-meta/history", b"")],
    "mark of envbench": [Member(".envbench-generation.json", b"{}")],
}


@pytest.mark.parametrize("suffix", [".conda", ".tar.bz2"])
@pytest.mark.parametrize("kind", MEMBERS)
def test_hostile_row_19_archive_member(
    kind: str, suffix: str, tmp_path: Path, make_order: MakeOrder, list_outside: Listing
) -> None:
    package = Package("evil", MEMBERS[kind])
    record = make_archive(package, tmp_path / "channel", suffix)
    assert_refused(make_order([record], steps=("fetch",)), "evil", list_outside)


def test_hostile_row_19_links_of_two_packages_that_leave_together(
    tmp_path: Path, make_order: MakeOrder
) -> None:
    folder = tmp_path / "channel"
    make_package(folder, "alpha", files={"a/b/up": Link("../.."), "a/b/f": "x"})
    make_package(folder, "beta", files={"a/b/out": Link("up/../escaped")})
    index_channel(folder)
    order = make_order(read_records(folder))
    outcome = run(order)
    assert outcome.error == "RefusedPackageError"
    assert outcome.package == "beta-1.0-0"
    assert not order.prefix.exists()


def test_hostile_row_19_archive_of_another_package(tmp_path: Path, make_order: MakeOrder) -> None:
    folder = tmp_path / "channel"
    record = make_archive(Package("honest", [Member("share/a", b"x")]), folder)
    other = make_archive(Package("other", [Member("share/b", b"x")]), folder)
    (folder / "linux-64" / other.file_name).rename(folder / "linux-64" / record.file_name)
    fake = type(record)(**{
        **{name: getattr(record, name) for name in record.__dataclass_fields__},
        "sha256": other.sha256, "md5": other.md5, "size_bytes": other.size_bytes,
    })  # fmt: skip
    outcome = fetch_here(make_order([fake]))
    assert outcome.error == "RefusedPackageError"
    assert "honest" in outcome.what


@pytest.mark.parametrize("kind", ["post-link", "pre-unlink"])
def test_hostile_row_20_link_scripts_are_listed_and_not_run(
    kind: str, tmp_path: Path, make_order: MakeOrder, list_outside: Listing
) -> None:
    folder = tmp_path / "channel"
    HOSTILE[kind](folder)
    index_channel(folder)
    order = make_order(read_records(folder))
    before = list_outside()
    outcome = run(order)
    assert not outcome.error, outcome.message
    assert outcome.fetched is not None
    assert outcome.fetched.link_scripts == (f"hostile-{kind}-1.0-0",)
    assert not list(tmp_path.rglob("post-link-ran"))
    assert list_outside() == before


def test_hostile_row_21_wrong_digest_in_a_file_channel(
    tmp_path: Path, make_order: MakeOrder, list_outside: Listing
) -> None:
    folder = tmp_path / "channel"
    HOSTILE["wrong-sha256"](folder)
    index_channel(folder)
    order = make_order(read_records(folder))
    before = list_outside()
    outcome = run(order)
    assert outcome.error == "DamagedPackageError"
    assert outcome.package == "hostile-wrong-sha256-1.0-0"
    assert "sha256" in outcome.why and "0" * 64 in outcome.why
    assert not order.prefix.exists()
    assert list_outside() == before


def test_hostile_row_21_md5_counts_when_there_is_no_sha256(
    tmp_path: Path, make_order: MakeOrder
) -> None:
    folder = tmp_path / "channel"
    archive = make_package(folder, "old", files={"share/a": "a"})
    lie_in_index(folder, archive, sha256=None, md5="0" * 32)
    index_channel(folder)
    outcome = fetch_here(make_order(read_records(folder)))
    assert outcome.error == "DamagedPackageError"
    assert "md5" in outcome.why


def test_hostile_row_21_no_digest_at_all_is_told(tmp_path: Path, make_order: MakeOrder) -> None:
    folder = tmp_path / "channel"
    archive = make_package(folder, "bare", files={"share/a": "a"})
    lie_in_index(folder, archive, sha256=None, md5=None)
    index_channel(folder)
    outcome = run(make_order(read_records(folder)))
    assert not outcome.error, outcome.message
    assert outcome.fetched is not None
    assert "bare-1.0-0" in outcome.fetched.warnings[0]
    assert any(event["k"] == "message" for event in outcome.events)


def test_hostile_row_22_truncated_archive(
    tmp_path: Path, make_order: MakeOrder, list_outside: Listing
) -> None:
    folder = tmp_path / "channel"
    HOSTILE["truncated"](folder)
    index_channel(folder)
    order = make_order(read_records(folder))
    before = list_outside()
    outcome = run(order)
    assert outcome.error == "PackageFaultError"
    assert outcome.fault == "truncated"
    assert outcome.package == "hostile-truncated-1.0-0"
    assert list_outside() == before


def test_hostile_row_22_archive_that_unpacks_to_far_more_than_its_size_is_refused(
    tmp_path: Path, make_order: MakeOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from envbench.engine.backends.rattler import unpacking
    from envbench.engine.backends.rattler.errors import HostilePackageError

    monkeypatch.setattr(unpacking, "_GROWTH_FLOOR", 1 << 20)
    record = make_archive(Package("bomb", [Member("share/zeros", b"\0" * (64 << 20))]), tmp_path)
    tree = tmp_path / "tree"
    tree.mkdir()
    with pytest.raises(HostilePackageError, match="far more than its size"):
        unpacking.unpack_archive(tmp_path / "linux-64" / record.file_name, tree)
