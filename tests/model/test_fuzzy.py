"""Fuzzy matching: the order of kinds, places, and laws for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.fuzzy import MAX_QUERY, MatchKind, NameTable, match_name

NAMES = (
    "numpy", "numpydoc", "numba", "nump", "scikit-learn", "python-numpy", "libnumpyx", "pytorch",
    "pytorch-cuda", "backports.functools_lru_cache", "typing_extensions", "zlib", "Z-Upper",
)  # fmt: skip

texts = st.text(alphabet="abcn-_.AB é\U0010ffff", max_size=8)


def find(query: str, **options: object) -> list[str]:
    return [match.name for match in NameTable(NAMES).find(query, **options)]


def test_exact_then_prefix_then_word_then_inside() -> None:
    assert find("numpy") == ["numpy", "numpydoc", "python-numpy", "libnumpyx"]


def test_scattered_letters_start_at_a_word() -> None:
    assert find("sklearn") == ["scikit-learn"]
    assert find("pytrch") == ["pytorch", "pytorch-cuda"]
    assert find("klearn") == []


def test_separators_and_case_are_one() -> None:
    assert find("scikit_learn") == ["scikit-learn"]
    assert find("typing-ext") == ["typing_extensions"]
    assert find("z.upper") == ["Z-Upper"]
    assert find("ZLIB") == ["zlib"]


def test_favoured_names_come_first_within_a_kind() -> None:
    assert find("num")[0] == "nump"
    assert find("num", favoured={"numpy"})[0] == "numpy"
    assert find("nump", favoured={"numpy"})[0] == "nump"


def test_empty_query_gives_favoured_names_and_then_the_alphabet() -> None:
    assert find("", favoured={"zlib", "not-there"}, limit=2) == [
        "zlib",
        "backports.functools_lru_cache",
    ]


def test_positions_show_the_letters() -> None:
    match = match_name("tpx", "typing_extensions")
    assert match is not None
    assert match.kind is MatchKind.SCATTERED
    assert [match.name[place] for place in match.positions] == ["t", "p", "x"]


def test_a_tight_match_is_preferred() -> None:
    table = NameTable(["foo-bar-zaz", "fxxxxxxxbxxxz"])
    assert [match.name for match in table.find("fbz")] == ["foo-bar-zaz", "fxxxxxxxbxxxz"]


@pytest.mark.parametrize("query", ["x" * (MAX_QUERY + 1), "no such name"])
def test_what_no_name_has(query: str) -> None:
    assert find(query) == []


@given(query=texts, name=texts)
def test_positions_are_a_rising_subsequence(query: str, name: str) -> None:
    match = match_name(query, name)
    if match is None:
        return
    assert list(match.positions) == sorted(set(match.positions))
    assert len(match.positions) == len(query)
    fold = str.maketrans("AB_.", "ab--")
    shown = "".join(name[place] for place in match.positions)
    assert shown.translate(fold) == query.translate(fold)


@given(query=texts, names=st.lists(texts, max_size=12), limit=st.integers(1, 5))
def test_answers_are_ordered_limited_and_always_the_same(
    query: str, names: list[str], limit: int
) -> None:
    found = NameTable(names).find(query, limit=limit)
    assert found == NameTable(reversed(names)).find(query, limit=limit)
    assert [match.kind for match in found] == sorted(match.kind for match in found)
    assert len(found) <= limit
    assert len({match.name for match in found}) == len(found)
    assert {match.name for match in found} <= set(names)


@given(query=texts.filter(bool), names=st.lists(texts, max_size=12))
def test_no_prefix_is_missed(query: str, names: list[str]) -> None:
    found = {match.name for match in NameTable(names).find(query, limit=50)}
    assert {name for name in names if name.startswith(query)} <= found


@given(names=st.lists(texts, max_size=12), name=texts)
def test_a_table_knows_what_it_holds(names: list[str], name: str) -> None:
    assert (name in NameTable(names)) == (name in names)
