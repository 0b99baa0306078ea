"""Jobs made by hand: every state of the table, and one started from another terminal."""

from dataclasses import replace
from pathlib import Path

from envbench.model.job_states import FINAL_STATES, JobState
from envbench.workbench.job_rows import (
    JobDetails,
    JobMessage,
    JobPhase,
    JobProgress,
    JobsUpdate,
    WatchedJob,
)
from tests.ui.still.sample_project import HOUR_S, MINUTE_S, NOW

STATE_DIRECTORY = "/home/ada/.local/state/envbench/jobs"
_PHASES = (
    JobPhase(name="solve", state="done", began=NOW - 120, duration_s=1.4, detail="190 packages"),
    JobPhase(name="fetch", state="running", began=NOW - 76),
)
_PROGRESS = JobProgress(
    done=2_900_000_000,
    total=4_700_000_000,
    unit="bytes",
    item="libcublas 12.4.5",
    at=NOW,
    per_second=38_100_000.0,
    eta_s=41.0,
)


def job(number: int, state: JobState, age_s: float, **more: object) -> WatchedJob:
    """Make a job that was submitted so long before `NOW`; the higher the number, the newer."""
    name = f"1a2{number:08d}-{'ab' * 4}"
    given = {
        "id": name, "kind": "build", "title": "build tf_legacy from tf_legacy.yml",
        "environment": "tf_legacy", "state": state, "directory": f"{STATE_DIRECTORY}/{name}",
        "submitted": NOW - age_s, "started": NOW - age_s + 1, "origin": "here",
        "ended": NOW - age_s + 50 if state in FINAL_STATES else 0.0,
    }  # fmt: skip
    return WatchedJob(**{**given, **more})


RUNNING = job(
    20, JobState.RUNNING, 122, title="build llm_serving from llm_serving.yml",
    environment="llm_serving", phase="fetch", phases=_PHASES, progress=_PROGRESS,
    message="two packages own site.cfg: numpy, scipy", message_level="warning",
)  # fmt: skip
QUEUED = job(19, JobState.RUNNING, 30, phase="wait", environment="course", phases=(
    JobPhase(name="wait", state="running", began=NOW - 30),))  # fmt: skip
DETACHED = job(
    18, JobState.RUNNING, 9 * MINUTE_S, kind="probe", title="probe ai_dev_env",
    environment="ai_dev_env", origin="elsewhere", creator_pid=70555, phase="torch",
)  # fmt: skip
DONE = job(17, JobState.DONE, 8 * MINUTE_S, kind="probe", environment="ai_dev_env", exit_code=0)
FAILED = job(
    16, JobState.FAILED, 2 * HOUR_S, reason="no space left on /home", code=3, exit_code=3,
    hint="make room there, then run it again",
    phases=(JobPhase(name="solve", state="done", began=NOW - 2 * HOUR_S, duration_s=1.2),
            JobPhase(name="fetch", state="failed", began=NOW - 2 * HOUR_S, duration_s=48.0)),
)  # fmt: skip
CANCELLED = job(15, JobState.CANCELLED, 3 * HOUR_S, code=130)
LOST = job(14, JobState.LOST, 4 * HOUR_S, reason="no result: the host was restarted meanwhile")
OOM = job(13, JobState.OOM, 5 * HOUR_S, reason="killed, probably for lack of memory", signal=9)
FOREIGN = job(12, JobState.FOREIGN, 6 * HOUR_S, origin="foreign", environment="bench")
DAMAGED = job(11, JobState.DAMAGED, 7 * HOUR_S, kind="damaged", title="", environment="",
              reason="job.json is no JSON")  # fmt: skip
STARTING = job(10, JobState.STARTING, 5, started=0.0)
UNSTARTED = job(9, JobState.UNSTARTED, 40, started=0.0)
ORPHANED = job(8, JobState.ORPHANED, 90, phase="link")
DEAD = job(7, JobState.DEAD, 95)
EVERY = (
    RUNNING, QUEUED, DETACHED, DONE, FAILED, CANCELLED, LOST, OOM, FOREIGN, DAMAGED, STARTING,
    UNSTARTED, ORPHANED, DEAD,
)  # fmt: skip
USUAL = (RUNNING, DETACHED, DONE, FAILED, CANCELLED, LOST)

FAILED_DETAILS = JobDetails(
    job=FAILED,
    messages=(
        JobMessage(at=NOW - 2 * HOUR_S, level="info", text="solve: done in 1.20 s; 190 packages"),
        JobMessage(at=NOW - 2 * HOUR_S, level="info", text="fetch: 12 of 190 packages are there"),
        JobMessage(at=NOW - 2 * HOUR_S, level="error", text="fetch: no space left on /home"),
    ),
    log=f"{FAILED.directory}/log",
    log_bytes=4211,
)
LOG_LINES = (
    "12:03:38 solve  done in 1.40 s; 190 packages",
    "12:03:38 fetch  190 packages not in the cache",
    *(f"12:03:{second:02} fetch  part-{second} 1.{second} h0_0  {second}.5 MB" for second in range(39, 60)),
    "12:04:11 fetch  pytorch 2.4.1 py311_cuda12.4_0  1.41 GB",
    "12:04:52 sha256 checked: pytorch 2.4.1",
    "12:04:53 warning: two packages own site.cfg: numpy, scipy",
    "12:04:54 fetch  libcublas 12.4.5  461 MB",
)  # fmt: skip


def update(*jobs: WatchedJob) -> JobsUpdate:
    """Make the list of jobs."""
    return JobsUpdate(jobs=jobs, total=len(jobs))


def write_log(folder: Path, of: WatchedJob = RUNNING) -> WatchedJob:
    """Write the log of a job into a folder; give the job that lies there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log").write_text("".join(f"{line}\n" for line in LOG_LINES), encoding="utf-8")
    return replace(of, directory=str(folder))
