"""The demo on the screen: its folder is made ready while the screen is up, then the walk begins."""

from typing import TYPE_CHECKING

from envbench.ui import walk
from envbench.ui.bench import Bench
from envbench.ui.state import Fact, ScreenState

if TYPE_CHECKING:
    from envbench.workbench.values.demo_folder import DemoStep


async def open_demo(bench: Bench) -> None:
    """Make the folder of the demo ready, open its good spec, and begin the guided walk."""
    from envbench.ui.flows import opening, spec_opening

    bench.change(walk=0, specs=Fact(working="making the folder of the demo ready"))
    await opening.learn_settings(bench)
    opening.learn_box(bench)
    is_ready = await _prepare(bench)
    await opening.open_bench(bench)
    spec = bench.state.spec
    if not is_ready:
        return
    if spec is None or spec.name != walk.GOOD:
        await spec_opening.open_path(bench, f"{bench.state.directory.rstrip('/')}/{walk.GOOD}")


async def _prepare(bench: Bench) -> bool:
    """Prepare the folder, and say how far it is; tells whether it is there."""
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    def hear(step: "DemoStep") -> None:
        bench.change(specs=Fact(working=say_step(step)))

    from pathlib import Path

    try:
        folder = await bench.desk.prepare_demo(Path(bench.state.directory), hear)
    except EnvbenchError as fault:
        bench.change(walk=walk.NO_WALK)
        bench.tell(say_error(fault), "error")
        return False
    if folder.is_channel_new:
        bench.tell(
            f"The demo is ready: a real channel, made from this Python {folder.python}", "ok"
        )
    return True


def say_step(step: "DemoStep") -> str:
    """Say what the preparation does now, and how far it is."""
    return f"{step.text}  {step.done} of {step.total}" if step.total else step.text


def refuse_walk(state: ScreenState) -> str:
    """Say why the walk cannot begin here."""
    if state.walk >= 0:
        return "it is on; W ends it"
    folder = state.specs.value
    names = {entry.shown for entry in folder.specs} if folder is not None else set()
    if not {walk.GOOD, walk.PROBLEMS, walk.CONFLICT} <= names:
        return "it goes over the demo's specs, which are not here: envbench demo in a shell"
    return ""


def skip_step(bench: Bench) -> None:
    """Go to the next step; behind the last one the walk ends."""
    step = bench.state.walk + 1
    if step >= len(walk.STEPS):
        end_walk(bench)
    else:
        bench.change(walk=step)


def end_walk(bench: Bench) -> None:
    """End the walk."""
    bench.change(walk=walk.NO_WALK)
    bench.tell("The walk is over; `guided walk` in the list of commands begins it again")
