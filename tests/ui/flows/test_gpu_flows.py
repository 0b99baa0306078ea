"""Following the GPUs, and what is done with them and to the processes on them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from envbench.model.errors import PreventedError
from envbench.model.gpu import Sample
from envbench.ui.commands.catalogue import by_id
from envbench.ui.flows import gpu_acts, gpus
from envbench.ui.gpu_face import GROUPINGS, ORDERS, GpuFace
from envbench.ui.state import ENVIRONMENTS, GPUS, LOCK, PLAN, PROBES, SPEC, Fact, ScreenState
from envbench.ui.terminal.link_rule import LinkState
from envbench.workbench.values.environment_rows import EnvironmentRow
from tests.ui.panels import gpu_samples as samples
from tests.ui.panels.gpu_samples import EIGHT, LAB, NOW, OWNERS, reading, sample
from tests.ui.recording_bench import RecordingBench

LAB_ROW = EnvironmentRow(
    key="/home/ada/envs/ai_dev_env", name="ai_dev_env", kind="envbench",
    path="/home/ada/envs/ai_dev_env", live_generation=4, generations=2,
)  # fmt: skip
VLLM_ROW = EnvironmentRow(key="/opt/envs/vllm", name="vllm", kind="conda", path="/opt/envs/vllm",
                          read_only="made by conda")  # fmt: skip


class Watch:
    """Gives prepared samples; an exception among them is raised."""

    def __init__(self, *given: Sample | Exception) -> None:
        self.given = list(given)
        self.periods: list[float] = []
        self.rest = asyncio.Event()

    async def follow(self) -> AsyncIterator[Sample]:
        while self.given:
            each = self.given.pop(0)
            if isinstance(each, Exception):
                raise each
            yield each
        await self.rest.wait()

    def set_period(self, period_s: float) -> None:
        self.periods.append(period_s)


class Desk:
    """Knows two environments."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    async def identify_environments(self, prefixes: Any) -> Any:
        self.asked.append(prefixes)
        return tuple(OWNERS[prefix] for prefix in prefixes if prefix in OWNERS)

    async def signal_process(self, pid: int, started_s: float, name: str) -> None:
        self.asked.append((pid, started_s, name))

    async def submit_probe(self, name: str, probes: Any, *, gpu: str = "") -> Any:
        self.asked.append((name, probes, gpu))
        return type("Job", (), {"id": "j1", "warnings": ()})()


def bench_with(watch: Watch | None = None, **state: Any) -> RecordingBench:
    given: dict[str, Any] = {"directory": "/p", "place": GPUS, "focus": GPUS, "gpus": Fact(EIGHT),
                             "gpu_owners": OWNERS, "environments": Fact((LAB_ROW, VLLM_ROW))}  # fmt: skip
    bench = RecordingBench(ScreenState(**{**given, **state}), desk=Desk())
    bench.gpu_watch = watch or Watch()  # type: ignore[attr-defined]
    return bench


async def until(condition: Any) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it does not come")


def under(key: str) -> dict[str, str]:
    return {GPUS: key}


# -- Following --


async def test_samples_are_shown_with_their_environments_and_trends():
    bench = bench_with(
        Watch(replace(EIGHT, number=1), replace(EIGHT, number=2)), gpus=Fact(), gpu_owners={}
    )
    bench.begin("gpus", gpus.follow(bench))
    await until(lambda: bench.state.gpus.value is not None and bench.state.gpus.value.number == 2)
    await until(lambda: bench.state.gpu_owners)
    assert bench.states[0].gpus.working == "reading the GPUs"
    assert bench.state.gpu_owners[LAB].name == "ai_dev_env"
    assert bench.desk.asked == [(LAB, "/opt/envs/vllm")], "the second sample asks nothing anew"
    assert bench.state.gpu_trends.short[0][-1] == 97
    assert bench.state.gpu_trends.short[7] == (None,) * 20, "a lost GPU has a gap"
    await bench.end()


async def test_a_watch_that_fails_is_told_and_tried_again(monkeypatch):
    monkeypatch.setattr(gpus, "RETRY_S", (0.0,))
    watch = Watch(EIGHT, PreventedError("no child can be started"), replace(EIGHT, number=9))
    bench = bench_with(watch, gpus=Fact())
    bench.begin("gpus", gpus.follow(bench))
    await until(lambda: bench.state.gpus.value is not None and bench.state.gpus.value.number == 9)
    faults = [state.gpus.fault for state in bench.states]
    assert "no child can be started" in faults
    assert bench.state.gpus.fault == "", "a new sample ends the complaint"
    await bench.end()


async def test_any_fault_of_the_watch_leaves_the_screen_alone(monkeypatch):
    monkeypatch.setattr(gpus, "RETRY_S", (60.0,))
    bench = bench_with(Watch(ValueError("[/oops]")), gpus=Fact())
    bench.begin("gpus", gpus.follow(bench))
    await until(lambda: bench.state.gpus.fault)
    assert "ValueError: [/oops]" in bench.state.gpus.fault
    await bench.end()


async def test_silence_is_told_while_it_lasts(monkeypatch):
    monkeypatch.setattr(gpus, "SILENCE_TICKS", 0.02)
    bench = bench_with(Watch(EIGHT), gpus=Fact())
    bench.begin("gpus", gpus.follow(bench))
    await until(lambda: "no readings for" in bench.state.gpus.fault)
    assert bench.state.gpus.value is not None, "what was read stays in sight"
    await bench.end()


FAST, SLOW = LinkState(9.0, "fast", "", 0.25, 1.0), LinkState(900.0, "slow", "", 2.0, 5.0)


@pytest.mark.parametrize(
    ("place", "link", "zoomed", "shown", "period"),
    [
        (GPUS, None, False, EIGHT, 1.0),
        (GPUS, FAST, False, EIGHT, 1.0),
        (GPUS, SLOW, False, EIGHT, 5.0),
        (SPEC, FAST, False, EIGHT, 2.0),
        (PLAN, FAST, True, EIGHT, 5.0),
        (GPUS, FAST, True, EIGHT, 1.0),
        (GPUS, FAST, False, samples.NO_DRIVER, 30.0),
        (GPUS, FAST, False, samples.STARTING, 1.0),
        (GPUS, FAST, False, None, 1.0),
    ],
)
def test_the_pace_suits_who_looks(place, link, zoomed, shown, period):
    state = ScreenState(directory="/p", place=place, link=link, zoomed=zoomed, gpus=Fact(shown))
    assert gpus.choose_period(state) == period


def test_going_to_the_place_quickens_the_readings_at_once():
    watch = Watch()
    bench = bench_with(watch, place=SPEC)
    gpus.attend(bench)
    bench.change(place=GPUS)
    gpus.attend(bench)
    assert watch.periods == [2.0, 1.0]


def test_going_bad_and_coming_back_is_told_once():
    well = sample(*(reading(n) for n in range(8)))
    said = gpus.tell_changes(well, EIGHT)
    assert said == [
        ("GPU 7 LOST: GPU is lost: it fell off the bus, for 4 s; 7 others go on", "error")
    ]
    assert gpus.tell_changes(EIGHT, EIGHT) == []
    assert gpus.tell_changes(EIGHT, well) == [("GPU 7 answers again", "ok")]


def test_figures_of_the_box_that_hardly_changed_stay():
    quiet = replace(EIGHT, box=replace(samples.BOX, cpu_percent=15.0, load_1=9.9, memory_available_bytes=431 * 10**9))  # fmt: skip
    assert gpus.calm(EIGHT, quiet).box == samples.BOX
    busy = replace(EIGHT, box=replace(samples.BOX, cpu_percent=55.0))
    assert gpus.calm(EIGHT, busy).box.cpu_percent == 55.0
    assert gpus.calm(None, quiet) is quiet


# -- What is shown --


def test_one_gpu_in_full_and_back_to_the_row_it_was_come_from():
    bench = bench_with(selected=under("mig:2:1"))
    asyncio.run(by_id("open-gpu-row").run(bench))
    assert bench.state.gpu_face.detail == 2
    asyncio.run(by_id("show-gpu-history").run(bench))
    assert bench.state.gpu_face.plots
    asyncio.run(by_id("back").run(bench))
    assert bench.state.gpu_face.is_list
    assert bench.state.selected[GPUS] == "mig:2:1"
    asyncio.run(by_id("back").run(bench))
    assert bench.state.place == SPEC


def test_history_of_the_gpu_that_a_process_is_on():
    bench = bench_with(selected=under("outside:77"))
    asyncio.run(by_id("show-gpu-history").run(bench))
    assert bench.state.gpu_face == GpuFace(detail=5, plots=True, is_direct=True, back="outside:77")
    asyncio.run(by_id("show-gpu-history").run(bench))
    assert bench.state.gpu_face.is_list, "h goes back to where it was pressed"


def test_grouping_and_order_go_round():
    bench = bench_with()
    seen = []
    for _ in GROUPINGS:
        gpus.turn_grouping(bench)
        seen.append(bench.state.gpu_face.grouping)
    assert sorted(seen) == sorted(GROUPINGS)
    for _ in ORDERS:
        gpus.turn_order(bench)
    assert bench.state.gpu_face.order == ORDERS[0]


# -- What is done --


async def test_enter_leads_from_a_process_to_its_environment_and_from_there_to_its_lock():
    bench = bench_with(selected=under("process:81233"))
    assert by_id("open-gpu-row").refuse(bench.state) == ""
    await by_id("open-gpu-row").run(bench)
    assert (bench.state.place, bench.state.environment) == (ENVIRONMENTS, "ai_dev_env")
    assert bench.state.selected[ENVIRONMENTS] == "environment:ai_dev_env"
    # It runs an older generation than the one that the panes are about.
    assert bench.said[-1] == (
        "pid 81233 runs in ai_dev_env generation 3, and 4 is live; Enter again shows the lock of 4"
    )
    await by_id("show-environment").run(bench)
    assert bench.state.place == LOCK
    bench.go(ENVIRONMENTS)
    await by_id("show-environment").run(bench)
    assert bench.state.place == ENVIRONMENTS, "Enter means the generations again"


async def test_an_environment_of_another_tool_is_named_by_its_path():
    bench = bench_with(selected=under("process:70555"))
    await by_id("open-gpu-row").run(bench)
    assert bench.state.environment == "/opt/envs/vllm"


@pytest.mark.parametrize(
    ("key", "verb", "why"),
    [
        ("outside:77", "open-gpu-row", "it runs outside this container"),
        ("process:500", "open-gpu-row", "its environment is not known"),
        ("outside:77", "signal-process", "it runs outside this container"),
        ("process:70555", "signal-process", "it belongs to bob"),
        ("gpu:0", "signal-process", "no process is under the cursor"),
        ("gpu:7", "use-gpu", "does not tell the UUID of GPU 7"),
        ("gpu:7", "probe-on-gpu", "GPU 7 is faulty: GPU is lost"),
        ("gpu:0", "probe-on-gpu", "no environment is chosen"),
    ],
)
def test_verbs_that_are_off_say_why(key, verb, why):
    assert why in by_id(verb).refuse(bench_with(selected=under(key)).state)


def test_without_gpus_every_verb_says_the_reason_of_the_box():
    state = bench_with(gpus=Fact(samples.MISMATCH)).state
    for verb in ("open-gpu-row", "signal-process", "show-gpu-history", "pick-idle-gpu", "use-gpu",
                 "copy-gpu-row", "group-processes", "order-processes", "probe-on-gpu"):  # fmt: skip
        assert by_id(verb).refuse(state) == "the driver was upgraded, the kernel module is older"


async def test_a_signal_names_what_is_lost_and_is_not_sent_by_default():
    bench = bench_with(selected=under("process:81233"))
    verb = by_id("signal-process")
    assert verb.refuse(bench.state) == ""
    assert verb.twin(bench.state) == "kill -TERM 81233"
    await verb.run(bench)
    (title, options), (lost,) = bench.offered[0], bench.hints
    assert title == "Send a signal to pid 81233 python?"
    assert options[0] == (gpu_acts.LEAVE, "No, leave it be")
    assert [key for key, _ in options[1:]] == ["TERM", "INT", "KILL"]
    assert lost == (
        "python train.py --model resnet50",
        "On GPUs 0, 1 with 121 GiB, for 3 h. What it has not saved is lost.",
        "It runs in ai_dev_env generation 3, which stays as it is.",
    )
    bench.choices = [gpu_acts.LEAVE, "KILL"]
    await verb.run(bench)
    assert bench.desk.asked == []
    await verb.run(bench)
    assert bench.desk.asked == [(81233, NOW - 3 * 3600, "KILL")]
    assert bench.done == ["kill -KILL 81233"]


def test_an_idle_gpu_is_found_and_told():
    bench = bench_with()
    gpu_acts.pick_idle(bench)
    assert bench.state.selected[GPUS] == "gpu:3"
    assert bench.said[-1] == "GPU 3 is idle and has 80 of 80 GiB free: u copies how to use it"
    busy = bench_with(gpus=Fact(sample(reading(0, utilization_percent=80))))
    gpu_acts.pick_idle(busy)
    assert busy.said == ["No GPU is idle for certain; GPU 0 comes nearest: it is used to 80 %"]


async def test_a_probe_on_one_gpu_gets_its_uuid():
    bench = bench_with(selected=under("gpu:3"), environment="ai_dev_env")
    verb = by_id("probe-on-gpu")
    assert verb.refuse(bench.state) == ""
    assert verb.twin(bench.state) == "envbench probe ai_dev_env --gpu 3"
    await verb.run(bench)
    uuid = reading(3).uuid
    assert bench.desk.asked == [("ai_dev_env", (), uuid)]
    assert bench.state.place == PROBES
    assert bench.done == [f"envbench probe ai_dev_env --gpu {uuid}"]


def test_what_is_copied():
    for key, copied in (
        ("mig:2:1", "MIG-00000001-1111"),
        ("process:81233", "pid: 81233\nuser: ada\nGPUs: 0,1\nmemory: 121 GiB\n"),
        ("gpu:7", "GPU 7 LOST: GPU is lost"),
        ("gpu:0", "GPU 0 NVIDIA A100-SXM4-80GB\ndriver: 550.54.15, CUDA 12.4\n"),
    ):
        bench = bench_with(selected=under(key))
        gpu_acts.copy_row(bench)
        assert bench.copied[0][0].startswith(copied), key
    bench = bench_with(selected=under("mig:2:0"), environment="my env")
    gpu_acts.copy_use(bench)
    assert bench.copied[0][0] == "CUDA_VISIBLE_DEVICES=MIG-00000000-1111 envbench run 'my env' -- "
