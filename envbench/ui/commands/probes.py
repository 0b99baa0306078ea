"""Verbs of probes."""

from typing import Any

from envbench.ui.bench import Bench
from envbench.ui.command_lines import quote
from envbench.ui.commands.command import Command
from envbench.ui.environment_choice import meant, refuse_unbuilt
from envbench.ui.finding_choice import refuse_fix
from envbench.ui.state import COMPATIBILITY, EXAMINATION, PROBES, Fact, ScreenState


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
    """Show the log of the job that probed; of what the doctor found, put the remedy into the spec."""

    title = "log"
    key = "enter"
    group = "Probes"
    panes = (PROBES,)
    footer = 1

    def refuse(self, state: ScreenState) -> str:
        """There must have been one; of a finding there must be a remedy that was solved."""
        if state.probe_face == EXAMINATION:
            return refuse_fix(state)
        return "" if _job_of(state) else "nothing was probed yet: p does so"

    def twin(self, state: ScreenState) -> str:
        """`envbench logs`."""
        return f"envbench logs {_job_of(state)}" if state.probe_face != EXAMINATION else ""

    async def run(self, bench: Bench) -> None:
        """Show it."""
        from envbench.ui.flows import examining, jobs

        if bench.state.probe_face == EXAMINATION:
            await examining.mend(bench)
        else:
            jobs.open_log(bench, _job_of(bench.state))


def _job_of(state: ScreenState) -> str:
    record = state.probes.value if state.probes.about == state.environment else None
    return find_running(state) or (record.job_id if record is not None else "")


def _is_known(state: ScreenState, fact: Fact[Any]) -> bool:
    return fact.value is not None and fact.about == state.environment


class Examine(Command):
    """Examine the environment without running it: what is bound to fail, why, and ways out."""

    title = "doctor"
    key = "v"
    group = "Probes"
    panes = (PROBES,)
    footer = 2

    def refuse(self, state: ScreenState) -> str:
        """An environment must be there."""
        return refuse_unbuilt(state, state.environment)

    def twin(self, state: ScreenState) -> str:
        """`envbench doctor`."""
        return f"envbench doctor {quote(state.environment)}"

    async def run(self, bench: Bench) -> None:
        """Look at it, beside whatever else is done."""
        from envbench.ui.flows import examining

        await examining.examine(bench, bench.state.environment)


class ReportCompatibility(Command):
    """Say for each framework of the environment on which device it works, and what that rests on."""

    title = "report"
    key = "M"
    group = "Probes"
    panes = (PROBES,)
    footer = 3

    def refuse(self, state: ScreenState) -> str:
        """An environment must be there."""
        return refuse_unbuilt(state, state.environment)

    def twin(self, state: ScreenState) -> str:
        """`envbench doctor --table`."""
        return f"envbench doctor {quote(state.environment)} --table"

    async def run(self, bench: Bench) -> None:
        """Put it together."""
        from envbench.ui.flows import examining

        await examining.report(bench, bench.state.environment)


class FixFinding(Command):
    """Put a remedy that was solved into the open spec, as one step that undo takes back."""

    title = "fix"
    key = "f"
    group = "Probes"
    panes = (PROBES,)
    footer = 4

    def refuse(self, state: ScreenState) -> str:
        """There must be one, and the spec must be open."""
        return refuse_fix(state)

    async def run(self, bench: Bench) -> None:
        """Make the edit."""
        from envbench.ui.flows import examining

        await examining.mend(bench)


class CopyProbes(Command):
    """Copy what is shown as text: probes, findings, or the report as Markdown."""

    title = "copy report"
    key = "c"
    group = "Probes"
    panes = (PROBES,)
    footer = 5

    def refuse(self, state: ScreenState) -> str:
        """There must be something."""
        if state.probe_face == COMPATIBILITY:
            return "" if _is_known(state, state.compatibility) else "M makes the report first"
        if state.probe_face == EXAMINATION:
            known = _is_known(state, state.examination)
            return "" if known else "nothing was examined yet: v does so"
        return "" if _is_known(state, state.probes) else "nothing was probed yet: p does so"

    async def run(self, bench: Bench) -> None:
        """Copy it."""
        from envbench.ui.flows import examining
        from envbench.ui.flows.probe_report import write_findings, write_report

        state = bench.state
        if state.probe_face == COMPATIBILITY:
            await examining.copy_report(bench)
        elif state.probe_face == EXAMINATION and state.examination.value is not None:
            bench.copy(write_findings(state.examination.value), "what the doctor found")
        elif state.probes.value is not None:
            bench.copy(write_report(state.probes.value), "the report of the probes")


class SaveReport(Command):
    """Write the compatibility report into a file, as Markdown or JSON."""

    title = "save report"
    key = "w"
    group = "Probes"
    panes = (PROBES,)

    def refuse(self, state: ScreenState) -> str:
        """It must be in sight."""
        known = _is_known(state, state.compatibility)
        return "" if known and state.probe_face == COMPATIBILITY else "M makes the report first"

    def twin(self, state: ScreenState) -> str:
        """`envbench doctor --report`."""
        return f"envbench doctor {quote(state.environment)} --report FILE.md"

    async def run(self, bench: Bench) -> None:
        """Ask for the file, then write it."""
        from envbench.ui.flows import examining

        await examining.save_report(bench)


COMMANDS: tuple[Command, ...] = (
    Probe(),
    ChooseProbe(),
    OpenProbeLog(),
    Examine(),
    ReportCompatibility(),
    FixFinding(),
    CopyProbes(),
    SaveReport(),
)
