"""What the screen does when it opens, and what it learns when a cursor moves."""

from typing import TYPE_CHECKING

from envbench.model.errors import EnvbenchError
from envbench.ui.bench import Bench
from envbench.ui.flows import environments, gpus, jobs, spec_opening, specs
from envbench.ui.flows.facts import learn
from envbench.ui.flows.faults import tell_fault
from envbench.ui.state import JOBS, LOG, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envbench.workbench.values.spec_folder import SpecEntry

FIRST_NAMES = ("environment.yml", "environment.yaml", "demo.yml")
"""Specs that are opened before others."""


async def open_bench(bench: Bench, first: str = "") -> None:
    """Read the folder and open a spec, then learn what else is shown.

    Args:
        bench: The screen.
        first: The spec to open; empty chooses one of the folder.
    """
    bench.begin("settings", learn_settings(bench))
    await specs.list_folder(bench)
    try:
        await _open_first(bench, first)
    except EnvbenchError as fault:
        tell_fault(bench, fault)
    learn_box(bench)


def learn_box(bench: Bench) -> None:
    """Begin to learn what is not of the folder: jobs, environments, this box."""
    bench.begin("jobs", jobs.watch(bench))
    bench.begin("environments", environments.list_all(bench))
    bench.begin("box", learn(bench, "box", "looking at this box", bench.desk.describe_box()))
    bench.begin("gpus", gpus.follow(bench))
    bench.begin("disk", specs.watch_disk(bench))


async def _open_first(bench: Bench, first: str) -> None:
    """Open the spec that was asked for, or the one that most likely is meant."""
    folder = bench.state.specs.value
    if bench.state.spec is not None:
        return
    if first:
        await spec_opening.open_path(bench, first)
    elif folder is not None and folder.specs:
        await spec_opening.open_path(bench, choose_first(folder.specs).path)


def choose_first(found: "Sequence[SpecEntry]") -> "SpecEntry":
    """Choose the spec to begin with: `environment.yml`, else the first that can be read."""
    named = [e for name in FIRST_NAMES for e in found if e.shown == name]
    sound = [e for e in found if e.state.value not in {"broken", "unreadable"}]
    return (*named, *sound, *found)[0]


async def learn_settings(bench: Bench) -> None:
    """Read the settings, and what is wrong in them."""
    rows = await learn(bench, "settings", "reading the settings", bench.desk.describe_settings())
    if rows is not None:
        bench.apply_preferences()
        bench.change(setting_problems=await bench.desk.list_setting_problems())


def follow_place(bench: Bench, place: str) -> None:
    """Learn what a place shows when it is gone to."""
    if place != LOG:
        jobs.leave_log(bench)
    gpus.attend(bench)
    if place == SETTINGS:
        bench.begin("settings", learn_settings(bench))
    else:
        environments.learn_place(bench, place)


def follow_selection(bench: Bench, pane: str, key: str) -> None:
    """Learn more about the row under a cursor, once the cursor rests."""
    if not key:
        return
    if pane == JOBS:
        bench.later(0.2, "job", jobs.learn_job(bench, key))
