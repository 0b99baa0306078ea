"""Stands in for the screen: orders a real build from its terminal, then watches it.

    python screen.py TRUTH SPEC

The only thing that differs from the product: the build's worker runs inside of
`tests/jobs/counted_worker.py`, which counts the events it acknowledges.
"""

import fcntl
import sys
import termios
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


from envbench.jobs.follow import follow_events
from envbench.jobs.job import Job
from envbench.jobs.store import JobStore
from envbench.model.job import JobRequest
from envbench.settings.load import load_settings
from envbench.workbench import building

COUNTER = Path(__file__).resolve().parents[1] / "jobs" / "counted_worker.py"


def count_in(page: str) -> type[JobStore]:
    """Make a store that puts the counter around the workers of builds."""

    class CountingStore(JobStore):
        def submit(self, request: JobRequest) -> Job:
            [module] = [part for part in request.argv if part.startswith("envbench.workers.")]
            argv = (request.argv[0], str(COUNTER), page, module)
            return super().submit(replace(request, argv=argv))

    return CountingStore


if __name__ == "__main__":
    # The terminal of this session: when it closes, the kernel hangs up on everybody in it.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    building.JobStore = count_in(sys.argv[1])
    order = building.BuildOrder(spec=Path(sys.argv[2]))
    submitted = building.submit_build(order, load_settings())
    for _ in follow_events(submitted.job):
        pass
