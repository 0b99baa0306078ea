"""The worker of the torture: 120 events and 120 log lines, each acknowledged in shared memory."""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from envbench.jobs.worker import WorkerContext, run_worker
from envbench.model.event import Progress
from envbench.model.job import JobResult, JobState
from tests.jobs.counted_worker import LINES, STARTS, Truth, count_events

COUNT = 120
WIDTHS = (40, 600, 6000)


def main(context: WorkerContext) -> JobResult:
    truth = Truth(Path(context.request.payload["truth"]))
    truth.bump(STARTS)
    count_events(truth)
    for number in range(COUNT):
        context.emit(Progress(phase="work", done=number, total=COUNT, item="x" * 50))
        width = WIDTHS[number % len(WIDTHS)]
        os.write(1, f"{number:06d} {'y' * (width - 8)}\n".encode())
        truth.bump(LINES)
        time.sleep(context.request.payload["pause_s"])
    return JobResult(state=JobState.DONE, payload={"count": COUNT})


if __name__ == "__main__":
    run_worker(main)
