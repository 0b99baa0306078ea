"""A screen that submits a job of six seconds, and waits to be killed: `screen_program.py FOLDER`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from envbench.jobs.store import JobStore
from envbench.ui import app
from tests.jobs.conftest import python

WORK = """
def main(context):
    context.emit(PhaseStarted(phase="link"))
    for number in range(1, 61):
        context.emit(Progress(phase="link", done=number, total=60, item=f"package {number}"))
        print("linked package", number, flush=True)
        time.sleep(0.1)
    return JobResult(state=JobState.DONE)
"""


class Screen(app.EnvbenchApp):
    """Submits once it is there."""

    CSS_PATH = Path(app.__file__).with_name("bench.tcss")

    def on_ready(self) -> None:
        """Submit."""
        store = JobStore(Path(sys.argv[1]) / "state" / "jobs")
        store.submit(python(WORK, environment="mine"))


if __name__ == "__main__":
    Screen(sys.argv[1]).run(headless=True)
