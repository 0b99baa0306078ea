"""Jobs in every state of the table, and states of the screen that show them."""

from envbench.model.job_states import FINAL_STATES, JobState
from envbench.ui.state import JOBS, Fact, ScreenState
from envbench.workbench.job_rows import JobPhase, JobProgress, JobsUpdate, WatchedJob

NOW = 1_790_000_000.0
PROGRESS = JobProgress(
    done=2_900_000_000,
    total=4_700_000_000,
    unit="bytes",
    item="pytorch 2.4.1",
    at=NOW - 2,
    per_second=38_000_000.0,
    eta_s=43.0,
)
PHASES = (
    JobPhase(name="solve", state="done", began=NOW - 90, duration_s=1.4, detail="212 packages"),
    JobPhase(name="fetch", state="running", began=NOW - 60),
)


def job(state: JobState = JobState.RUNNING, number: int = 1, **fields) -> WatchedJob:
    """A build in a state, with what it has then."""
    is_over = state in FINAL_STATES
    given = {
        "id": f"1a2{number:08d}-aaaa",
        "kind": "build",
        "title": "build llm_serving from /home/me/llm.yml",
        "environment": "llm_serving",
        "state": state,
        "directory": f"/state/jobs/1a2{number:08d}-aaaa",
        "submitted": NOW - 100,
        "started": NOW - 99,
        "ended": NOW - 420 if is_over else 0.0,
        "origin": "here",
    }
    if is_over:
        given |= {"submitted": NOW - 1000, "started": NOW - 999}
    return WatchedJob(**{**given, **fields})


def at_work(number: int = 1, **fields) -> WatchedJob:
    """A build that fetches."""
    return job(number=number, phase="fetch", phases=PHASES, progress=PROGRESS, **fields)


def failed(number: int = 1, **fields) -> WatchedJob:
    """A build that found no room."""
    told = {"reason": "no space left on /home", "hint": "make room there, then run it again"}
    return job(JobState.FAILED, number, **{**told, "exit_code": 1, **fields})


def screen(*jobs: WatchedJob, **fields) -> ScreenState:
    """A screen on these jobs, the first one under the cursor."""
    selected = {JOBS: jobs[0].id} if jobs else {}
    update = JobsUpdate(jobs=jobs, total=len(jobs))
    return ScreenState(
        **{"directory": "/folder", "jobs": Fact(update), "selected": selected, **fields}
    )
