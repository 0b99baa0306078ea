"""Probes: started as a job, told by its result."""

from envbench.ui.bench import Bench
from envbench.ui.command_lines import quote
from envbench.ui.environment_choice import show_name
from envbench.ui.state import PROBE_RESULTS, PROBES


async def probe(bench: Bench, name: str, probes: tuple[str, ...] = (), *, gpu: str = "") -> None:
    """Probe an environment in the background.

    Args:
        bench: The screen.
        name: The environment.
        probes: Which ones; all whose framework is installed when empty.
        gpu: UUID of the GPU that they may see; empty lets them see all.
    """
    bench.note(twin(name, probes) + (f" --gpu {gpu}" if gpu else ""))
    # First, so that a key pressed meanwhile leads where it says.
    bench.change(environment=name, probe_face=PROBE_RESULTS)
    bench.go(PROBES)
    job = await bench.desk.submit_probe(name, probes, gpu=gpu)
    bench.change(log_job=job.id)
    what = ", ".join(probes) or "all that is installed"
    bench.tell(f"Probing {show_name(bench.state, name)} ({what}) in the background", "ok")
    for warning in job.warnings:
        bench.tell(warning, "warning")


async def choose_probes(bench: Bench, name: str) -> None:
    """Let the user choose which probe to run."""
    offered = await bench.desk.list_probe_names()
    width = max((len(each.name) for each in offered), default=0)
    options = tuple(
        (each.name, f"{each.name:<{width}} {each.title} (at most {each.timeout_s:.0f} s)")
        for each in offered
    )
    chosen = await bench.choose(f"Probe {show_name(bench.state, name)} with", options)
    if chosen:
        await probe(bench, name, (chosen,))


def twin(name: str, probes: tuple[str, ...]) -> str:
    """Give the command line."""
    return " ".join(("envbench probe", quote(name), *probes)).rstrip()
