"""The GPUs as they are read: followed while the screen is there, at a pace that suits who looks."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.gpu_choice import find_gpu, gpu_key
from envbench.ui.gpu_face import (
    BEGIN_S,
    GROUPINGS,
    LONG_POINTS,
    LONG_S,
    METRICS,
    ORDERS,
    SHORT_POINTS,
    SHORT_S,
    UTILIZATION,
    GpuTrends,
    Points,
)
from envbench.ui.state import GPUS, Fact, ScreenState

if TYPE_CHECKING:
    from envbench.model.gpu import GpuReading, Sample
    from envbench.model.gpu_history import GpuHistory
    from envbench.workbench.values.gpu_owners import KnownEnvironment

SEEN_S, BESIDE_S, UNSEEN_S, ABSENT_S = 1.0, 2.0, 5.0, 30.0
"""Seconds between two readings: in the centre, beside it, out of sight, and without any GPU."""
RETRY_S = (1.0, 5.0, 30.0)
"""After faults in a row."""
SILENCE_TICKS = 4
"""Ticks without a sample after which what is shown counts as old."""
OWNERS_EVERY_S = 30.0
"""How often it is asked again which environments the processes run in."""
FIRST_OF_DETAIL = "detail:uuid"
"""Key of the row that the cursor stands on first when one GPU is shown in full."""
CPU_STEP, LOAD_STEP, MEMORY_STEPS = 10.0, 1.5, 50
"""Changes below these are not shown: percent, processes, and the so-manieth part of the memory."""


async def follow(bench: Bench) -> None:
    """Take samples as they come, and say what changes for the worse or the better; never ends."""
    follower = _Follower(bench)
    bench.change(gpus=Fact(working="reading the GPUs"))
    failures = 0
    while True:
        try:
            samples = _with_silences(bench, bench.gpu_watch.follow())
            async with aclosing(samples):
                async for sample in samples:
                    follower.take(sample)
                    failures = 0
            fault = "the readings ended"
        except Exception as trouble:  # noqa: BLE001 - whatever the watch does, the screen goes on
            fault = _say(trouble)
        failures += 1
        bench.change(gpus=bench.state.gpus.fail(fault, "it is tried again"))
        await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S)) - 1])


def _say(trouble: Exception) -> str:
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.fault_record import record_fault
    from envbench.ui.flows.faults import say_error

    return say_error(trouble) if isinstance(trouble, EnvbenchError) else record_fault(trouble)


async def _with_silences(
    bench: Bench, samples: "AsyncGenerator[Sample, None]"
) -> "AsyncGenerator[Sample, None]":
    """Give samples; while none comes, the state says for how long."""
    while True:
        following = asyncio.ensure_future(anext(samples, None))
        began = time.monotonic()
        try:
            while not (await asyncio.wait({following}, timeout=_patience(bench.state)))[0]:
                seconds = time.monotonic() - began
                bench.change(gpus=bench.state.gpus.fail(f"no readings for {seconds:.0f} s"))
            sample = following.result()
        except BaseException:
            following.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await following
            await samples.aclose()
            raise
        if sample is None:
            return
        yield sample


def _patience(state: ScreenState) -> float:
    sample = state.gpus.value
    period = sample.period_s if sample is not None else 1.0
    return SILENCE_TICKS * max(1.0, period, choose_period(state))


def choose_period(state: ScreenState) -> float:
    """Choose how often to read: by who looks, and by how fast the link is."""
    sample = state.gpus.value
    if sample is not None and not sample.gpus and not is_starting(sample):
        return ABSENT_S
    at_least = state.link.gpu_interval_s if state.link is not None else SEEN_S
    if state.place == GPUS:
        return max(SEEN_S, at_least)
    if state.zoomed:
        return max(UNSEEN_S, at_least)
    return max(BESIDE_S, at_least)


def is_starting(sample: "Sample") -> bool:
    """Tell whether nothing was read yet."""
    return sample.absence is not None and sample.absence.code.value == "starting"


def attend(bench: Bench) -> None:
    """Read more or less often from now on: another place is shown, or the link is another."""
    if bench.state.gpus.value is not None:
        bench.gpu_watch.set_period(choose_period(bench.state))


class _Follower:
    """What is remembered from one sample to the next."""

    def __init__(self, bench: Bench) -> None:
        from envbench.model.gpu_history import GpuHistory

        self._bench = bench
        self._history: GpuHistory = GpuHistory()
        self._trends = GpuTrends()
        self._slot = -1
        self._turn = 0
        self._began_s = 0.0
        self._asked: frozenset[str] = frozenset()
        self._asked_at = 0.0

    def take(self, sample: "Sample") -> None:
        """Show a sample, and do what follows from it."""
        before = self._bench.state.gpus.value
        sample = calm(before, sample)
        self._history.add(sample)
        self._trends = self._follow_trends(sample)
        self._bench.change(gpus=Fact(sample), gpu_trends=self._trends)
        attend(self._bench)
        for text, severity in tell_changes(before, sample):
            self._bench.toast(text, severity)
        self._ask_owners(sample)

    def _follow_trends(self, sample: "Sample") -> GpuTrends:
        """Cut anew what has moved: short lines when a cell is full, plots one GPU a sample."""
        short, long = self._trends.short, self._trends.long
        self._began_s = self._began_s or sample.at_s
        span_s = BEGIN_S if sample.at_s - self._began_s < BEGIN_S else LONG_S
        if span_s != self._trends.long_s:
            long = {}
        slot = int(sample.at_s // (SHORT_S / SHORT_POINTS))
        if slot != self._slot or len(short) != len(sample.gpus):
            self._slot = slot
            short = {gpu.index: self._cut_short(gpu, sample.at_s) for gpu in sample.gpus}
        if sample.gpus:
            shown = find_gpu(sample, self._bench.state.gpu_face.detail)
            self._turn = (self._turn + 1) % len(sample.gpus)
            turn = sample.gpus if not long else (sample.gpus[self._turn],)
            due = {gpu.index: gpu for gpu in (*turn, shown) if gpu is not None}
            long = {**long, **self._cut_long(due, span_s, sample.at_s)}
        return GpuTrends(short=short, long=long, long_s=span_s)

    def _cut_short(self, gpu: "GpuReading", now_s: float) -> Points:
        return cut_series(self._history, gpu, UTILIZATION, SHORT_POINTS, SHORT_S, now_s)

    def _cut_long(
        self, due: "Mapping[int, GpuReading]", span_s: float, now_s: float
    ) -> dict[tuple[int, str], Points]:
        return {
            (index, metric): cut_series(self._history, gpu, metric, LONG_POINTS, span_s, now_s)
            for index, gpu in due.items()
            for metric in METRICS
        }

    def _ask_owners(self, sample: "Sample") -> None:
        """Ask which environments the processes run in: when there are others, and now and then."""
        prefixes = frozenset(
            each.environment.prefix for each in sample.processes if each.environment is not None
        )
        now = time.monotonic()
        is_due = now - self._asked_at > OWNERS_EVERY_S
        if prefixes and (is_due or prefixes - self._asked):
            self._asked, self._asked_at = prefixes, now
            self._bench.begin("gpu-owners", learn_owners(self._bench, tuple(sorted(prefixes))))


def cut_series(
    history: "GpuHistory",
    gpu: "GpuReading",
    metric: str,
    points: int,
    span_s: float,
    now_s: float,
) -> Points:
    """Cut a piece out of the history; its spans begin at whole multiples, so that they stay."""
    step = span_s / points
    return history.series(str(gpu.index), metric, points, span_s, (now_s // step + 1) * step)


async def learn_owners(bench: Bench, prefixes: tuple[str, ...]) -> None:
    """Learn which environments lie at some prefixes; what cannot be learnt stays unknown."""
    from envbench.model.errors import EnvbenchError

    try:
        found = await bench.desk.identify_environments(prefixes)
    except EnvbenchError:
        return
    owners: dict[str, KnownEnvironment] = {each.prefix: each for each in found}
    if owners != bench.state.gpu_owners:
        bench.change(gpu_owners=owners)


def calm(before: "Sample | None", sample: "Sample") -> "Sample":
    """Let figures of the box that hardly changed be those that are shown already."""
    if before is None:
        return sample
    old, new = before.box, sample.box
    memory = (new.memory_total_bytes or 0) / MEMORY_STEPS
    steps = {"cpu_percent": CPU_STEP, "load_1": LOAD_STEP, "memory_available_bytes": memory}
    kept = {
        name: was
        for name, step in steps.items()
        if (was := getattr(old, name)) is not None
        and (now := getattr(new, name)) is not None
        and abs(now - was) < step
    }
    return replace(sample, box=replace(new, **kept))


def tell_changes(before: "Sample | None", sample: "Sample") -> list[tuple[str, str]]:
    """Say which GPUs have gone bad and which answer again, each with its severity."""
    from envbench.ui.gpu_words import describe_fault, is_bad, name_fault

    said: list[tuple[str, str]] = []
    for gpu in sample.gpus:
        old = find_gpu(before, gpu.index) if before is not None else None
        was_bad = old is not None and is_bad(old)
        if is_bad(gpu) and not was_bad:
            words = describe_fault(gpu, sample)
            said.append((f"GPU {gpu.index} {name_fault(gpu)}: {words}", "error"))
        elif was_bad and not is_bad(gpu):
            said.append((f"GPU {gpu.index} answers again", "ok"))
    return said


# -- What is shown --


def open_detail(bench: Bench, index: int, *, plots: bool = False) -> None:
    """Show one GPU in full, or its last hour."""
    face = bench.state.gpu_face
    back = face.back if not face.is_list else bench.state.selected.get(GPUS, "")
    back = back if back.startswith(("gpu:", "mig:", "process:", "outside:")) else gpu_key(index)
    bench.change(gpu_face=replace(face, detail=index, plots=plots, is_direct=plots, back=back))
    bench.select(GPUS, FIRST_OF_DETAIL)
    if bench.state.place != GPUS:
        bench.go(GPUS)


def close_detail(bench: Bench) -> None:
    """Go back from one GPU to all of them, with the cursor where it was."""
    face = bench.state.gpu_face
    bench.change(gpu_face=replace(face, detail=-1, plots=False))
    bench.select(GPUS, face.back or gpu_key(face.detail))


def toggle_plots(bench: Bench, index: int) -> None:
    """Show the last hour of a GPU, or what was shown before it."""
    face = bench.state.gpu_face
    if face.is_list:
        open_detail(bench, index, plots=True)
    elif face.plots and face.is_direct:
        close_detail(bench)
    else:
        bench.change(gpu_face=replace(face, plots=not face.plots))


def turn_grouping(bench: Bench) -> None:
    """Put processes together in the next way."""
    face = bench.state.gpu_face
    grouping = GROUPINGS[(GROUPINGS.index(face.grouping) + 1) % len(GROUPINGS)]
    bench.change(gpu_face=replace(face, grouping=grouping))
    bench.tell(f"Processes: {grouping}")


def turn_order(bench: Bench) -> None:
    """Sort processes by the next thing."""
    face = bench.state.gpu_face
    order = ORDERS[(ORDERS.index(face.order) + 1) % len(ORDERS)]
    bench.change(gpu_face=replace(face, order=order))
    bench.tell(f"Processes sorted by {order}")
