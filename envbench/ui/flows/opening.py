"""What the screen does when it opens, and what it learns when a cursor moves."""

from envbench.ui.bench import Bench
from envbench.ui.flows import environments, jobs, specs
from envbench.ui.flows.facts import learn
from envbench.ui.state import JOBS, LOG, SETTINGS


async def open_bench(bench: Bench, first: str = "") -> None:
    """Read the folder and open a spec, then learn what else is shown.

    Args:
        bench: The screen.
        first: The spec to open; empty chooses one of the folder.
    """
    bench.begin("settings", learn_settings(bench))
    await specs.list_folder(bench)
    if first:
        await specs.open_path(bench, first)
    else:
        await _open_first(bench)
    bench.begin("jobs", jobs.watch(bench))
    bench.begin("environments", environments.list_all(bench))
    bench.begin("box", learn(bench, "box", "looking at this box", bench.desk.describe_box()))
    bench.begin("disk", specs.watch_disk(bench))


async def _open_first(bench: Bench) -> None:
    """Open the spec that most likely is meant: `environment.yml`, else the first that is fine."""
    folder = bench.state.specs.value
    if folder is None or bench.state.spec is not None or not folder.specs:
        return
    wanted = ("environment.yml", "environment.yaml", "demo.yml")
    named = [e for name in wanted for e in folder.specs if e.shown == name]
    await specs.open_path(bench, (named or list(folder.specs))[0].path)


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
