import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.probe import ProbeStatus
from envbench.probes.stack_dump import DumpedFrame
from envbench.probes.transcript import MAX_EVENTS, Transcript
from envbench.probes.verdict import Ending, Verdict, judge

FINE = Ending(0, None, timed_out=False)


def transcript(*events: dict) -> Transcript:
    told = Transcript()
    for event in events:
        told.feed(json.dumps(event).encode())
    return told


def check(error: object, tolerance: object = 1e-5, **more: object) -> dict:
    return {
        "k": "stage_end",
        "stage": "check:x",
        "ok": True,
        "sec": 0.1,
        "data": {"error": error, "tolerance": tolerance, **more},
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
        ({"gpu_build": True, "devices": [{}]}, None, "degraded"),
        ({"gpu_build": True, "devices": [{}], "device_used": "cuda:0"}, None, "ok"),
        ({"gpu_build": True, "devices": [{}], "device_used": "cpu"}, None, "degraded"),
        ({"gpu_build": True, "devices": [{}], "device_used": "cuda:0"}, 2, "degraded"),
        ({"gpu_build": False, "devices": []}, 0, "ok"),
        ({"gpu_build": False, "devices": []}, None, "ok"),
        ({"gpu_build": False, "devices": []}, 1, "degraded"),
    ],
)
def test_a_fall_back_to_the_cpu_is_degraded_never_ok(found, gpus, status):
    told = transcript(facts(**found), check(0.0), DONE)
    assert judge(told, FINE, host_gpus=gpus).status == status


def test_what_computes_nothing_without_a_gpu_does_not_claim_the_cpu():
    found = facts(gpu_build=True, devices=[])
    version = check(0.0, 0.0) | {"stage": "check:version"}
    assert judge(transcript(found, version, DONE), FINE).reason.endswith("nothing was computed")
    assert judge(transcript(found, check(0.0), DONE), FINE).reason.endswith("on the CPU")


def test_a_number_from_the_gpu_makes_a_gpu_build_ok():
    found = facts(gpu_build=True, devices=[{}])
    assert judge(transcript(found, check(0.0, device="GPU-1"), DONE), FINE).status == "ok"


def test_one_chosen_gpu_of_several_is_all_that_was_asked_for():
    told = transcript(facts(gpu_build=True, devices=[{}]), check(0.0, device="GPU-1"), DONE)
    assert judge(told, FINE, host_gpus=8, gpu="GPU-1").status == "ok"
    assert judge(told, FINE, host_gpus=8).status == "degraded"


def test_a_skipped_run_says_why_and_proves_nothing():
    verdict = judge(transcript({"k": "skipped", "reason": "no GPU here"}, DONE), FINE)
    assert (verdict.status, verdict.reason) == (ProbeStatus.SKIPPED, "no GPU here")


def test_a_skipped_check_neither_fails_nor_proves():
    skipped = check(None, skipped="onnx is not installed")
    alone = transcript(skipped, DONE)
    assert judge(alone, FINE) == Verdict(ProbeStatus.SKIPPED, "", "onnx is not installed")
    assert alone.checks[0].skipped == "onnx is not installed"
    assert judge(transcript(skipped, check(0.0), DONE), FINE).status is ProbeStatus.OK


def test_what_could_not_be_checked_is_kept_in_words():
    told = transcript({"k": "unchecked", "what": ["NCCL: one GPU only", "\x1b[31mred"]}, DONE)
    assert told.unchecked == ["NCCL: one GPU only", "red"]


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        (Ending(None, 9, timed_out=True), "timeout"),
        (Ending(None, 9, timed_out=False), "crashed"),
        (Ending(0, None, timed_out=False), "exited"),
    ],
)
def test_a_process_that_did_not_come_to_its_end_names_stage_and_frame(ending, status):
    told = transcript({"k": "stage_start", "stage": "import"})
    culprit = DumpedFrame("/e/site-packages/slow/__init__.py", "3", "<module>")
    verdict = judge(told, ending, culprit=culprit)
    assert (verdict.status, verdict.stage) == (status, "import")
    assert ("slow/__init__.py:3" in verdict.reason) == (status != "exited")


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
