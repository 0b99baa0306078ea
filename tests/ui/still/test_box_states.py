# ruff: noqa: RUF001 - the marks are those of the screen
"""GPUs and this box, settings, the command log and the walk in each of their states."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envbench.ui.state import BOX, GPUS, HISTORY, SETTINGS, SIDE_GPUS, Fact, ScreenState, Told
from tests.ui.panels import gpu_samples
from tests.ui.still import sample_box as boxes
from tests.ui.still.cases import EACH_LOOK, LOOKS, case, check_all, read_pane, set_look
from tests.ui.still.sample_states import BOX as BOX_STATE
from tests.ui.still.sample_states import (
    CONFIGURED,
    DONE_THINGS,
    EMPTY,
    GPU_DETAIL,
    GPU_PLOTS,
    PLANNED,
    QUIET,
    WALKING,
    at,
)
from tests.ui.still.still_app import hold_still

LOOKING: Fact[Any] = Fact(working="looking at this box")
FAULT = "the processes behind the screen ended"


def beside(box: Fact[Any] = QUIET.box, **parts: Any) -> ScreenState:
    return replace(QUIET, box=box, **parts)


def place(gpus: Fact[Any], **parts: Any) -> ScreenState:
    return at(GPUS, gpus=gpus, **parts)


NO_DRIVER, UPGRADED = Fact(boxes.NO_DRIVER), Fact(boxes.UPGRADED)
OLD = Fact(boxes.GPUS, fault=FAULT)
NONE, OLDER = Fact(gpu_samples.NO_DRIVER), Fact(gpu_samples.MISMATCH)
READING: Fact[Any] = Fact(working="reading the GPUs")
HUNG = Fact(gpu_samples.sample(gpu_samples.reading(0), gpu_samples.HUNG))
GPU_CASES = (
    case("not read", EMPTY, SIDE_GPUS, "GPUs -"),
    case("reading", beside(gpus=READING), SIDE_GPUS, "reading the GPUs"),
    case("failed", beside(gpus=Fact(fault=FAULT)), SIDE_GPUS, f"× {FAULT}"),
    case("no driver", beside(gpus=NONE), SIDE_GPUS, "no NVIDIA driver found; CPU, RAM and disk below"),
    case("upgraded", beside(gpus=OLDER), SIDE_GPUS, "× the driver was upgraded, the kernel module is",
         "reboot, or reload the module"),
    case("eight", QUIET, SIDE_GPUS, "GPUs 8, 1 NOT OK", "0 97% ████ 61/80 71 ai_dev…", "3 0% 0/80 36 free",
         "7 LOST GPU is lost: it fell of…", "5 38% ██ 78/80 66 full"),
    case("starting, in the centre", place(Fact(gpu_samples.STARTING)), GPUS, "reading the GPUs", lacks="×"),
    case("failed, in the centre", place(Fact(fault=FAULT, hint="it is tried again")), GPUS, f"× {FAULT}",
         "it is tried again"),
    case("no driver, in the centre", place(NONE), GPUS, "GPUs gpu-box-3 none",
         "no NVIDIA driver found", "envbench host > box.toml", "envbench solve SPEC --host box.toml"),
    case("upgraded, in the centre", place(OLDER), GPUS, "not read", "kernel module 550.54.15"),
    case("eight, in the centre", BOX_STATE, GPUS, "8, 1 NOT OK", "0 A100-SXM4-80GB 97% ████████ 61/80 371/400",
         "no util on MIG", "└ 2:1 3g.20gb", "7 LOST GPU is lost: it fell off the bus, for 4 s; 7 others go on",
         "0,1 81233 ada ai_dev_env g3 ▲ g4 changed stale 121", "~vllm (guess)", "outside container",
         "0,1: python train.py --model resnet50", "CUDA_VISIBLE_DEVICES=0,1"),
    case("hung, in the centre", place(HUNG), GPUS, "7 HUNG no answer for 4 s (nvmlDeviceGetPowerUsage); the other one goes on"),
    case("hung, above all", place(HUNG), "header", "GPU 7 HUNG"),
    case("old, in the centre", place(Fact(gpu_samples.EIGHT, fault="no readings for 6 s")), GPUS,
         "▲ old: no readings for 6 s", "0 A100"),
    case("one in full", GPU_DETAIL, GPUS, "GPU 2 A100-SXM4-80GB no util on MIG", "not while MIG is on",
         "MIG-00000001-1111", "fan - not supported by this card"),
    case("the last hour", GPU_PLOTS, GPUS, "utilisation now", "60 min ago", "blank: not read"),
)  # fmt: skip
BOX_CASES = (
    case("not looked", EMPTY, BOX, "Host -"),
    case("looking", beside(LOOKING), BOX, "looking at this box"),
    case("failed", beside(Fact(fault=FAULT)), BOX, f"× {FAULT}"),
    case("old", beside(OLD), BOX, "Host gpu-box-3 old", f"× {FAULT}", "64 cores"),
    case("with GPUs", QUIET, BOX, "Host gpu-box-3", "64 cores cpu 10%", "load 9", "ram 70 of 503 GB",
         "310 GB free NFS", "driver 550.54.15 CUDA 12.4", "● supervisor ok: jobs outlive SSH"),
    case("without a driver", beside(NO_DRIVER), BOX, "driver none"),
    case("driver not known", beside(UPGRADED), BOX, "driver not known"),
    case("disk full", beside(Fact(boxes.FULL)), BOX, "▲ 1.0 GB free"),
    case("jobs end at the logout", beside(Fact(boxes.MORTAL)), BOX, "▲ systemd ends jobs at the logout"),
    case("fits", replace(QUIET, solve=PLANNED.solve), BOX, "● plan gets 1.90 GB: fits here"),
    case("does not fit", replace(beside(Fact(boxes.FULL)), solve=PLANNED.solve), BOX,
         "× plan gets 1.90 GB: does not fit"),
)  # fmt: skip
OTHERS = (
    case("reading", at(SETTINGS, settings=Fact(working="reading the settings")), SETTINGS,
         "reading the settings"),
    case("failed", at(SETTINGS, settings=Fact(fault=FAULT)), SETTINGS, f"× {FAULT}"),
    case("settings", CONFIGURED, SETTINGS, "2 wrong", "▲ /home/ada/.config/envbench/config.toml:4",
         "× /home/ada/.condarc:2: is no YAML", "ENVBENCH_LINK", "▲ 3",
         "▲ is no whole number from 1 to 100; the default counts"),
    case("old", replace(CONFIGURED, settings=Fact(boxes.SETTINGS, fault=FAULT)), SETTINGS, "old",
         f"× {FAULT}", "theme"),
    case("nothing done", at(HISTORY), HISTORY, "Nothing was done yet.", "Each solve, build, probe"),
    case("done", DONE_THINGS, HISTORY, "Commands 2", "12:04:11 envbench build ai_dev_env.yml --detach",
         "213 packages"),
    case("walk", WALKING, "walk", "Walk 2/11", ". skip W end"),
    case("said", replace(QUIET, told=(Told("saved", "ok"),)), "status", "● saved"),
    case("warned", replace(QUIET, told=(Told("off", "warning"),)), "status", "▲ off"),
    case("went wrong", replace(QUIET, told=(Told("no", "error"),)), "status", "× no"),
)  # fmt: skip


@pytest.mark.parametrize("look", EACH_LOOK)
async def test_panes_say_their_state_in_every_look(
    look: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    await check_all((*GPU_CASES, *BOX_CASES, *OTHERS), look, monkeypatch, tmp_path)


async def test_without_a_driver_the_pane_is_two_lines(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    set_look(monkeypatch, tmp_path, LOOKS[0])
    async with hold_still() as still:
        pane = still.app.screen.query_one(f"#{SIDE_GPUS}")
        await still.show(QUIET)
        assert pane.size.height > 8
        await still.show(beside(gpus=NONE))
        assert pane.size.height == 2
        said = read_pane(still, f"#{SIDE_GPUS}")
        assert said == "GPUs no NVIDIA driver found; CPU, RAM and disk below"
