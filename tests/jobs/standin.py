"""The worker of the tests: runs the `main(context)` that its request's payload holds as source."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from envbench.jobs.worker import WorkerContext, run_worker
from envbench.model.job import JobResult


def main(context: WorkerContext) -> JobResult:
    names: dict[str, object] = {"context": context}
    exec(compile(context.request.payload["code"], "<worker>", "exec"), names)
    return names["main"](context)


if __name__ == "__main__":
    run_worker(main)
