import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.probe import ProbeStatus
from envbench.probes.transcript import MAX_EVENTS, Transcript
from envbench.probes.verdict import Ending, judge

FINE = Ending(0, None, timed_out=False)


def transcript(*events: dict) -> Transcript:
    told = Transcript()
    for event in events:
        told.feed(json.dumps(event).encode())
    return told


def check(error: object, tolerance: object = 1e-5) -> dict:
    return {
        "k": "stage_end",
        "stage": "check:x",
        "ok": True,
        "sec": 0.1,
        "data": {"error": error, "tolerance": tolerance},
    }


def facts(**found: object) -> dict:
    return {"k": "stage_end", "stage": "facts", "ok": True, "sec": 0.0, "data": found}


DONE = {"k": "done"}


def test_done_without_any_check_proves_nothing():
    assert judge(transcript(DONE), FINE).status is ProbeStatus.FAILED


@pytest.mark.parametrize("error", ["nan", "NaN", None, "x", 1.0, "inf"])
def test_a_payload_that_calls_a_wrong_number_right_is_not_believed(error):
    assert judge(transcript(check(error), DONE), FINE).status is ProbeStatus.FAILED


@pytest.mark.parametrize(
    ("found", "gpus", "status"),
    [
        ({}, None, "ok"),
        ({}, 4, "ok"),
        ({"gpu_build": True, "devices": []}, None, "degraded"),
        ({"gpu_build": True, "devices": [{}]}, None, "ok"),
        ({"gpu_build": True, "devices": [{}]}, 2, "degraded"),
        ({"gpu_build": False, "devices": []}, 0, "ok"),
        ({"gpu_build": False, "devices": []}, None, "ok"),
        ({"gpu_build": False, "devices": []}, 1, "degraded"),
    ],
)
def test_a_fall_back_to_the_cpu_is_degraded_never_ok(found, gpus, status):
    told = transcript(facts(**found), check(0.0), DONE)
    assert judge(told, FINE, host_gpus=gpus).status == status


@given(st.lists(st.binary(max_size=60), max_size=30))
def test_no_noise_on_the_event_pipe_makes_a_green_result(lines):
    told = Transcript()
    for line in lines:
        told.feed(line)
    assert judge(told, FINE).status is not ProbeStatus.OK


def test_a_flood_of_events_is_bounded():
    told = Transcript()
    for _ in range(MAX_EVENTS + 50):
        told.feed(b'{"k":"stage_end","stage":"s","ok":true,"sec":0}')
    assert len(told.stages) == MAX_EVENTS
