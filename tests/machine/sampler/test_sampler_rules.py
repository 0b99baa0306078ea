"""When a call counts as hung, what is left alone and for how long: rules without a clock."""

import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.machine.sampler import quarantine, restarts, stalls
from envbench.machine.sampler.breadcrumb import (
    Breadcrumb,
    BreadcrumbReader,
    BreadcrumbWriter,
    make_breadcrumb_file,
)
from envbench.machine.sampler.fields import FACT_FIELDS, LIVE_FIELDS
from envbench.machine.sampler.lanes import LanePlan, TurnPlan
from envbench.machine.sampler.orders import BOX, DRIVER, OPEN_CALL, PROCESS_CALLS
from envbench.machine.sampler.quarantine import Confinement
from envbench.machine.sampler.questions import ALL_FIELDS
from envbench.machine.sampler.stalls import Witness
from envbench.machine.sampler.throttling import name_reasons

POWER = "nvmlDeviceGetPowerUsage"


def crumb(call: str = POWER, gpu: int = 1, began_s: float = 100.0, number: int = 1) -> Breadcrumb:
    return Breadcrumb(number, gpu, began_s, call)


def confinement(part=(1, ""), since_s: float = 0.0) -> Confinement:
    return Confinement(
        part=part, call=POWER, is_crash=False, code=None, words="it hung", since_s=since_s
    )


# The breadcrumb


def test_a_breadcrumb_is_seen_from_the_other_side():
    descriptor = make_breadcrumb_file()
    writer, reader = BreadcrumbWriter(descriptor), BreadcrumbReader(descriptor)
    os.close(descriptor)
    assert reader.read() is None
    writer.enter(5, "nvmlDeviceGetCurrentClocksThrottleReasons")
    first = reader.read()
    assert (first.gpu, first.call) == (5, "nvmlDeviceGetCurrentClocksThrottleReasons")
    writer.leave()
    assert reader.read() is None
    writer.enter(DRIVER, "nvmlInitWithFlags")
    second = reader.read()
    assert (second.gpu, second.call) == (DRIVER, "nvmlInitWithFlags")
    assert second.number != first.number
    assert second.began_s >= first.began_s


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=80))
def test_a_name_of_any_length_fits(name):
    descriptor = make_breadcrumb_file()
    writer, reader = BreadcrumbWriter(descriptor), BreadcrumbReader(descriptor)
    os.close(descriptor)
    writer.enter(0, name)
    assert reader.read().call == name[:48]
    reader.close()


# What a stuck call speaks against


@pytest.mark.parametrize("call", PROCESS_CALLS.values())
def test_a_list_that_crashes_costs_the_list_and_one_that_hangs_the_gpu(call):
    assert quarantine.blame(crumb(f"{call}_v3"), is_crash=True) == (1, call)
    assert quarantine.blame(crumb(f"{call}_v3"), is_crash=False) == (1, "")


def test_other_calls_cost_the_gpu_and_those_without_one_the_driver():
    assert quarantine.blame(crumb(), is_crash=True) == (1, "")
    assert quarantine.blame(crumb("nvmlInitWithFlags", DRIVER), is_crash=True) == (DRIVER, "")
    assert quarantine.blame(crumb("read_box", BOX), is_crash=False) == (BOX, "read_box")


# How long a call may take


def look_every(step_s: float, count: int, call: Breadcrumb) -> Witness:
    witness, now = Witness(looked_at_s=call.began_s - 0.1), call.began_s
    for _ in range(count):
        now += step_s
        witness = stalls.look(witness, call, now)
    return witness


def test_a_call_that_does_not_come_back_is_seen_to_last():
    witness = look_every(stalls.LOOK_S, 6, crumb())
    assert witness.lasted_s == pytest.approx(6 * stalls.LOOK_S)


def test_another_call_begins_anew():
    witness = look_every(stalls.LOOK_S, 6, crumb())
    now = witness.looked_at_s + stalls.LOOK_S
    later = stalls.look(witness, crumb(began_s=now - 0.05, number=2), now)
    assert later.lasted_s == pytest.approx(0.05)
    assert stalls.look(later, None, now + 1).lasted_s == 0


def test_a_box_that_stood_still_makes_no_call_hang():
    call = crumb(began_s=100.0)
    witness = stalls.look(Witness(looked_at_s=99.9), call, 100.1)
    # An hour later, for the clock: neither side has run meanwhile.
    witness = stalls.look(witness, call, 3700.0)
    assert witness.lasted_s < 1.0


@given(st.lists(st.floats(0.001, 5.0), min_size=1, max_size=30))
def test_what_is_seen_is_never_more_than_has_passed(steps):
    call, now = crumb(began_s=50.0), 50.0
    witness = Witness(looked_at_s=50.0)
    for step in steps:
        now += step
        before = witness.lasted_s
        witness = stalls.look(witness, call, now)
        assert before <= witness.lasted_s <= now - call.began_s + 1e-6


@given(st.floats(0.0, 0.3))
def test_a_hang_is_named_within_two_seconds_wherever_it_begins(offset):
    """With looks at their usual pace, however they lie to the beginning of the call."""
    call, now = crumb(began_s=200.0), 200.0 - offset
    witness = Witness(looked_at_s=now - stalls.LOOK_S)
    for limit in (stalls.tell_patience(each, 1.0).name_s for each in (call, crumb(gpu=DRIVER))):
        while witness.lasted_s < limit:
            now += stalls.LOOK_S
            witness = stalls.look(witness, call if now >= call.began_s else None, now)
        assert now - call.began_s <= 2.0


def test_waking_a_gpu_may_take_longer_than_reading_it():
    waking = stalls.tell_patience(crumb(OPEN_CALL), 1.0)
    assert waking.name_s == 1.0
    assert waking.kill_s > stalls.tell_patience(crumb(), 1.0).kill_s
    assert stalls.tell_patience(crumb(OPEN_CALL), 1.0, is_awaited=False).kill_s > waking.kill_s


# How long something is left alone


def test_each_time_it_is_left_alone_for_longer():
    held, now = quarantine.EMPTY, 0.0
    for times, wait_s in enumerate((30, 60, 120, 300, 600, 600, 600), 1):
        held = quarantine.confine(held, confinement(since_s=1000 + times), now)
        entry = held[1, ""]
        assert (entry.times, entry.retry_at_s - now, entry.since_s) == (times, wait_s, 1001)
        assert quarantine.find_due(held, now + wait_s - 0.1) is None
        now += wait_s
        assert quarantine.find_due(held, now) == entry


def test_what_fails_again_soon_after_it_was_freed_goes_on_where_it_was():
    held = quarantine.confine(quarantine.EMPTY, confinement(since_s=1.0), 0.0)
    held = quarantine.free(held, (1, ""), 40.0)
    assert quarantine.list_parts(held) == ()
    assert quarantine.find_due(held, 1e9) is None
    soon = quarantine.confine(held, confinement(since_s=2.0), 100.0)[1, ""]
    assert (soon.times, soon.since_s) == (2, 2.0)
    late = quarantine.confine(held, confinement(since_s=3.0), 40.0 + quarantine.MEMORY_S)[1, ""]
    assert (late.times, late.since_s) == (1, 3.0)
    assert quarantine.forget(held, 41.0) == held
    assert quarantine.forget(held, 40.0 + quarantine.MEMORY_S) == {}


def test_what_cannot_be_tried_waits_as_long_again():
    held = quarantine.confine(quarantine.EMPTY, confinement(), 0.0)
    later = quarantine.postpone(held, (1, ""), 30.0)[1, ""]
    assert later == replace(held[1, ""], retry_at_s=60.0)
    assert quarantine.postpone(held, (2, ""), 30.0) == held


parts = st.sampled_from([(0, ""), (1, ""), (1, "nvmlDeviceGetProcessUtilization"), (DRIVER, "")])
events = st.lists(
    st.tuples(st.sampled_from(["confine", "free", "postpone", "forget"]), parts, st.floats(0, 900)),
    max_size=40,
)


@given(events)
def test_whatever_happens_what_is_confined_is_tried_some_day_and_nothing_else_is(story):
    held, now = quarantine.EMPTY, 0.0
    confined = set()
    for event, part, passed_s in story:
        now += passed_s
        if event == "confine":
            held = quarantine.confine(held, confinement(part), now)
            confined.add(part)
        elif event == "free":
            held = quarantine.free(held, part, now)
            confined.discard(part)
        elif event == "postpone":
            held = quarantine.postpone(held, part, now)
        else:
            held = quarantine.forget(held, now)
        assert set(quarantine.list_parts(held)) == confined
        due = quarantine.find_due(held, now)
        assert due is None or (due.part in confined and due.retry_at_s <= now)
        last = quarantine.find_due(held, now + quarantine.RETRY_S[-1])
        assert (last is not None) == bool(confined)


# How soon another process is started


def test_restarts_come_slower_and_slower_and_quickly_again_after_a_good_while():
    failures, delays = 0, []
    for _ in range(6):
        failures = restarts.count_failures(failures, 0.0)
        delays.append(restarts.tell_delay_s(failures))
    assert delays == [0, 1, 5, 30, 30, 30]
    assert restarts.tell_delay_s(restarts.count_failures(failures, restarts.STEADY_S)) == 0


# What is read when


def test_lanes_of_an_ordinary_second():
    plan = LanePlan()
    lanes = [plan.take(float(tick), 1.0) for tick in range(11)]
    assert [each.processes for each in lanes] == [tick % 2 == 0 for tick in range(11)]
    assert [each.slow for each in lanes] == [tick in {0, 10} for tick in range(11)]


def test_each_gpu_has_its_turn_once_in_ten_seconds_and_never_two_at_once():
    plan = TurnPlan()
    turns = [plan.take((0, 1, 2), float(tick)) for tick in range(14)]
    assert turns == [0, 1, 2, *[None] * 7, 0, 1, 2, None]


def test_every_field_that_is_asked_is_a_fact_or_live():
    assert set(ALL_FIELDS) == FACT_FIELDS | LIVE_FIELDS


@given(st.integers(0, 2**64 - 1))
def test_every_reason_to_slow_down_has_a_word(bits):
    words = name_reasons(bits)
    assert len(words) == bits.bit_count()
    assert len(set(words)) == len(words)
