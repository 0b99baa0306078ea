"""The worker that compiles byte code: `envbench.workers.bytecode`, run isolated.

conda and micromamba compile it while the user waits; here it is a job of its own that starts when
the environment is already live, and that nobody needs to wait for.
"""

import os
from contextlib import suppress
from pathlib import Path

from envbench.envs.bytecode import plan_compilation
from envbench.jobs.child import run_child
from envbench.jobs.store import JobStore
from envbench.jobs.worker import WorkerContext, run_worker
from envbench.model.build import BytecodeRequest
from envbench.model.counting import count_of
from envbench.model.document import from_builtins
from envbench.model.errors import EnvbenchError
from envbench.model.job import JobResult, JobState
from envbench.workers.phases import Phases

LIMIT_S = 3600.0


def compile_bytecode(context: WorkerContext) -> JobResult:
    """Compile the byte code of a generation's noarch packages."""
    request = from_builtins(context.request.payload, BytecodeRequest)
    phases = Phases(context.emit)
    task = plan_compilation(Path(request.prefix), Path(request.stable_path))
    if task is None:
        return JobResult(state=JobState.DONE)
    with phases.run("bytecode") as detail:
        run_child(
            task.argv,
            env={"PATH": os.defpath},
            cwd=Path("/"),
            timeout_s=LIMIT_S,
            input_bytes=task.stdin,
            on_output=lambda _stream, line: phases.log(line),
        )
        detail.append(count_of(task.files, "file"))
    with suppress(EnvbenchError):
        # A good moment: nobody waits for this job.
        JobStore(context.directory.parent).sweep()
    return JobResult(state=JobState.DONE, payload={"files": task.files})


if __name__ == "__main__":
    run_worker(compile_bytecode)
