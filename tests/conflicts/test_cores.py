"""Every core that is told is a smallest one, all are found, and all of them in the same words."""

import itertools
import random
import re
from collections.abc import Sequence

import pytest

from envbench.engine.solver.client import SolverProcess
from envbench.formats.environment_yml import parse_spec
from envbench.model.conflict import Conflict, Core, CoreKind
from envbench.model.spec import SpecText
from tests.conflicts.case import Case, name_of
from tests.conflicts.cases import CASES, DAILY
from tests.conflicts.show import tell

MOST_ROWS = 12
MOST_CHARACTERS = 100

FEW = DAILY[1::3]
"""Of the default lane, where a test solves many times."""


def over_all(daily: Sequence[Case]) -> pytest.MarkDecorator:
    """Run over all cases, in the default lane over some of them."""
    return pytest.mark.parametrize(
        "case",
        [
            pytest.param(case, id=case.name, marks=() if case in daily else pytest.mark.slow)
            for case in CASES
        ],
    )


over_all_cases = over_all(DAILY)


@pytest.fixture
def told(solver, shared_channels):
    """What the solver process says about a case; once for each, whatever asks."""
    known: dict[tuple[str, tuple[int, ...] | None], Conflict] = solver.__dict__.setdefault(
        "told_of_cases", {}
    )

    def tell(case: Case, order: tuple[int, ...] | None = None) -> Conflict:
        key = (case.name, order)
        if key not in known:
            outcome = solver.solve(case.request(shared_channels, order=order))
            assert isinstance(outcome, Conflict)
            known[key] = outcome
        return known[key]

    return tell


def texts_of(core: Core) -> list[str]:
    return [line.text for line in core.lines]


def in_short(conflict: Conflict) -> list[tuple[str, tuple[str, ...]]]:
    return sorted((core.kind.value, tuple(sorted(texts_of(core)))) for core in conflict.cores)


@over_all(FEW)
def test_the_table_says_what_brute_force_finds(case, oracle, shared_channels):
    specs = [text for _, text in case.lines]
    found = oracle.find_cores(case.world(shared_channels), specs)
    names = sorted(tuple(name_of(specs[index]) for index in core) for core in found)
    assert names == sorted(expected.names for expected in case.cores)


@over_all_cases
def test_the_table_reads_the_file_as_envbench_does(case):
    spec = parse_spec(SpecText(path="environment.yml", text=case.text)).spec
    assert spec is not None
    read = [(item.span.line, item.text) for item in spec.dependencies_on(case.platform)]
    assert read == list(case.lines)
    assert tuple(channel.name for channel in spec.channels) == case.channels


@over_all_cases
def test_every_core_is_a_smallest_one(case, told, oracle, shared_channels):
    world = case.world(shared_channels)
    conflict = told(case)
    assert conflict.is_proven and conflict.cores and not conflict.note
    for core in conflict.cores:
        texts = texts_of(core)
        assert core.is_minimal
        assert not oracle.is_solvable(world, texts)
        for left_out in texts:
            assert oracle.is_solvable(world, [text for text in texts if text != left_out]), left_out


@over_all_cases
def test_kinds_and_lines_of_all_cores(case, told):
    numbers = {name_of(text): (number, text) for number, text in case.lines}
    cores = told(case).cores
    found = {(core.kind, tuple(line.name for line in core.lines)) for core in cores}
    assert found == {(expected.kind, expected.names) for expected in case.cores}
    assert len(found) == len(cores)
    for core in cores:
        for line in core.lines:
            assert (line.line, line.text) == numbers[line.name]
            assert not line.is_pip
    # Those that share no line with the ones before them are marked, and at least one is.
    seen: set[str] = set()
    for core in cores:
        names = {line.name for line in core.lines}
        assert core.is_independent == (not names & seen)
        seen |= names


@over_all(FEW)
def test_the_same_again_and_in_any_order(case, told, solver, shared_channels):
    first = told(case)
    again = solver.solve(case.request(shared_channels))
    assert isinstance(again, Conflict)
    assert again.cores == first.cores
    order = list(range(len(case.lines)))
    random.Random(case.name).shuffle(order)
    assert in_short(told(case, tuple(order))) == in_short(first)


@over_all(FEW[:1])
def test_another_process_says_the_same(case, told, solver, shared_channels):
    """Names hash differently in every process: no order may come of that."""
    with SolverProcess(solver.settings) as fresh:
        outcome = fresh.solve(case.request(shared_channels))
    assert isinstance(outcome, Conflict)
    assert outcome.cores == told(case).cores


@over_all_cases
def test_the_explanation_fits_and_names_every_line(case, told):
    rows = tell(case, told(case))
    assert len(rows) <= MOST_ROWS
    assert max(len(row) for row in rows) <= MOST_CHARACTERS
    text = "\n".join(rows)
    for core in told(case).cores:
        for line in core.lines:
            assert line.text in text
            assert re.search(rf"[:,]{line.line}\b", text), line.text


@over_all_cases
def test_every_core_is_told_in_a_few_sentences(case, told):
    for core in told(case).cores:
        assert 1 <= len(core.explanation) <= 4
        story = "\n".join((*core.explanation, *(chain.demand for chain in core.chains)))
        for line in core.lines:
            assert line.name in story.lower()
        if core.chains:
            assert {chain.line for chain in core.chains} == set(core.lines)
            # A line beyond the two sides only narrows the choice: it stands for itself.
            sides = [chain for chain in core.chains if core.meeting in chain.demand]
            assert core.meeting and sides
            assert all(c in sides or c.demand == c.line.text for c in core.chains)


@over_all_cases
def test_what_is_said_not_to_meet_does_not_meet(case, told, oracle, shared_channels):
    """One line beside what the other is said to demand has no solution, as both lines have none."""
    world = case.world(shared_channels)
    for core in told(case).cores:
        sides = [chain for chain in core.chains if core.meeting in chain.demand]
        if core.kind is not CoreKind.INCOMPATIBLE or len(core.lines) != 2 or len(sides) != 2:
            continue
        for mine, other in itertools.permutations(sides):
            for spec in read_demand(other.demand, core.meeting):
                # The box's own packages cannot be asked for.
                if not spec.startswith("__"):
                    assert not oracle.is_solvable(world, [mine.line.text, spec]), (core, spec)


def read_demand(demand: str, name: str) -> list[str]:
    """Give the match specs of a demand: `python 3.11 ... 3.14`, `jax >=1,<2 or jax >=3`."""
    if demand.startswith((f"{name}=", f"{name}<", f"{name}>")) or "::" in demand:
        return [demand]
    found = []
    for part in demand.split(" or "):
        text = part.strip().removeprefix(f"{name} ").strip()
        first, dots, last = text.partition(" ... ")
        if dots:
            found.append(f"{name} >={first},<={last}.99999")
        elif re.fullmatch(r"\d+(\.\d+)*", text):
            found.append(f"{name} ={text}")
        elif text and text != name:
            found.append(f"{name} {text}")
    return found
