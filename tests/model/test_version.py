"""Conda's order of versions: by example, by law, and against rattler's."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.version import CondaVersion, VersionError, compare_versions, parse_version

# From the documentation of conda's VersionOrder, oldest first; equal ones in one row.
ASCENDING = [
    ["0.4", "0.4.0"],
    ["0.4.1.rc", "0.4.1.RC"],
    ["0.4.1"],
    ["0.5a1"],
    ["0.5b3"],
    ["0.5C1"],
    ["0.5"],
    ["0.9.6"],
    ["0.960923"],
    ["1.0"],
    ["1.1dev1"],
    ["1.1_"],
    ["1.1a1"],
    ["1.1.0dev1", "1.1.dev1"],
    ["1.1.a1"],
    ["1.1.0rc1"],
    ["1.1.0", "1.1"],
    ["1.1.0post1", "1.1.post1"],
    ["1.1post1"],
    ["1996.07.12"],
    ["1!0.4.1"],
    ["1!3.1.1.6"],
    ["2!0.4.1"],
]

PARTS = st.sampled_from(
    [
        "0",
        "1",
        "2",
        "10",
        "12",
        "a",
        "b1",
        "rc",
        "rc2",
        "dev",
        "dev3",
        "post",
        "post1",
        "1a",
        "3rc1",
    ]
)
VERSIONS = st.builds(
    lambda epoch, parts, local: epoch + ".".join(parts) + ("+" + ".".join(local) if local else ""),
    st.sampled_from(["", "", "", "1!", "0!"]),
    st.lists(PARTS, min_size=1, max_size=5).filter(lambda parts: parts[0][0].isdigit()),
    st.lists(st.sampled_from(["0", "1", "cpu", "cu118"]), max_size=2),
)


def test_the_documented_order_holds():
    for (i, row), (j, other) in itertools.product(enumerate(ASCENDING), repeat=2):
        for left, right in itertools.product(row, other):
            assert compare_versions(right, left) == (i > j) - (i < j), (left, right)


def test_openssl_letters_come_after_the_bare_version_with_underscore():
    ordered = ["1.0.1dev", "1.0.1_", "1.0.1a", "1.0.1b", "1.0.1", "1.0.1post.a", "1.0.1post.b"]
    shuffled = ordered[::-1]
    assert sorted(shuffled, key=parse_version) == ordered


@pytest.mark.parametrize(
    "text", ["", "  ", "3.5&1", "5.5++", "5.5..mw", "!", "a!1.0", "1!", "1+2+3", "1.2+", "1..", "¹"]
)
def test_what_is_no_version_is_refused(text):
    with pytest.raises(VersionError):
        parse_version(text)


def test_texts_that_are_no_versions_still_compare():
    assert compare_versions("&a", "&b") == 1
    assert compare_versions("&b", "&a") == -1
    assert compare_versions("&a", "&a") == 0


@given(VERSIONS, VERSIONS, VERSIONS)
def test_the_order_is_total(a, b, c):
    one, two, three = parse_version(a), parse_version(b), parse_version(c)
    assert (one < two) + (one == two) + (one > two) == 1
    if one <= two <= three:
        assert one <= three
    if one == two:
        assert hash(one) == hash(two)


@given(VERSIONS)
def test_trailing_zeros_mean_nothing(text):
    if "+" not in text:
        assert parse_version(text) == parse_version(text + ".0")


@given(VERSIONS, VERSIONS)
def test_rattler_orders_them_the_same_way(a, b):
    rattler = pytest.importorskip("rattler")
    mine: CondaVersion = parse_version(a)
    left, right = rattler.Version(a), rattler.Version(b)
    assert (mine < parse_version(b)) == (left < right)
    assert (mine == parse_version(b)) == (left == right)
