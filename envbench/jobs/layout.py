"""What lies in a job's directory, and the variables that a worker is started with.

The supervisor reads this file: it imports nothing.
"""

JOB = "job.json"
"""The request and who made it; complete before the directory gets its name."""
LOCK = "lock"
"""Held by flock for as long as a supervisor lives."""
SUPERVISOR = "sup.json"
WORKER = "worker.json"
STARTED = "started"
"""Made once, just before the worker's program begins: with it the job never runs again by itself."""
LOG = "log"
"""What the worker and its children print; nobody else writes to it."""
CANCEL = "cancel"
FAULT = "supervisor.fault"
"""The traceback of a supervisor that broke; should never be there."""
WORKER_EVENTS = "events.worker.jsonl"
SUPERVISOR_EVENTS = "events.sup"
"""Followed by the number of the supervisor's life and `.jsonl`."""
RESERVE = "reserve"
"""Blocks of the disk kept for the result, so that a full disk cannot swallow it."""
RESULT = "result.json"
WORKER_RESERVE = "reserve.worker"
WORKER_RESULT = "result.worker.json"
GPU_TRACE = "gpu-trace.jsonl"
"""What the GPUs did while the worker worked, where that was recorded."""

RESERVE_BYTES = 8 * 1024
WORKER_RESERVE_BYTES = 32 * 1024

OWN_FILES = (
    *(JOB, LOCK, SUPERVISOR, WORKER, STARTED, LOG, CANCEL, WORKER_EVENTS),
    *(RESERVE, RESULT, WORKER_RESERVE, WORKER_RESULT, GPU_TRACE),
)
"""All that must be regular files of the user, if they are there, for the job to be trusted."""

DIRECTORY_VARIABLE = "ENVBENCH_JOB_DIR"
MARKER_VARIABLE = "ENVBENCH_JOB"
"""Holds the job's id; by it the job's processes are found when nothing else ties them to it."""

SUPERVISOR_VARIABLE = "ENVBENCH_SUPERVISOR"
"""Tells supervisors from the processes of jobs: a worker may hand in a job of its own."""

SCHEMA = "envbench.job/1"


def name_supervisor_events(life: int) -> str:
    """Name the event file of the n-th supervisor of a job, counted from 1."""
    return f"{SUPERVISOR_EVENTS}{life}.jsonl"
