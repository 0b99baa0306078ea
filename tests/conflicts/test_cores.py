"""Every core that is told is a smallest one, all are found, and all of them in the same words."""

import random

import pytest

from envbench.formats.environment_yml import parse_spec
from envbench.model.conflict import Conflict, Core
from envbench.model.spec import SpecText
from tests.conflicts.case import Case, name_of
from tests.conflicts.cases import CASES, DAILY

LATER = [
    pytest.param(case, id=case.name, marks=pytest.mark.slow) for case in CASES if not case.daily
]
ALL = [*(pytest.param(case, id=case.name) for case in DAILY), *LATER]
over_all_cases = pytest.mark.parametrize("case", ALL)


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


@over_all_cases
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


@over_all_cases
def test_the_same_again_and_in_any_order(case, told, solver, shared_channels):
    first = told(case)
    again = solver.solve(case.request(shared_channels))
    assert isinstance(again, Conflict)
    assert again.cores == first.cores
    order = list(range(len(case.lines)))
    random.Random(case.name).shuffle(order)
    assert in_short(told(case, tuple(order))) == in_short(first)


@over_all_cases
def test_every_core_is_told_in_a_few_sentences(case, told):
    for core in told(case).cores:
        assert 1 <= len(core.explanation) <= 4
        story = "\n".join((*core.explanation, *(chain.demand for chain in core.chains)))
        for line in core.lines:
            assert line.name in story.lower()
        if core.chains:
            assert [chain.line for chain in core.chains] == list(core.lines)
            assert core.meeting
        for chain in core.chains:
            assert core.meeting in chain.demand
