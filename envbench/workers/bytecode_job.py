"""Hands the byte code of a fresh generation to a job of its own."""

from collections.abc import Mapping
from pathlib import Path

from envbench.jobs.launching import build_command
from envbench.jobs.store import JobStore
from envbench.model.build import BuildResult, BytecodeRequest
from envbench.model.document import to_builtins
from envbench.model.errors import EnvbenchError
from envbench.model.job import JobRequest
from envbench.workers.phases import Phases


def submit_bytecode(
    built: BuildResult, jobs_dir: Path, environ: Mapping[str, str], phases: Phases
) -> None:
    """Start the job; when it cannot be started, the environment works all the same.

    Args:
        built: What has just gone live.
        jobs_dir: Where jobs lie.
        environ: The variables of the worker that built it, which hold no secret.
        phases: Where to tell about it.
    """
    prefix = Path(built.prefix).resolve()
    if not (prefix / "bin" / "python").exists():
        return
    request = BytecodeRequest(prefix=str(prefix), stable_path=built.prefix)
    try:
        JobStore(jobs_dir).submit(
            JobRequest(
                kind="bytecode",
                title=f"compile byte code of {built.environment}",
                argv=build_command("envbench.workers.bytecode"),
                payload=to_builtins(request),
                environment=built.environment,
                env=dict(environ),
            )
        )
    except EnvbenchError as error:
        phases.say(f"byte code is not compiled ahead: {error}", level="warning")
