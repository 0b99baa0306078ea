"""Verbs of probes."""

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.environment_choice import meant, refuse_unbuilt
from envbench.ui.state import PROBES, ScreenState


def need_built(state: ScreenState) -> str:
    """Say that a built environment must be meant."""
    return refuse_unbuilt(state, meant(state))


def find_running(state: ScreenState) -> str:
    """Give the id of a job that probes the environment now; empty when none does."""
    about = meant(state)
    running = (j.id for j in state.running_jobs if j.kind == "probe" and j.environment == about)
    return next(running, "")


class Probe(Command):
    """Prove with numbers that the frameworks of the environment work, in the background."""

    title = "probe"
    key = "p"
    group = "Probes"
    footer = 22

    def refuse(self, state: ScreenState) -> str:
        """An environment must be there, and not be probed already."""
        busy = "it is being probed already: x in Jobs stops that" if find_running(state) else ""
        return need_built(state) or busy

    def twin(self, state: ScreenState) -> str:
        """`envbench probe`."""
        from envbench.ui.flows import probing

        return probing.twin(meant(state), ())

    async def run(self, bench: Bench) -> None:
        """Start the job."""
        from envbench.ui.flows import probing

        await probing.probe(bench, meant(bench.state))


class ChooseProbe(Command):
    """Choose one probe to run."""

    title = "one probe"
    key = "P"
    group = "Probes"

    def refuse(self, state: ScreenState) -> str:
        """An environment must be there."""
        return need_built(state)

    async def run(self, bench: Bench) -> None:
        """Offer them."""
        from envbench.ui.flows import probing

        await probing.choose_probes(bench, meant(bench.state))


class OpenProbeLog(Command):
    """Show the log of the job that probed, or of the one that does so now."""

    title = "log"
    key = "enter"
    group = "Probes"
    panes = (PROBES,)
    footer = 1

    def refuse(self, state: ScreenState) -> str:
        """There must have been one."""
        return "" if _job_of(state) else "nothing was probed yet: p does so"

    def twin(self, state: ScreenState) -> str:
        """`envbench logs`."""
        return f"envbench logs {_job_of(state)}"

    async def run(self, bench: Bench) -> None:
        """Show it."""
        from envbench.ui.flows import jobs

        jobs.open_log(bench, _job_of(bench.state))


def _job_of(state: ScreenState) -> str:
    record = state.probes.value if state.probes.about == state.environment else None
    return find_running(state) or (record.job_id if record is not None else "")


class CopyProbes(Command):
    """Copy what the probes found as text, with versions, numbers and reasons."""

    title = "copy report"
    key = "c"
    group = "Probes"
    panes = (PROBES,)
    footer = 2

    def refuse(self, state: ScreenState) -> str:
        """There must be something."""
        known = state.probes.value is not None and state.probes.about == state.environment
        return "" if known else "nothing was probed yet: p does so"

    async def run(self, bench: Bench) -> None:
        """Copy it."""
        from envbench.ui.flows.probe_report import write_report

        record = bench.state.probes.value
        if record is not None:
            bench.copy(write_report(record), "the report of the probes")


COMMANDS: tuple[Command, ...] = (Probe(), ChooseProbe(), OpenProbeLog(), CopyProbes())
