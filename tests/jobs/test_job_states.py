"""The table of states: total, without dead rows, and the promises that it makes."""

import itertools

import pytest

from envbench.model.job import ADOPTABLE_STATES, FINAL_STATES, JobState
from envbench.model.job_states import ANY, COLUMNS, STATE_TABLE, Exit, Life, Own, judge

BOOLS = (False, True)
FACTS = [
    dict(
        zip(
            ("exit", "own", "cancel", "oom", "supervisor", "worker", "started", "young"),
            values,
            strict=True,
        )
    )
    for values in itertools.product(Exit, Own, BOOLS, BOOLS, Life, Life, BOOLS, BOOLS)
]


def test_every_combination_of_facts_has_a_state() -> None:
    for facts in FACTS:
        state = judge(**facts)
        assert (state in FINAL_STATES) == (facts["exit"] is not Exit.NOT_YET)


def test_every_row_has_its_columns_and_decides_something() -> None:
    words = {Exit: "exit", Own: "own", Life: "supervisor"}
    allowed = {name: {str(v) for v in kind} for kind, name in words.items()}
    allowed["worker"] = allowed["supervisor"]
    for row, _ in STATE_TABLE:
        assert len(row) == len(COLUMNS)
        for name, word in zip(COLUMNS, row, strict=True):
            known = allowed.get(name, {"yes", "no"} if name != "records" else {"whole", "broken"})
            assert word in known | {ANY}, (row, name)
    first = {_first_row(facts) for facts in FACTS} | {0}
    assert first == set(range(len(STATE_TABLE))), "a row that no facts reach"


def _first_row(facts: dict) -> int:
    flat = {"records": "whole"}
    for name, value in facts.items():
        flat[name] = ("yes" if value else "no") if isinstance(value, bool) else value
    for number, (row, _) in enumerate(STATE_TABLE):
        if all(w in (ANY, flat[c]) for c, w in zip(COLUMNS, row, strict=True)):
            return number
    raise AssertionError(facts)


def test_what_was_started_is_never_unstarted() -> None:
    for facts in FACTS:
        if judge(**facts) is JobState.UNSTARTED:
            assert not facts["started"]
            assert facts["worker"] in (Life.NONE, Life.DEAD)


def test_nothing_that_cannot_be_seen_is_adopted() -> None:
    for facts in FACTS:
        if Life.UNKNOWN in (facts["supervisor"], facts["worker"]):
            assert judge(**facts) not in ADOPTABLE_STATES


def test_a_living_supervisor_is_left_alone() -> None:
    for facts in FACTS:
        if facts["supervisor"] is Life.ALIVE:
            assert judge(**facts) not in ADOPTABLE_STATES


def test_done_needs_the_workers_word_or_a_clean_exit() -> None:
    for facts in FACTS:
        if judge(**facts) is JobState.DONE:
            assert facts["own"] is Own.DONE or facts["exit"] is Exit.ZERO


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"records_whole": False}, JobState.DAMAGED),
        ({"young": True}, JobState.STARTING),
        ({}, JobState.UNSTARTED),
        ({"supervisor": Life.ALIVE}, JobState.STARTING),
        ({"supervisor": Life.ALIVE, "worker": Life.ALIVE, "started": True}, JobState.RUNNING),
        ({"supervisor": Life.ALIVE, "worker": Life.DEAD, "started": True}, JobState.RUNNING),
        ({"supervisor": Life.DEAD, "worker": Life.ALIVE, "started": True}, JobState.ORPHANED),
        ({"supervisor": Life.DEAD, "worker": Life.DEAD, "started": True}, JobState.DEAD),
        ({"supervisor": Life.DEAD, "worker": Life.DEAD}, JobState.UNSTARTED),
        ({"supervisor": Life.UNKNOWN}, JobState.FOREIGN),
        ({"exit": Exit.ZERO}, JobState.DONE),
        ({"exit": Exit.NONZERO}, JobState.FAILED),
        ({"exit": Exit.NONZERO, "own": Own.DONE}, JobState.DONE),
        ({"exit": Exit.ZERO, "own": Own.FAILED}, JobState.FAILED),
        ({"exit": Exit.SIGNALLED, "cancel": True}, JobState.CANCELLED),
        ({"exit": Exit.NONZERO, "own": Own.FAILED, "cancel": True}, JobState.CANCELLED),
        ({"exit": Exit.ZERO, "own": Own.DONE, "cancel": True}, JobState.DONE),
        ({"exit": Exit.KILLED}, JobState.FAILED),
        ({"exit": Exit.KILLED, "oom": True}, JobState.OOM),
        ({"exit": Exit.KILLED, "oom": True, "own": Own.DONE}, JobState.DONE),
        ({"exit": Exit.UNKNOWN}, JobState.LOST),
        ({"exit": Exit.UNKNOWN, "own": Own.FAILED}, JobState.FAILED),
        ({"exit": Exit.UNKNOWN, "cancel": True}, JobState.CANCELLED),
        ({"exit": Exit.NEVER_RAN}, JobState.FAILED),
        ({"exit": Exit.NEVER_RAN, "cancel": True}, JobState.CANCELLED),
    ],
)
def test_rows_of_the_notes(facts: dict, state: JobState) -> None:
    assert judge(**facts) is state
