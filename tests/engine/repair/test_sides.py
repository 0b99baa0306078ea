"""Finding the nearest version that has a solution, and walking through combinations."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from envbench.engine.repair.products import combine, price_of
from envbench.engine.repair.sides import find_nearest, join_series
from envbench.engine.solver.protocol import Pick, Tried
from envbench.model.conflict import SpecLine
from envbench.model.repair import Move, MoveKind
from envbench.model.repair_candidate import Candidate

LINE = SpecLine(text="one::torch=1.0=*cuda*", name="torch", line=3)


def candidates(count: int) -> list[Candidate]:
    return [
        Candidate(
            move=Move(kind=MoveKind.PIN, name="torch", new=f"torch=2.{n}"),
            least=(0, n + 1, 0), series=f"2.{n}", side=1, place=n,
        )
        for n in range(count)
    ]  # fmt: skip


def test_a_group_keeps_the_channel_and_the_flavour():
    assert join_series(LINE, candidates(3)) == "one::torch 2.0.*|2.1.*|2.2.* *cuda*"


@given(st.integers(1, 40), st.sets(st.integers(0, 39)), st.booleans(), st.booleans())
def test_the_nearest_is_found_with_few_questions(count, good, is_newest_first, is_known):
    """The solver takes the newest of what is let in, or any other; both must do."""
    pins = candidates(count)
    solvable = sorted(place for place in good if place < count)
    asked: list[str] = []

    def answer(places: list[int]) -> Tried:
        if not places:
            return Tried(id=0, refusal="no")
        version = f"2.{max(places) if is_newest_first else places[len(places) // 2]}.7"
        return Tried(id=0, picks=(Pick(name="torch", version=version, build="", channel=""),))

    def ask(text: str) -> Tried:
        asked.append(text)
        let_in = {part.removesuffix(".*") for part in text.split(" ")[1].split("|")}
        return answer([place for place in solvable if f"2.{place}" in let_in])

    known = answer(solvable) if is_known and solvable else None
    side = find_nearest(LINE, pins, ask, known)
    assert side.nearest == (solvable[0] if solvable else None)
    assert len(asked) <= 3 + count.bit_length()
    assert len(set(asked)) == len(asked) or count <= 3


@given(
    st.lists(
        st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=5),
        min_size=1,
        max_size=3,
    )
)
def test_combinations_come_cheapest_first_and_all_of_them(shape):
    options = [
        [
            Candidate(
                move=Move(
                    kind=MoveKind.REMOVE if gone else MoveKind.PIN, name=f"{row}-{n}", new=f"{n}"
                ),
                least=(0, 0, 0) if gone else (0, step, 0),
            )
            for n, (gone, step) in enumerate(each)
        ]
        for row, each in enumerate(shape)
    ]
    found = list(combine(options))
    prices = [price_of(each) for each in found]
    assert prices == sorted(prices)
    assert {tuple(c.move.name for c in each) for each in found} == {
        tuple(c.move.name for c in each) for each in product(*options)
    }
    assert len(found) == len(list(product(*options)))
