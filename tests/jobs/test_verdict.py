"""The words of results, and that they always fit into the blocks kept for them."""

import json
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.jobs.layout import RESERVE_BYTES
from envbench.jobs.verdict import End, decide, write_verdict
from envbench.model.job import FINAL_STATES, JobState


def make_end(**facts: object) -> End:
    end = End()
    for name, value in facts.items():
        setattr(end, name, value)
    return end


def test_a_kill_while_memory_ran_out_is_probably_that() -> None:
    end = make_end(returned=-signal.SIGKILL, oom=True)
    state = decide(end)
    verdict = json.loads(write_verdict(end, state))
    assert state is JobState.OOM
    assert "probably because the memory was used up" in verdict["reason"]
    assert (verdict["code"], verdict["signal"], verdict["exit_code"]) == (3, 9, None)


def test_the_workers_words_count_only_for_its_own_verdict() -> None:
    own = {"state": "failed", "reason": "uv was killed", "hint": "look", "code": 1}
    failed = make_end(returned=1, own=own)
    assert json.loads(write_verdict(failed, decide(failed)))["reason"] == "uv was killed"
    cancelled = make_end(returned=1, own=own, cancel=True)
    verdict = json.loads(write_verdict(cancelled, decide(cancelled)))
    assert (verdict["state"], verdict["reason"], verdict["code"]) == (
        "cancelled",
        "it was cancelled",
        130,
    )


@pytest.mark.parametrize("said", ["running", "", None, 7, "lost"])
def test_a_word_that_is_none_is_a_failure(said: object) -> None:
    assert decide(make_end(returned=0, own={"state": said})) is JobState.FAILED


def test_processes_that_could_not_be_ended_are_told() -> None:
    end = make_end(returned=0, leftover=2)
    verdict = json.loads(write_verdict(end, decide(end)))
    assert verdict["state"] == "done"
    assert verdict["reason"] == "2 of its processes could not be ended"


def test_odd_signals_have_numbers() -> None:
    end = make_end(returned=-63)
    assert "signal 63" in json.loads(write_verdict(end, decide(end)))["reason"]


WORDS = st.text(max_size=3000) | st.just("\0" * 3000) | st.just("\U0001f600" * 3000)


@given(
    reason=WORDS,
    hint=WORDS,
    state=st.sampled_from(["done", "failed", "cancelled"]),
    returned=st.none() | st.integers(-64, 255),
    cancel=st.booleans(),
)
def test_every_verdict_fits(
    reason: str, hint: str, state: str, returned: int | None, cancel: bool
) -> None:
    own = {"state": state, "reason": reason, "hint": hint, "code": 1}
    end = make_end(returned=returned, own=own, cancel=cancel, started_at=0.0)
    text = write_verdict(end, decide(end))
    assert len(text) <= RESERVE_BYTES
    assert json.loads(text)["state"] in FINAL_STATES
