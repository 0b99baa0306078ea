"""Laws of sums over traces: parts make the whole, gaps and unknowns count as nothing."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.gpu import BoxReading, GpuReading, Sample
from envbench.model.gpu_process import GpuProcess
from envbench.model.gpu_trace import GpuUse
from envbench.model.gpu_trace_summary import TraceSum

START_S = 1_000_000.0
PERIOD_S = 1.0


def whole_numbers(low: int, high: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(low, high)


@st.composite
def traces(draw: st.DrawFn, *, counter: bool, gaps: bool = True) -> list[Sample]:
    """Samples of one GPU; a counter is in all of them, or in none."""
    longest = 60.0 if gaps else 2.0
    steps = draw(st.lists(st.floats(0.1, longest), min_size=2, max_size=20))
    at_s, energy_j, samples = START_S, float(draw(st.integers(0, 10**9))), []
    for number, step in enumerate(steps):
        at_s += step
        energy_j += draw(st.floats(1.0, 1000.0))
        gpu = GpuReading(
            index=0,
            utilization_percent=draw(whole_numbers(0, 100)),
            memory_used_bytes=draw(whole_numbers(0, 10**11)),
            temperature_c=draw(whole_numbers(20, 100)),
            power_w=draw(st.none() | st.floats(0.0, 700.0)),
            energy_j=energy_j if counter else None,
            read_s=at_s,
        )
        samples.append(Sample(number=number, at_s=at_s, period_s=PERIOD_S, gpus=(gpu,)))
    return samples


def add_up(samples: list[Sample], own: frozenset[int] = frozenset()) -> TraceSum:
    total = TraceSum(START_S)
    for sample in samples:
        total.add(sample, own)
    return total


def use_of(samples: list[Sample], own: frozenset[int] = frozenset()) -> GpuUse:
    return add_up(samples, own).summarize().gpus[0]


def areas(samples: list[Sample]) -> tuple[float, float, float, float]:
    total = add_up(samples)._gpus[0]
    return (
        total.utilization.area,
        total.utilization.weight_s,
        total.power.area,
        total.energy.total_j or 0.0,
    )


@given(st.data(), st.booleans())
def test_two_parts_of_a_trace_make_the_whole(data: st.DataObject, counter: bool):
    samples = data.draw(traces(counter=counter))
    cut = data.draw(st.integers(0, len(samples) - 1))
    whole = areas(samples)
    parts = zip(areas(samples[: cut + 1]), areas(samples[cut:]), strict=True)
    assert [sum(pair) for pair in parts] == pytest.approx(list(whole), rel=1e-6, abs=1e-3)


@given(traces(counter=False))
def test_means_lie_between_what_was_read(samples: list[Sample]):
    read = [gpu.utilization_percent for sample in samples for gpu in sample.gpus]
    known = [each for each in read if each is not None]
    use = use_of(samples)
    if not known:
        assert use.utilization_mean_percent is None
        assert use.utilization_peak_percent is None
    else:
        assert min(known) - 1e-6 <= use.utilization_mean_percent <= max(known) + 1e-6
        assert use.utilization_peak_percent == max(known)


@given(traces(counter=False, gaps=False), st.integers(1, 100), st.data())
def test_unknown_readings_do_not_pull_a_constant_one_down(
    samples: list[Sample], level: int, data: st.DataObject
):
    holes = data.draw(st.sets(st.integers(0, len(samples) - 1), max_size=len(samples) - 1))
    changed = [
        _with(sample, utilization_percent=None if number in holes else level, power_w=float(level))
        for number, sample in enumerate(samples)
    ]
    use = use_of(changed)
    assert use.utilization_mean_percent == pytest.approx(level)
    assert use.power_mean_w == pytest.approx(level)
    seconds = samples[-1].at_s - samples[0].at_s
    assert use.energy_j == pytest.approx(level * seconds, rel=1e-6)


@given(traces(counter=True))
def test_a_counter_has_the_last_word_whatever_the_power_was(samples: list[Sample]):
    first, last = (samples[place].gpus[0].energy_j for place in (0, -1))
    use = use_of(samples)
    assert use.energy_j == pytest.approx(last - first, abs=1e-3)
    assert use.energy_is_counted


@given(st.integers(1, 700), st.integers(1, 5), st.integers(2, 40))
def test_a_counter_that_is_read_seldom_loses_nothing(watts: int, every: int, count: int):
    """Between its readings the last one is told again; power fills what it does not cover yet."""
    samples = []
    for number in range(count):
        at_s = START_S + number
        gpu = GpuReading(
            index=0,
            power_w=float(watts),
            energy_j=float(watts * (number // every * every)),
            read_s=at_s,
        )
        samples.append(Sample(number=number, at_s=at_s, period_s=PERIOD_S, gpus=(gpu,)))
    use = use_of(samples)
    assert use.energy_j == pytest.approx(watts * (count - 1))
    assert use.energy_is_counted == (count > every)


@given(traces(counter=False), st.floats(10.0, 10_000.0))
def test_a_gap_of_any_length_changes_no_sum(samples: list[Sample], gap_s: float):
    later = [
        replace(
            _with(sample, read_s=sample.at_s + 100.0 + gap_s),
            at_s=sample.at_s + 100.0 + gap_s,
        )
        for sample in samples
    ]
    here, there = areas(samples), areas([*samples, *_shift(later, samples)])
    assert [2 * area for area in here] == pytest.approx(list(there), rel=1e-6, abs=1e-3)


@given(traces(counter=False), st.floats(100.0, 10_000.0), st.data())
def test_a_clock_that_is_set_back_costs_the_step_and_nothing_after_it(
    samples: list[Sample], back_s: float, data: st.DataObject
):
    cut = data.draw(st.integers(1, len(samples) - 1))
    before, after = samples[:cut], samples[cut:]
    moved = [
        replace(_with(sample, read_s=sample.at_s - back_s), at_s=sample.at_s - back_s)
        for sample in after
    ]
    parts = zip(areas(before), areas(after), strict=True)
    told = areas([*before, *moved])
    assert list(told) == pytest.approx([sum(pair) for pair in parts], rel=1e-6, abs=1e-3)
    assert use_of([*before, *moved]).samples == len(samples)


@given(traces(counter=True), st.permutations(range(3)))
def test_the_order_of_gpus_in_a_sample_means_nothing(samples: list[Sample], order: list[int]):
    def multiply(places: list[int]) -> list[Sample]:
        return [
            replace(s, gpus=tuple(replace(s.gpus[0], index=place) for place in places))
            for s in samples
        ]

    assert add_up(multiply(order)).summarize() == add_up(multiply([0, 1, 2])).summarize()


@given(traces(counter=False))
def test_nothing_is_said_of_what_no_sample_told(samples: list[Sample]):
    silent = [
        _with(
            sample,
            utilization_percent=None,
            memory_used_bytes=None,
            temperature_c=None,
            power_w=None,
        )
        for sample in samples
    ]
    use = use_of(silent)
    told = (use.utilization_mean_percent, use.memory_peak_bytes, use.power_mean_w, use.energy_j)
    assert told == (None, None, None, None)
    assert use.temperature_peak_c is None


@given(st.lists(whole_numbers(0, 10**10), min_size=1, max_size=5), st.integers(1, 10**10))
def test_memory_of_strangers_is_not_ones_own(own: list[int | None], foreign: int):
    processes = [
        GpuProcess(gpu=0, pid=10 + number, memory_used_bytes=size)
        for number, size in enumerate(own)
    ]
    processes.append(GpuProcess(gpu=0, pid=5, memory_used_bytes=foreign))
    processes.append(GpuProcess(gpu=0, pid=10, memory_used_bytes=foreign, is_here=False))
    sample = Sample(
        number=0,
        at_s=START_S,
        period_s=PERIOD_S,
        gpus=(GpuReading(index=0),),
        processes=tuple(processes),
        box=BoxReading(memory_total_bytes=100, memory_available_bytes=40),
    )
    pids = frozenset(range(10, 10 + len(own)))
    use = use_of([sample], pids)
    assert use.was_used
    known = [size for size in own if size is not None]
    assert use.own_memory_peak_bytes == (sum(known) if len(known) == len(own) else None)
    assert not use_of([sample]).was_used
    assert math.isclose(add_up([sample]).summarize().memory_peak_bytes or 0, 60)


def _with(sample: Sample, **changes: object) -> Sample:
    return replace(sample, gpus=(replace(sample.gpus[0], **changes),))


def _shift(later: list[Sample], earlier: list[Sample]) -> list[Sample]:
    """Move samples behind others, with a gap between them."""
    by_s = earlier[-1].at_s - earlier[0].at_s
    return [
        replace(_with(sample, read_s=sample.at_s + by_s), at_s=sample.at_s + by_s)
        for sample in later
    ]
