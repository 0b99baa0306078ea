"""The last hour of the GPUs: means, gaps, and laws against a plain list."""

import math
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.gpu import GpuReading, GpuState, Sample
from envbench.model.gpu_history import METRICS, GpuHistory

START = 1_700_000_000.0


def sample(at_s: float, *gpus: GpuReading, period_s: float = 1.0) -> Sample:
    return Sample(number=0, at_s=at_s, period_s=period_s, gpus=gpus)


def gpu(percent: int | None, *, index: int = 0, uuid: str | None = "GPU-a", **values: object):
    return GpuReading(index=index, uuid=uuid, utilization_percent=percent, **values)


def filled(values: dict[float, int | None], *, period_s: float = 1.0) -> GpuHistory:
    history = GpuHistory()
    for after_s, value in values.items():
        history.add(sample(START + after_s, gpu(value), period_s=period_s))
    return history


def cut(history: GpuHistory, points: int, span_s: float, after_s: float, key: str = "GPU-a"):
    return history.series(key, "utilization", points, span_s, START + after_s)


def test_one_value_a_second():
    history = filled({n: n for n in range(10)})
    assert cut(history, 10, 10, 10) == tuple(range(10))
    assert cut(history, 5, 10, 10) == (0.5, 2.5, 4.5, 6.5, 8.5)
    assert cut(history, 2, 20, 10) == (None, 4.5)
    assert cut(history, 3, 3, 12) == (9, None, None)


def test_all_metrics():
    history = GpuHistory()
    history.add(sample(START, gpu(7, memory_used_bytes=8, power_w=9.5, temperature_c=10)))
    found = [history.series("GPU-a", metric, 1, 1, START + 1) for metric in METRICS]
    assert found == [(7,), (8,), (9.5,), (10,)]


def test_found_by_uuid_and_by_index_though_the_order_changes():
    history = GpuHistory()
    history.add(sample(START, gpu(1, index=0, uuid="GPU-a"), gpu(2, index=1, uuid="GPU-b")))
    history.add(sample(START + 1, gpu(3, index=0, uuid="GPU-b"), gpu(4, index=1, uuid=None)))
    assert cut(history, 2, 2, 2, "GPU-a") == (1, None)
    assert cut(history, 2, 2, 2, "GPU-b") == cut(history, 2, 2, 2, "0") == (2, 3)
    assert cut(history, 2, 2, 2, "1") == (None, 4)
    assert cut(history, 2, 2, 2, "GPU-never") == (None, None)


def test_a_gap_stays_a_gap_and_is_never_zero():
    history = filled({0: 50, 1: None, 2: 50, 3: 50, 7: 50})
    assert cut(history, 8, 8, 8) == (50, None, 50, 50, None, None, None, 50)


def test_a_slow_sampler_makes_no_gaps_but_a_missing_tick_does():
    history = filled({0: 10, 5: 20, 10: 30, 20: 40}, period_s=5.0)
    assert cut(history, 11, 11, 11) == (10, *[20] * 5, *[30] * 5)
    assert cut(history, 10, 10, 21) == (*[None] * 9, 40)


def test_ticks_that_come_a_little_late_make_no_gap():
    history = filled({0.1: 1, 1.0: 2, 2.02: 3, 3.99: 4, 5.01: 5})
    assert cut(history, 6, 6, 6) == (1, 2, 3, 4, 5, 5)
    late = filled({0.99: 1, 2.01: 2})
    assert cut(late, 3, 3, 3) == (1, 2, 2)


def test_a_stale_reading_is_not_repeated():
    history = GpuHistory()
    stale = gpu(80, read_s=START)
    for n in range(5):
        history.add(sample(START + n, stale))
    assert cut(history, 5, 5, 5) == (80, None, None, None, None)


def test_a_gpu_that_does_not_answer():
    history = GpuHistory()
    history.add(sample(START, gpu(5)))
    history.add(sample(START + 1, gpu(None, state=GpuState.HUNG)))
    history.add(sample(START + 2))
    history.add(sample(START + 3, gpu(7)))
    assert cut(history, 4, 4, 4) == (5, None, None, 7)


def test_an_hour_in_means_of_ten_seconds_before_the_last_ten_minutes():
    history = filled({n: n % 10 for n in range(4000)})
    assert cut(history, 60, 3600, 4000) == (4.5,) * 60
    assert cut(history, 10, 10, 4000) == tuple(range(10))
    assert cut(history, 10, 10, 3000) == (4.5,) * 10
    assert cut(history, 1, 380, 380) == (None,)


def test_times_of_days_ago_give_nothing_and_cost_nothing():
    history = filled({0: 1})
    history.add(sample(START + 1e9, gpu(9)))
    assert cut(history, 2, 2, 2) == (None, None)
    assert cut(history, 1, 1, 1e9 + 1) == (9,)


def test_a_clock_that_is_set_back_begins_anew():
    history = filled({0: 1, 1: 2, 2: 3})
    history.add(sample(START - 3600, gpu(9)))
    history.add(sample(START - 3599, gpu(8)))
    assert cut(history, 2, 2, -3598) == (9, 8)
    assert cut(history, 3, 3, 3) == (None, None, None)


def test_memory_does_not_grow():
    history = GpuHistory()
    for n in range(300):
        history.add(sample(START + n * 100, gpu(1, uuid=f"GPU-{n}")))
    assert len(history._tracks) <= 37
    for n in range(3000):
        history.add(sample(START + 30_000 + n * 3, gpu(1)))
    sizes = {len(r._sums) for track in history._tracks.values() for pair in track.rings for r in pair}  # fmt: skip
    assert sizes == {601, 361}


def test_unknown_metrics_are_a_fault_of_the_caller():
    with pytest.raises(ValueError, match="not in tuple"):
        filled({0: 1}).series("GPU-a", "fan", 1, 1, START)


steps = st.lists(
    st.tuples(st.floats(0.01, 40), st.one_of(st.none(), st.integers(0, 100))), max_size=60
)


def spread(moves) -> dict[float, int | None]:
    after_s, values = 0.0, {}
    for step, value in moves:
        after_s += step
        values[after_s] = value
    return values


@given(steps, st.integers(1, 90), st.floats(0.5, 5000), st.floats(-10, 3000))
def test_every_point_lies_between_what_was_read(moves, points, span_s, after_s):
    values = spread(moves)
    known = [value for value in values.values() if value is not None]
    found = cut(filled(values), points, span_s, after_s)
    assert len(found) == points
    for point in found:
        if point is not None:
            assert min(known) - 1e-9 <= point <= max(known) + 1e-9


@given(steps, st.integers(1, 120))
def test_whole_seconds_are_the_means_of_a_plain_list(moves, points):
    values = spread(moves)
    # A period of nothing lets no value stand for the time before it.
    history = filled(values, period_s=0.0)
    end = math.floor(max(values, default=0.0)) + 1
    found = cut(history, points, points, end)
    for number, point in enumerate(found):
        begin = end - points + number
        inside = [
            value
            for after_s, value in values.items()
            if value is not None and math.floor(START + after_s) == START + begin
        ]
        assert point == (pytest.approx(fmean(inside)) if inside else None)


@given(steps, st.integers(1, 60))
def test_longer_pieces_are_known_where_a_part_of_them_is(moves, seconds):
    history = filled(spread(moves))
    fine = cut(history, seconds * 4, seconds * 4, 300)
    wide = cut(history, seconds, seconds * 4, 300)
    for number, point in enumerate(wide):
        parts = fine[number * 4 : number * 4 + 4]
        assert (point is None) == all(part is None for part in parts)
