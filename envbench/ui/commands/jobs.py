"""Verbs of jobs and of their logs."""

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.state import JOBS, LOG, SIDE_JOBS, ScreenState


def chosen_job(state: ScreenState) -> str:
    """Give the id of the job that is meant: under the cursor, else the one whose log is shown."""
    pane = state.focus if state.focus in {JOBS, SIDE_JOBS} else JOBS
    key = state.selected.get(pane, "")
    if state.place == LOG and state.focus not in {JOBS, SIDE_JOBS}:
        key = state.log_job
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
        return f"it has ended: {job.state.value}" if job.is_over else ""

    def twin(self, state: ScreenState) -> str:
        """`envbench cancel`."""
        return f"envbench cancel {chosen_job(state)}"

    async def run(self, bench: Bench) -> None:
        """Ask, then stop it."""
        from envbench.ui.flows import jobs

        await jobs.stop_job(bench, chosen_job(bench.state))


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
        bench.go("spec" if bench.state.place == LOG else LOG)


COMMANDS: tuple[Command, ...] = (OpenLog(), StopJob(), ShowLog())
