"""All jobs of a user: submit, find, list, remove."""

import os
import re
import secrets
import shutil
import time
from pathlib import Path

from envbench.files import make_private_directory
from envbench.jobs.job import Job
from envbench.jobs.records import explain_disk
from envbench.jobs.submitting import NEW_PREFIX, TRASH_PREFIX, start_supervisor, write_job
from envbench.model.cleaning import clean
from envbench.model.errors import EnvbenchError, NotFineError, UsageError
from envbench.model.job import FINAL_STATES, JobRequest, JobState

_ID = re.compile(r"[0-9a-f]{11,13}-[0-9a-f]{8}")
_SHORTEST_PREFIX = 3
_LITTER_AGE_S = 3600.0
_REMOVABLE = FINAL_STATES | {JobState.DAMAGED}


class JobStore:
    """The directory in which jobs lie; any number of processes may use it at once."""

    def __init__(self, root: Path) -> None:
        """Take the directory; it is made with the first job.

        Args:
            root: An absolute path, on a local disk if possible.
        """
        self.root = root

    def submit(self, request: JobRequest) -> Job:
        """Put a job on record and start it; returns before the work begins.

        Raises:
            UsageError: The request cannot be run as it is.
            PreventedError: The directory is unsafe, the disk refused, or no process can start.
        """
        make_private_directory(self.root)
        directory = self.root / write_job(self.root, request)
        try:
            start_supervisor(directory)
        except EnvbenchError:
            # Left behind, it would be started some day by whoever looks at the list.
            self._discard(directory)
            raise
        return Job.load(directory)

    def list(self, *, for_list: bool = False) -> "list[Job]":
        """List all jobs, the newest first; a broken directory is a job that says so.

        Args:
            for_list: Leave the payloads of their requests out, which may be megabytes each.

        Raises:
            PreventedError: The directory of the jobs is unsafe or cannot be read.
        """
        return [Job.load(self.root / name, for_list=for_list) for name in self.list_ids()]

    def list_ids(self) -> tuple[str, ...]:
        """List the ids of all jobs, the newest first, without reading any of them.

        Raises:
            PreventedError: The directory of the jobs is unsafe or cannot be read.
        """
        return tuple(sorted(self._names(), reverse=True))

    def find(self, prefix: str) -> Job:
        """Find the one job whose id, or the part of it behind the dash, begins like this.

        Raises:
            UsageError: None does, or more than one.
        """
        names = self._names()
        if prefix in names:
            return Job.load(self.root / prefix)
        found = [name for name in names if len(prefix) >= _SHORTEST_PREFIX and _fits(name, prefix)]
        if len(found) == 1:
            return Job.load(self.root / found[0])
        shown = clean(prefix, limit=60)
        if not found:
            hint = "`envbench jobs` lists them; three characters are enough if they are unique"
            raise UsageError(f"there is no job {shown!r}", hint=hint)
        why = "it may be " + ", ".join(sorted(found, reverse=True)[:5])
        raise UsageError(f"{shown!r} fits {len(found)} jobs", why=why, hint="type more of the id")

    def remove(self, job: Job, *, force: bool = False) -> None:
        """Forget a job that is over, with its log.

        Args:
            job: The job.
            force: Also one of another machine, which cannot be seen from here. A job that runs
                is never removed.

        Raises:
            NotFineError: It is not over.
            PreventedError: The disk refused.
        """
        state = job.state()
        if state not in _REMOVABLE and not (force and state is JobState.FOREIGN):
            hint = "cancel it first" if state is not JobState.FOREIGN else "remove it there"
            raise NotFineError(f"the job is {state}", where=job.id, hint=hint)
        self._discard(job.directory)

    def sweep(self, *, keep: int = 100, older_than_s: float = 30 * 86400.0) -> int:
        """Forget old finished jobs, and the litter of submitters that died half-way.

        Args:
            keep: The newest jobs, whatever their age.
            older_than_s: Age of those that go, by their submission.

        Returns:
            How many jobs went.
        """
        self._sweep_litter()
        limit = time.time() - older_than_s
        removed = 0
        for job in self.list(for_list=True)[keep:]:
            if 0 < job.submitted < limit and job.state() in FINAL_STATES:
                self._discard(job.directory)
                removed += 1
        return removed

    def _sweep_litter(self) -> None:
        limit = time.time() - _LITTER_AGE_S
        for name in self._entries():
            if not name.startswith((NEW_PREFIX, TRASH_PREFIX)):
                continue
            path = self.root / name
            try:
                if path.lstat().st_mtime < limit:
                    shutil.rmtree(path, ignore_errors=True)
            except FileNotFoundError:
                continue

    def _discard(self, directory: Path) -> None:
        """Take a directory out of the list at once, then remove what is in it."""
        trash = self.root / f"{TRASH_PREFIX}{directory.name}-{secrets.token_hex(4)}"
        try:
            directory.rename(trash)
        except FileNotFoundError:
            return
        except OSError as fault:
            raise explain_disk(fault, directory, "the job could not be removed") from fault
        if trash.is_symlink():
            trash.unlink()
        else:
            shutil.rmtree(trash, ignore_errors=True)

    def _names(self) -> tuple[str, ...]:
        return tuple(name for name in self._entries() if _ID.fullmatch(name))

    def _entries(self) -> tuple[str, ...]:
        if not os.path.lexists(self.root):
            return ()
        make_private_directory(self.root)
        try:
            return tuple(path.name for path in self.root.iterdir())
        except OSError as fault:
            raise explain_disk(fault, self.root, "the jobs cannot be listed") from fault


def _fits(name: str, prefix: str) -> bool:
    return name.startswith(prefix) or name.partition("-")[2].startswith(prefix)
