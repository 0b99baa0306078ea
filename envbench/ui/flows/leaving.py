"""Leaving the screen: jobs go on, unsaved work is kept."""

from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.flows import drafts, saving
from envbench.ui.state import OpenSpec, ScreenState

if TYPE_CHECKING:
    from envbench.workbench.job_rows import WatchedJob

MOST_JOBS = 5
_DRAFT, _SAVE, _LOSE, _STAY = "draft", "save", "lose", "stay"


async def leave_bench(bench: Bench) -> None:
    """Ask about unsaved work if there is any, then end the screen and say what goes on."""
    if bench.state.spec is not None:
        bench.editor.hand_over()
    spec = bench.state.spec
    kept: str | None = ""
    if spec is not None and spec.is_dirty:
        answer = await bench.choose(f"{spec.name} has unsaved work", list_answers(spec))
        kept = await _settle(bench, spec, answer or _STAY)
    if kept is not None:
        bench.leave(0, say_farewell(bench.state, kept))


def list_answers(spec: OpenSpec) -> tuple[tuple[str, str], ...]:
    """Give what can be done about unsaved work; the first one is the default and loses nothing."""
    stay = (_STAY, "Stay here")
    if spec.is_sample:
        # A sample is nobody's file: there is none that a draft could belong to.
        return (
            (_SAVE, "Save a copy in this folder, then leave"),
            stay,
            (_LOSE, "Leave without it"),
        )
    draft = (_DRAFT, "Leave; it is kept, and offered when the file is opened again")
    return (draft, (_SAVE, "Save it, then leave"), stay)


async def _settle(bench: Bench, spec: OpenSpec, answer: str) -> str | None:
    """Do what was chosen; gives the name of the spec whose work is kept, None to stay."""
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    if answer == _SAVE:
        return "" if await saving.save_open(bench) else None
    if answer == _LOSE:
        return ""
    if answer == _STAY:
        return None
    try:
        await drafts.keep_unsaved(bench)
    except EnvbenchError as fault:
        sure = await bench.ask("Leave without your unsaved work?", [say_error(fault)])
        return "" if sure else None
    return spec.name


def say_farewell(state: ScreenState, kept: str = "") -> str:
    """Say in lines for the shell what goes on without the screen.

    Args:
        state: All that is known.
        kept: Name of the spec whose unsaved work is kept; empty for none.
    """
    lines = _say_jobs(state.running_jobs)
    if kept:
        lines.append(f"Your unsaved work on {kept} is kept: open it again to take it up.")
    return "\n".join(lines)


def _say_jobs(jobs: "tuple[WatchedJob, ...]") -> list[str]:
    if not jobs:
        return []
    if len(jobs) == 1:
        return [f"1 job runs on: {jobs[0].title}", f"  envbench logs {jobs[0].id} -f"]
    lines = [f"{len(jobs)} jobs run on:"]
    lines += [f"  envbench logs {job.id} -f    {job.title}" for job in jobs[:MOST_JOBS]]
    if len(jobs) > MOST_JOBS:
        lines.append(f"  and {len(jobs) - MOST_JOBS} more: envbench jobs")
    return lines
