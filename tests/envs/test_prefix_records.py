"""Records of a prefix: read, damaged, hostile."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.envs.prefix_records import read_prefix_records
from envbench.envs.record_paths import join_inside, stays_inside


def test_a_record_becomes_a_package(maker):
    maker.conda(
        "zlib",
        "1.3",
        "h1_0",
        files={"lib/libz.so.1": b"z"},
        links={"lib/libz.so": "libz.so.1"},
        depends=["libgcc >=12"],
        timestamp=1700000000,
        requested_specs=["zlib >=1"],
        noarch=None,
        license="Zlib",
    )
    records = read_prefix_records(maker.prefix)
    assert records.damaged == ()
    (package,) = records.packages
    assert package.record.dist_name == "zlib-1.3-h1_0"
    assert package.record.timestamp_ms == 1_700_000_000_000
    assert package.base_url == "https://conda.anaconda.org/conda-forge"
    assert package.requested_specs == ("zlib >=1",)
    assert [(p.path, p.kind, p.size_bytes) for p in package.paths] == [
        ("lib/libz.so.1", "hardlink", 1),
        ("lib/libz.so", "softlink", 1),
    ]


def test_hostile_row_14_secrets_do_not_come_out_of_a_record(maker):
    maker.conda("a", channel_url="https://me:hunter22@repo.example.com/t/tk-12345/private")
    (package,) = read_prefix_records(maker.prefix).packages
    assert package.base_url == "https://repo.example.com/private"
    for text in (repr(package),):
        assert "hunter22" not in text
        assert "tk-12345" not in text


def test_hostile_row_01_text_of_records_is_cleaned(maker):
    maker.conda("a", license="\x1b]52;c;AAAA\x07MIT\x9b2J")
    (package,) = read_prefix_records(maker.prefix).packages
    assert package.record.license == "MIT"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "no package record"),
        (b"[]", "no package record"),
        (b'{"name": "a"}', "no package record"),
        (b"\xff\xfe", "no package record"),
        (b"[" * 100_000, "no package record"),
        (json.dumps({"name": "b", "version": "1"}).encode(), "describes another package"),
        (
            json.dumps({"name": "a", "version": "1", "files": ["../../etc/passwd"]}).encode(),
            "outside of the prefix",
        ),
        (
            json.dumps({"name": "a", "version": "1", "files": ["/etc/passwd"]}).encode(),
            "outside of the prefix",
        ),
        (
            json.dumps(
                {"name": "a", "version": "1", "paths_data": {"paths": [{"_path": "x/../../y"}]}}
            ).encode(),
            "outside of the prefix",
        ),
    ],
)
def test_hostile_row_23_a_damaged_record_is_reported_and_the_others_read(maker, content, why):
    maker.conda("good")
    path = maker.prefix / "conda-meta" / "a-1-0.json"
    path.write_bytes(content)
    records = read_prefix_records(maker.prefix)
    assert [p.record.name for p in records.packages] == ["good"]
    (damage,) = records.damaged
    assert damage.path == path
    assert why in damage.why


def test_hostile_row_23_fifos_and_directories_in_place_of_records_are_damage(maker):
    import os

    os.mkfifo(maker.prefix / "conda-meta" / "a-1-0.json")
    (maker.prefix / "conda-meta" / "b-1-0.json").mkdir()
    (maker.prefix / "conda-meta" / "c-1-0.json").symlink_to("/dev/zero")
    assert len(read_prefix_records(maker.prefix).damaged) == 3


def test_without_records_there_are_no_packages(tmp_path):
    assert read_prefix_records(tmp_path / "nowhere").packages == ()


PATHS = st.lists(st.sampled_from(["a", "b", "..", ".", "", "c d"]), max_size=6).map("/".join)


@given(PATHS, PATHS)
def test_hostile_row_23_joined_paths_never_leave_the_prefix(folder, path):
    joined = join_inside("lib/x", path)
    if joined is not None:
        assert not joined.startswith(("/", "../"))
        assert joined != ".."
    if stays_inside(path):
        assert ".." not in path.split("/")
        assert join_inside("", path) is not None
