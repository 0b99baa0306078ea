"""The torture's counter around a worker module as it is started in earnest."""

import sys
from pathlib import Path

from envbench.jobs.store import JobStore
from envbench.model.job import JobRequest, JobState
from tests.jobs.conftest import PRELUDE
from tests.jobs.counted_worker import EVENTS, STARTS, Truth

COUNTER = Path(__file__).with_name("counted_worker.py")
CODE = """
def main(context):
    for n in range(7):
        context.emit(Progress(phase="p", done=n))
    return JobResult(state=JobState.DONE)
"""


def test_events_of_any_worker_module_are_counted(store: JobStore, tmp_path: Path) -> None:
    page = tmp_path / "truth"
    request = JobRequest(
        kind="test",
        title="counted",
        argv=(sys.executable, str(COUNTER), str(page), "tests.jobs.standin"),
        payload={"code": PRELUDE + CODE},
        low_priority=False,
    )
    result = store.submit(request).wait(30)
    assert result is not None
    assert result.state is JobState.DONE, result.reason
    truth = Truth(page)
    assert (truth.read(STARTS), truth.read(EVENTS)) == (1, 7)
