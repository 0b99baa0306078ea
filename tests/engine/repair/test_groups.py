"""Conflicts that have nothing to do with each other: more lines than are combined in one go."""

from hypothesis import given
from hypothesis import strategies as st

from envbench.engine.repair.groups import part_cores
from envbench.model.repair import MoveKind
from tests.engine.repair.repairing import change, search
from tests.engine.solver.asking import HOST, make_request

PAIRS = [
    entry
    for n in range(5)
    for entry in (
        (f"base{n}", "1.0"),
        (f"base{n}", "2.0"),
        (f"app{n}", "1.0", [f"base{n} <2"]),
        (f"app{n}", "2.0", [f"base{n} >=2"]),
    )
]


def test_each_of_five_conflicts_is_mended_by_itself(write, shared_solver):
    lines = [text for n in range(5) for text in (f"base{n}=1.0", f"app{n}=2.0")]
    request = make_request(lines, {"c": write("pairs", PAIRS)}, host=HOST)
    found, _ = search(request, shared_solver)
    best = found.fixes[0]
    assert best.cost.lines == 5 and best.cost.removals == 0
    assert {move.kind for move in best.moves} == {MoveKind.PIN}
    assert len({move.name[-1] for move in best.moves}) == 5
    assert shared_solver.solve(change(request, best.moves)).packages


def test_too_many_lines_of_one_conflict_are_said(write, shared_solver):
    """One package meets all: no fewer than four lines would do."""
    names = "abcdefgh"
    needs = [(name, "1.0", [f"core <{n + 1}"]) for n, name in enumerate(names[:4])]
    needs += [(name, "1.0", ["core >=9"]) for name in names[4:]]
    packages = [("core", "0.5"), ("core", "9.0"), *needs]
    request = make_request(list(names), {"c": write("meet", packages)}, host=HOST)
    found, _ = search(request, shared_solver)
    assert found.fixes == ()
    assert "changes of more than 3 lines together" in found.not_tried


CORES = st.lists(st.frozensets(st.integers(0, 9), min_size=1, max_size=3), max_size=7)


@given(CORES)
def test_groups_share_no_line_and_lose_no_core(cores):
    groups = part_cores(cores)
    assert sorted(map(sorted, (c for g in groups for c in g))) == sorted(map(sorted, set(cores)))
    touched = [frozenset().union(*group) for group in groups]
    assert sum(map(len, touched)) == len(frozenset().union(*touched))
    for group in groups:
        # A group cannot be parted further: from one core all others are reached.
        reached, waiting = set(group[0]), group[1:]
        while nearer := [core for core in waiting if core & reached]:
            reached |= frozenset().union(*nearer)
            waiting = [core for core in waiting if core not in nearer]
        assert waiting == []
