"""What the screen asks about jobs, and how it submits and cancels them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from envbench.workbench.desk.client import Desk

if TYPE_CHECKING:
    from envbench.jobs.log_index_lines import Level
    from envbench.jobs.log_index_search import LogHits
    from envbench.model.job import JobResult
    from envbench.workbench.job_rows import JobDetails, JobsUpdate, SubmittedJob
    from envbench.workbench.values.building import BuildOrder


class JobDesk(Desk):
    """Questions about jobs; all raise `EnvbenchError`."""

    async def submit_build(self, order: "BuildOrder") -> "SubmittedJob":
        """Check a spec and hand it to a detached job; returns before the work begins."""
        from envbench.workbench.job_rows import SubmittedJob

        return await self.ask("jobs", "submit_build", SubmittedJob, order=order)

    async def submit_locked_build(
        self, lock: str, *, name: str | None = None, allow_builds: bool = False
    ) -> "SubmittedJob":
        """Hand a lock or a pack to a detached job that builds it as it stands."""
        from envbench.workbench.job_rows import SubmittedJob
        from envbench.workbench.path_texts import make_carriable

        return await self.ask(
            "jobs", "submit_locked_build", SubmittedJob,
            lock=make_carriable(lock), name=name, allow_builds=allow_builds,
        )  # fmt: skip

    async def submit_pack(self, subject: str, output: str) -> "SubmittedJob":
        """Start a job that puts an environment with its archives into a tar in a folder."""
        from envbench.workbench.job_rows import SubmittedJob
        from envbench.workbench.path_texts import make_carriable

        return await self.ask(
            "jobs", "submit_pack", SubmittedJob, subject=subject, output=make_carriable(output)
        )

    async def submit_probe(
        self,
        reference: str,
        names: Sequence[str] = (),
        timeout_s: float | None = None,
        *,
        gpu: str = "",
    ) -> "SubmittedJob":
        """Start a job that probes an environment; no names mean all that fit.

        Args:
            reference: Name, `NAME@GENERATION`, or path.
            names: Which probes.
            timeout_s: Limit for each; None takes its own.
            gpu: UUID of the one GPU to use; empty lets each probe see all.
        """
        from envbench.workbench.job_rows import SubmittedJob

        return await self.ask(
            "jobs",
            "submit_probe",
            SubmittedJob,
            reference=reference,
            names=tuple(names),
            timeout_s=timeout_s,
            gpu=gpu,
        )

    async def repeat_job(self, job_id: str) -> "SubmittedJob":
        """Submit again what a job was to do: a build of its spec as it is now, a probe as it was."""
        from envbench.workbench.job_rows import SubmittedJob

        return await self.ask("jobs", "repeat_job", SubmittedJob, job_id=job_id)

    async def watch_jobs(self) -> "AsyncIterator[JobsUpdate]":
        """Give the list of jobs, at once and then whenever it has changed; never ends."""
        from envbench.workbench.job_rows import JobsChange, JobsUpdate, apply_change

        update = JobsUpdate()
        batches = self.stream_batches("watch", "watch_jobs", JobsChange)
        async with aclosing(batches):
            async for batch in batches:
                for change in batch:
                    update = apply_change(update, change)
                yield update

    async def list_jobs(self) -> "JobsUpdate":
        """Give the list of jobs as it is now."""
        from envbench.workbench.job_rows import JobsUpdate

        return await self.ask("files", "list_jobs", JobsUpdate)

    async def describe_job(self, job_id: str) -> "JobDetails":
        """Tell all that is on record about a job."""
        from envbench.workbench.job_rows import JobDetails

        return await self.ask_latest("files", "describe_job", JobDetails, job_id=job_id)

    async def cancel_job(self, job_id: str) -> "JobResult":
        """Cancel a job, and wait until nothing of it is left."""
        from envbench.model.job import JobResult

        return await self.ask("cancel", "cancel_job", JobResult, job_id=job_id)

    async def search_log(
        self,
        directory: str,
        pattern: str,
        *,
        regex: bool = False,
        ignore_case: bool = True,
        levels: "Sequence[Level]" = (),
        first_line: int = 0,
    ) -> "AsyncIterator[LogHits]":
        """Search the log in a job's directory; hits come in batches, the last one says `done`."""
        from envbench.jobs.log_index_search import LogHits

        batches = self.stream_batches(
            "search",
            "search_log",
            LogHits,
            directory=directory,
            pattern=pattern,
            regex=regex,
            ignore_case=ignore_case,
            levels=tuple(levels),
            first_line=first_line,
        )
        async with aclosing(batches):
            async for batch in batches:
                for hits in batch:
                    yield hits

    async def find_first_error(self, directory: str, first_line: int = 0) -> int | None:
        """Give the number of the first line of a log that tells of an error, from 0; or None."""
        return await self.ask_maybe(
            "search", "find_first_error", int, directory=directory, first_line=first_line
        )
