"""Records to the library and back: nothing is lost, nothing hostile comes in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.engine.errors import HostileRecordError
from envbench.engine.rattler_values import (
    find_base_url,
    from_rattler,
    from_record_json,
    sort_for_linking,
    to_rattler,
)

FULL = {
    "arch": "x86_64",
    "attestations_sha256": "3" * 64,
    "build": "h1_0",
    "build_number": 4,
    "constrains": ["a <1"],
    "depends": ["bar >=3", "__glibc >=2.17"],
    "extra_depends": {"x": ["y"]},
    "features": "mkl",
    "flags": ["f"],
    "indexed_timestamp": 1600000001123,
    "legacy_bz2_md5": "0" * 32,
    "legacy_bz2_size": 5,
    "license": "MIT",
    "license_family": "MIT",
    "md5": "1" * 32,
    "name": "foo",
    "noarch": "python",
    "platform": "linux",
    "purls": ["pkg:pypi/foo@1"],
    "python_site_packages_path": "lib/x",
    "run_exports": {"weak": ["foo >=1"]},
    "sha256": "2" * 64,
    "size": 11,
    "subdir": "linux-64",
    "timestamp": 1600000000123,
    "track_features": "bar baz",
    "version": "1.0",
    "fn": "foo-1.0-h1_0.conda",
    "url": "https://h/c/linux-64/foo-1.0-h1_0.conda",
    "channel": "https://h/c/",
}


def name_channel(base: str) -> str:
    return f"name of {base}"


def test_every_field_survives_the_round_trip():
    record = from_record_json(FULL, name_channel)
    (theirs,) = to_rattler([record])
    assert json.loads(theirs.to_json()) == FULL
    assert from_rattler(theirs, name_channel) == record
    assert record.channel == "name of https://h/c"
    assert record.channel_url == "https://h/c"
    assert record.extra["purls"] == ["pkg:pypi/foo@1"]
    hash(record)


names = st.from_regex(r"[a-z0-9_][a-z0-9_-]{0,20}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=40)
records = st.fixed_dictionaries(
    {
        "name": names,
        "version": st.from_regex(
            r"(?:[1-9]!)?[0-9]{1,4}(?:\.[0-9]{1,3}){0,3}(?:rc[0-9])?", fullmatch=True
        ),
        "build": st.from_regex(r"[a-z0-9_]{0,12}", fullmatch=True),
        "build_number": st.integers(0, 2**40),
        "subdir": st.sampled_from(["linux-64", "noarch", "linux-aarch64"]),
        "depends": st.lists(names, max_size=3),
    },
    optional={
        "size": st.integers(0, 2**50),
        "license": texts,
        "timestamp": st.integers(1_000_000_000_000, 2_000_000_000_000),
        "noarch": st.sampled_from(["python", "generic"]),
        "constrains": st.lists(names, max_size=3),
        "sha256": st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
        "md5": st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    },
)


@given(st.lists(records, max_size=5))
def test_any_honest_record_survives(given_records):
    ours = []
    for fields in given_records:
        file_name = f"{fields['name']}-1-0.conda"
        place = {"fn": file_name, "url": f"https://h/c/{fields['subdir']}/{file_name}"}
        ours.append(from_record_json(fields | place, name_channel))
    back = [from_rattler(theirs, name_channel) for theirs in to_rattler(ours)]
    assert back == ours


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "foo\x1b[2J"),
        ("name", "../../foo"),
        ("name", "-rf"),
        ("name", "fo\u043e"),
        ("name", ""),
        ("version", "1.0\x1b]0;x\x07"),
        ("version", "1/0"),
        ("build", "../../x"),
        ("build", "a\nb"),
        ("subdir", "../x"),
        ("subdir", "linux-64/.."),
        ("fn", "../../foo-1.0-0.conda"),
        ("fn", "foo-1.0-0.zip"),
        ("fn", "foo\x9b-1.0.conda"),
        ("sha256", "zz"),
        ("noarch", "\x1b[31mpython"),
    ],
)
def test_hostile_row_01_names_are_refused_and_shown_clean(field, value):
    with pytest.raises(HostileRecordError) as caught:
        from_record_json(FULL | {field: value}, name_channel)
    shown = str(caught.value)
    assert "\x1b" not in shown and "\x9b" not in shown and "https://h/c" in shown


def test_a_channel_from_elsewhere_may_not_point_to_this_box():
    place = {"url": "file:///etc/foo-1.0-h1_0.conda"}
    with pytest.raises(HostileRecordError, match="is said to lie at"):
        from_record_json(FULL | place, name_channel)
    elsewhere = {"url": "https://files.example/foo-1.0-h1_0.conda"}
    assert from_record_json(FULL | elsewhere, name_channel).url == elsewhere["url"]
    local = from_record_json(FULL | place | {"channel": "file:///etc"}, name_channel)
    assert local.url == place["url"]


def test_free_text_is_cleaned():
    record = from_record_json(
        FULL
        | {"license": "MIT\x1b]52;c;x\x07", "depends": ["bar\x9b31m >=1"], "features": "\u202ea"},
        name_channel,
    )
    assert record.license == "MIT"
    assert record.depends == ("bar >=1",)
    assert record.extra["features"] == "\ufffda"


def test_secrets_of_addresses_go_no_further():
    secret = FULL | {
        "url": "https://me:hunter22@h/t/tok-1234/c/linux-64/foo-1.0-h1_0.conda",
        "channel": "https://me:hunter22@h/t/tok-1234/c/",
    }
    record = from_record_json(secret, name_channel)
    assert "hunter22" not in repr(record) and "tok-1234" not in repr(record)
    assert record.url == "https://h/c/linux-64/foo-1.0-h1_0.conda"


def test_dependencies_come_before_dependents():
    foo = from_record_json(FULL, name_channel)
    bar = from_record_json(
        FULL | {"name": "bar", "depends": [], "fn": "bar-1.0-h1_0.conda"}, name_channel
    )
    for order in ([foo, bar], [bar, foo]):
        ordered = sort_for_linking(to_rattler(order))
        assert [record.name.normalized for record in ordered] == ["bar", "foo"]


def test_base_addresses():
    assert find_base_url("https://h/c/linux-64/a-1-0.conda", "linux-64") == "https://h/c"
    assert find_base_url("https://h/files/a-1-0.conda", "linux-64") == "https://h/files"
