"""Verbs of jobs and of their logs."""

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.state import JOBS, LOG, SIDE_JOBS, SPEC, UNSEEN, ScreenState


def chosen_job(state: ScreenState) -> str:
    """Give the id of the job that is meant: under the cursor, else the one whose log is shown."""
    pane = state.focus if state.focus in {JOBS, SIDE_JOBS} else JOBS
    key = state.selected.get(pane, "")
    if state.place == LOG and state.focus not in {JOBS, SIDE_JOBS}:
        key = state.shown_log.id if state.shown_log is not None else ""
    return key if state.find_job(key) is not None else ""


def need_job(state: ScreenState) -> str:
    """Say that a job must be meant."""
    return "" if chosen_job(state) else "no job is chosen"


class OpenLog(Command):
    """Show the log of the job under the cursor."""

    title = "log"
    key = "enter"
    group = "Jobs"
    panes = (JOBS, SIDE_JOBS)
    footer = 1

    def refuse(self, state: ScreenState) -> str:
        """A job must be meant."""
        return need_job(state)

    def twin(self, state: ScreenState) -> str:
        """`envbench logs`."""
        return f"envbench logs {chosen_job(state)} -f"

    async def run(self, bench: Bench) -> None:
        """Show it."""
        from envbench.ui.flows import jobs

        jobs.open_log(bench, chosen_job(bench.state))


class StopJob(Command):
    """Stop the job under the cursor, after asking; the environment in use stays as it is."""

    title = "stop"
    key = "x"
    group = "Jobs"
    panes = (JOBS, SIDE_JOBS, LOG)
    footer = 2

    def refuse(self, state: ScreenState) -> str:
        """It must still run."""
        job = state.find_job(chosen_job(state))
        if job is None:
            return need_job(state)
        if job.state.value in UNSEEN:
            return job.says
        return f"it has ended: {job.says}" if job.is_over else ""

    def twin(self, state: ScreenState) -> str:
        """`envbench cancel`."""
        return f"envbench cancel {chosen_job(state)}"

    async def run(self, bench: Bench) -> None:
        """Ask, then stop it."""
        from envbench.ui.flows import jobs

        await jobs.stop_job(bench, chosen_job(bench.state))


class RepeatJob(Command):
    """Do again what did not end well: a build takes its spec as it is now, a probe asks the same."""

    title = "run again"
    key = "r"
    group = "Jobs"
    panes = (JOBS, SIDE_JOBS, LOG)
    footer = 3

    def refuse(self, state: ScreenState) -> str:
        """It must have ended, and not well."""
        job = state.find_job(chosen_job(state))
        if job is None:
            return need_job(state)
        if job.kind not in {"build", "probe"}:
            return "only builds and probes can be run again"
        if not job.is_over:
            return f"it has not ended: {job.says}"
        verb = {"build": "b builds the open spec", "probe": "p probes"}[job.kind]
        return f"it ended well; {verb}" if job.state.value == "done" else ""

    async def run(self, bench: Bench) -> None:
        """Submit it again."""
        from envbench.ui.flows import jobs

        await jobs.repeat_job(bench, chosen_job(bench.state))


class CopyJob(Command):
    """Copy the id of the job under the cursor, and why it ended badly."""

    title = "copy"
    key = "c"
    group = "Jobs"
    panes = (JOBS, SIDE_JOBS)
    footer = 4

    def refuse(self, state: ScreenState) -> str:
        """A job must be meant."""
        return need_job(state)

    async def run(self, bench: Bench) -> None:
        """Copy it."""
        from envbench.ui.flows import jobs

        jobs.copy_job(bench, chosen_job(bench.state))


class ShowLog(Command):
    """Show the log of the job that runs, or of the last one, in the centre; o again goes back."""

    title = "log"
    key = "o"
    group = "Jobs"
    footer = 30

    def refuse(self, state: ScreenState) -> str:
        """There must be a job."""
        jobs = state.jobs.value
        return "" if jobs is not None and jobs.jobs else "no job has run yet"

    async def run(self, bench: Bench) -> None:
        """Go there, or back."""
        bench.go(SPEC if bench.state.place == LOG else LOG)


COMMANDS: tuple[Command, ...] = (OpenLog(), StopJob(), RepeatJob(), CopyJob(), ShowLog())
