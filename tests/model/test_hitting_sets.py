"""Smallest choices that hit every set, against trying all of them."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from envbench.model.hitting_sets import MOST_TAKEN, smallest_hitting_sets

families = st.lists(st.sets(st.integers(0, 7), min_size=1, max_size=4), max_size=5)


def test_no_sets_need_nothing():
    assert smallest_hitting_sets([]) == ((),)


def test_one_member_of_all_sets_is_enough():
    assert smallest_hitting_sets([{1, 2}, {2, 3}]) == ((2,),)


def test_of_equals_the_cheapest_comes_first():
    assert smallest_hitting_sets([{1, 4}]) == ((1,), (4,))
    assert smallest_hitting_sets([{1, 4}], {1: 2, 4: 0}.__getitem__) == ((4,), (1,))


def test_more_than_anybody_would_change_is_no_answer():
    assert smallest_hitting_sets([{number} for number in range(MOST_TAKEN + 1)]) == ()


@given(families)
def test_all_smallest_choices_and_no_other(sets):
    found = smallest_hitting_sets(sets)
    sizes = [
        size
        for size in range(9)
        if any(all(set(c) & s for s in sets) for c in combinations(range(8), size))
    ]
    if sizes[0] > MOST_TAKEN:
        assert found == ()
        return
    expected = {c for c in combinations(range(8), sizes[0]) if all(set(c) & s for s in sets)}
    assert set(found) == expected and len(found) == len(expected)
