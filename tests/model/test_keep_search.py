"""The fewest packages that give way, compared with trying everything."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.model.keep_search import KeepAnswer, find_fewest_freed, smallest_choice

NAMES = tuple("abcdefgh")
CORES = st.lists(st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=4), max_size=7)


def smallest_size(sets: list[frozenset[str]]) -> int:
    return next(
        size
        for size in range(len(NAMES) + 1)
        if any(all(set(choice) & each for each in sets) for choice in combinations(NAMES, size))
    )


@given(CORES)
def test_a_choice_is_a_smallest_one(sets):
    choice = smallest_choice(sets)
    assert choice is not None
    assert all(choice & each for each in sets)
    assert len(choice) == smallest_size(sets)


@given(CORES, st.booleans())
@settings(max_examples=200)
def test_what_gives_way_is_the_fewest(cores, names_all):
    """Packages can stay as long as no core is wholly among them."""
    asked = []

    def ask(kept: frozenset[str]) -> KeepAnswer:
        asked.append(kept)
        refused = [core for core in cores if core <= kept]
        named = frozenset().union(*refused) if names_all else frozenset()
        return KeepAnswer(not refused, named)

    found = find_fewest_freed(NAMES, ask)
    assert found is not None and found.is_fewest
    assert len(found.freed) == smallest_size(cores)
    assert not any(core <= frozenset(NAMES) - found.freed for core in cores)
    assert len(asked) == len(set(asked))


@given(CORES)
def test_without_patience_none_of_them_could_have_stayed(cores):
    def ask(kept: frozenset[str]) -> KeepAnswer:
        return KeepAnswer(not any(core <= kept for core in cores))

    found = find_fewest_freed(NAMES, ask, most_asked=2)
    assert found is not None
    kept = frozenset(NAMES) - found.freed
    assert ask(kept).is_solvable
    assert not any(ask(kept | {name}).is_solvable for name in found.freed)


def test_nothing_can_stay_where_there_is_no_solution_at_all():
    assert find_fewest_freed(NAMES, lambda _: KeepAnswer(False)) is None
    many = [frozenset({f"{number}", f"x{number}"}) for number in range(40)]
    assert len(smallest_choice(many) or ()) == 40
