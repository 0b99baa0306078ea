# ruff: noqa: RUF001 - the marks are those of the screen
"""GPUs and this box, settings, the command log and the walk in each of their states."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envbench.ui.state import BOX, GPUS, HISTORY, SETTINGS, SIDE_GPUS, Fact, ScreenState, Told
from tests.ui.still import sample_box as boxes
from tests.ui.still.cases import LOOKS, case, check_all, read_pane, set_look
from tests.ui.still.sample_states import CONFIGURED, DONE_THINGS, EMPTY, PLANNED, QUIET, WALKING, at
from tests.ui.still.still_app import hold_still

LOOKING: Fact[Any] = Fact(working="looking at this box")
FAULT = "the processes behind the screen ended"


def beside(fact: Fact[Any]) -> ScreenState:
    return replace(QUIET, box=fact)


def place(fact: Fact[Any]) -> ScreenState:
    return at(GPUS, box=fact)


NO_DRIVER, UPGRADED = Fact(boxes.NO_DRIVER), Fact(boxes.UPGRADED)
OLD = Fact(boxes.GPUS, fault=FAULT)
GPU_CASES = (
    case("not looked", EMPTY, SIDE_GPUS, "GPUs -"),
    case("looking", beside(LOOKING), SIDE_GPUS, "looking at this box"),
    case("failed", beside(Fact(fault=FAULT)), SIDE_GPUS, f"× {FAULT}"),
    case("no driver", beside(NO_DRIVER), SIDE_GPUS, "no NVIDIA driver found; CPU, RAM and disk below"),
    case("upgraded", beside(UPGRADED), SIDE_GPUS, "× GPUs are not known: Driver/library version mismatch",
         "a reboot loads the new one"),
    case("eight", beside(Fact(boxes.GPUS)), SIDE_GPUS, "GPUs 8", "0 NVIDIA A100", "85.0 GB", "sm_80"),
    case("looking, in the centre", place(LOOKING), GPUS, "looking at this box"),
    case("failed, in the centre", place(Fact(fault=FAULT, hint="start it again")), GPUS, f"× {FAULT}",
         "start it again"),
    case("no driver, in the centre", place(NO_DRIVER), GPUS, "GPUs gpu-box-3 none",
         "no NVIDIA driver found", "envbench host > box.toml", "envbench solve SPEC --host box.toml"),
    case("upgraded, in the centre", place(UPGRADED), GPUS, "not known", "a reboot loads the new one"),
    case("one tells nothing", place(Fact(boxes.GPUS)), GPUS, "driver 550.54.15 CUDA 12.4", "7 - - -",
         "● live readings are not part of this version yet"),
    case("old, in the centre", place(OLD), GPUS, "GPUs gpu-box-3 old", f"× {FAULT}", "0 NVIDIA A100"),
)  # fmt: skip
BOX_CASES = (
    case("not looked", EMPTY, BOX, "Host -"),
    case("looking", beside(LOOKING), BOX, "looking at this box"),
    case("failed", beside(Fact(fault=FAULT)), BOX, f"× {FAULT}"),
    case("old", beside(OLD), BOX, "Host gpu-box-3 old", f"× {FAULT}", "64 cores"),
    case("with GPUs", QUIET, BOX, "Host gpu-box-3", "64 cores", "load 9", "ram 70 of 503 GB",
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
    case("walk", WALKING, "walk", "Walk 2/10", ". skip W end"),
    case("said", replace(QUIET, told=(Told("saved", "ok"),)), "status", "● saved"),
    case("warned", replace(QUIET, told=(Told("off", "warning"),)), "status", "▲ off"),
    case("went wrong", replace(QUIET, told=(Told("no", "error"),)), "status", "× no"),
)  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
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
        await still.show(beside(Fact(boxes.GPUS)))
        assert pane.size.height > 8
        await still.show(beside(NO_DRIVER))
        assert pane.size.height == 2
        said = read_pane(still, f"#{SIDE_GPUS}")
        assert said == "GPUs no NVIDIA driver found; CPU, RAM and disk below"
