"""Who needs whom, and the ways up to what was asked for."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from envbench.model.package_needs import Need, map_needs, name_of, trace_needs
from envbench.model.plan import PackageRecord


def record(name: str, *depends: str) -> PackageRecord:
    return PackageRecord(
        name=name,
        version="1",
        build="0",
        build_number=0,
        subdir="noarch",
        file_name=f"{name}-1-0.conda",
        url="",
        channel="c",
        depends=depends,
    )


def test_names_are_read_from_all_ways_to_write_a_dependency():
    texts = ("numpy", "numpy >=1.2,<2", "numpy>=1.2", "conda-forge::numpy 1.2 py_0", "NumPy")

    assert {name_of(text) for text in texts} == {"numpy"}
    assert name_of("__glibc >=2.17") == "__glibc"
    assert name_of("") == name_of(">=1") == ""


def test_needs_are_turned_round_in_the_order_of_names():
    needs = map_needs([record("b", "z >=1"), record("a", "z", "b")])

    assert needs == {"z": (Need("a", "z"), Need("b", "z >=1")), "b": (Need("a", "b"),)}


def test_the_shortest_way_of_each_root_is_found():
    needs = map_needs([record("a", "b"), record("b", "z >=1"), record("c", "z"), record("z", "a")])

    ways = trace_needs("z", needs, {"a", "c"})

    assert ways == ((Need("c", "z"),), (Need("a", "b"), Need("b", "z >=1")))


def test_no_more_ways_than_asked_for_are_given():
    needs = map_needs([record(f"p{i}", "z") for i in range(9)])

    assert len(trace_needs("z", needs, {f"p{i}" for i in range(9)}, most=4)) == 4


NAMES = st.sampled_from("abcdefgh")


@given(st.dictionaries(NAMES, st.lists(NAMES, max_size=4)), NAMES, st.sets(NAMES))
def test_every_way_begins_at_a_root_and_ends_at_the_package(
    depends: dict[str, list[str]], name: str, roots: set[str]
):
    needs = map_needs([record(each, *wanted) for each, wanted in depends.items()])

    for way in trace_needs(name, needs, roots):
        assert way[0].by in roots
        assert way[-1].text == name
        assert all(one.text == other.by for one, other in pairwise(way))
