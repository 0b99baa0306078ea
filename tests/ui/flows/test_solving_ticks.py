"""Seconds are counted while something runs, and only then."""

import asyncio
import time

from envbench.ui.flows.ticking import NAME, keep_ticking
from envbench.ui.state import Fact, ScreenState
from tests.ui.recording_bench import RecordingBench


async def test_nothing_ticks_while_nothing_runs():
    bench = RecordingBench(ScreenState(directory="/x"))

    keep_ticking(bench)

    assert not bench.work


async def test_it_counts_once_a_second_however_often_it_is_begun_and_then_ends():
    bench = RecordingBench(ScreenState(directory="/x", solve=Fact(working="solving")))
    ends = time.monotonic() + 2.2
    while time.monotonic() < ends:
        keep_ticking(bench)
        await asyncio.sleep(0.1)
    assert bench.state.tick in {2, 3}

    bench.change(solve=Fact())
    await asyncio.wait([bench.work[NAME]], timeout=5)

    assert bench.work[NAME].done()
    assert bench.state.tick in {3, 4}
