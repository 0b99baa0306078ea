"""What a plan changes, by example and by law."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from envbench.model.package_changes import classify_change, compare_packages, measure
from envbench.model.plan import ChangeKind, PackageRecord

BASE = PackageRecord(
    name="a",
    version="1.0",
    build="0",
    build_number=0,
    subdir="noarch",
    file_name="a-1.0-0.conda",
    url="https://h/c/noarch/a-1.0-0.conda",
    channel="c",
    channel_url="https://h/c",
    sha256="0" * 64,
    size_bytes=10,
)


def test_each_kind_of_change():
    assert classify_change(None, BASE) is ChangeKind.ADD
    assert classify_change(BASE, None) is ChangeKind.REMOVE
    assert classify_change(BASE, BASE) is None
    assert classify_change(None, None) is None
    for version, kind in (("1.0.1", "upgrade"), ("1.0rc1", "downgrade"), ("1.0.0", "rebuild")):
        assert classify_change(BASE, replace(BASE, version=version)) == kind
    assert classify_change(BASE, replace(BASE, build="1")) is ChangeKind.REBUILD
    assert classify_change(BASE, replace(BASE, sha256="1" * 64)) is ChangeKind.REBUILD
    other = replace(BASE, channel="d", channel_url="https://h/d")
    assert classify_change(BASE, other) is ChangeKind.RECHANNEL
    renamed = replace(BASE, channel="the same under another name")
    assert classify_change(BASE, renamed) is None


def test_an_md5_alone_tells_a_rebuild():
    old, new = replace(BASE, sha256=None, md5="0" * 32), replace(BASE, md5="1" * 32)
    assert classify_change(old, new) is ChangeKind.REBUILD


def test_sizes_are_unknown_when_one_is():
    changes = compare_packages([], [BASE, replace(BASE, name="b")])
    assert measure(changes).download_bytes == 20
    changes = compare_packages([BASE], [replace(BASE, name="b", size_bytes=None)])
    assert measure(changes).download_bytes is None
    assert measure(changes).removed_bytes == 10


packages = st.builds(
    lambda name, version, build: replace(BASE, name=name, version=version, build=build),
    st.sampled_from("abcdef"),
    st.sampled_from(["1.0", "1.1", "2.0a", "2.0"]),
    st.sampled_from(["0", "1"]),
)
environments = st.lists(packages, unique_by=lambda p: p.name)


@given(environments, environments)
def test_applying_the_difference_gives_the_plan(old, new):
    state = {package.name: package for package in old}
    for change in compare_packages(old, new):
        assert change.old == state.pop(change.name, None)
        if change.new is not None:
            state[change.name] = change.new
    assert state == {package.name: package for package in new}


@given(environments, environments)
def test_the_way_back_mirrors_the_way_there(old, new):
    mirror = {"add": "remove", "remove": "add", "upgrade": "downgrade", "downgrade": "upgrade"}
    there = {change.name: change.kind for change in compare_packages(old, new)}
    back = {change.name: change.kind for change in compare_packages(new, old)}
    assert back == {name: mirror.get(kind, kind) for name, kind in there.items()}
