"""Close names and near versions."""

from hypothesis import given
from hypothesis import strategies as st

from envbench.engine.search import find_close_names, find_near_versions, sort_versions

NAMES = ["numpy", "numba", "pytorch", "libtorch", "scikit-learn", "python-dateutil", "tensorflow"]
VERSIONS = ["2.11.1", "2.12.1", "2.13.1", "2.14.0", "2.9.1"]


def test_names_that_were_meant():
    assert find_close_names("numpi", NAMES)[0] == "numpy"
    assert find_close_names("torch", NAMES)[0] == "pytorch"
    assert find_close_names("sklearn", NAMES) == ("scikit-learn",)
    assert find_close_names("scikit_learn", NAMES)[0] == "scikit-learn"
    assert find_close_names("dateutil", NAMES) == ("python-dateutil",)
    assert find_close_names("qqqqqqqq", NAMES) == ()


def test_neighbours_come_first():
    assert find_near_versions("2.13.0.*", VERSIONS)[:2] == ("2.13.1", "2.12.1")
    assert find_near_versions("99", VERSIONS)[:2] == ("2.14.0", "2.13.1")
    assert find_near_versions(">=0.1,<0.2", VERSIONS)[0] == "2.9.1"
    assert find_near_versions(None, VERSIONS)[0] == "2.14.0"
    assert find_near_versions("2.13.1", VERSIONS)[0] == "2.13.1"


@given(st.text(max_size=20), st.lists(st.text(max_size=12), max_size=30))
def test_close_names_exist_and_are_not_the_wanted_one(wanted, names):
    found = find_close_names(wanted, names)
    assert set(found) <= set(names)
    assert wanted.lower() not in {name.lower() for name in found}
    assert len(found) == len(set(found)) <= 5


versions = st.from_regex(r"[0-9]{1,3}(?:\.[0-9]{1,3}){0,3}", fullmatch=True)


@given(versions, st.lists(versions, max_size=20))
def test_near_versions_exist_and_an_exact_one_is_first(wanted, existing):
    found = find_near_versions(wanted, existing)
    assert set(found) <= set(existing)
    if wanted in existing:
        assert sort_versions([found[0], wanted])  # equal in order, perhaps other zeros
        assert found[0] == wanted or wanted.split(".")[0].lstrip("0") == found[0].split(".")[
            0
        ].lstrip("0")
