"""One job, seen from outside: where it stands, what came of it, and how to end it."""

import json
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from envbench.jobs import layout
from envbench.jobs.event_file import FULL
from envbench.jobs.folder import Folder
from envbench.jobs.processes import identify, is_from_here, read_life, send_signal
from envbench.jobs.records import (
    explain_disk,
    read_identity,
    read_listed_record,
    read_record,
    read_result,
)
from envbench.jobs.submitting import start_supervisor
from envbench.model.errors import PreventedError
from envbench.model.job import (
    ADOPTABLE_STATES,
    FINAL_STATES,
    JobRequest,
    JobResult,
    JobState,
    judge,
)
from envbench.model.job_states import Life

YOUNG_S = 1.0
"""For so long after its submission, a job without a supervisor is taken to be starting."""
POLL_S = 0.05
RECONCILE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job on disk. It holds nothing open and may be kept, copied and forgotten."""

    id: str
    directory: Path
    request: JobRequest
    """What was asked for; a stand-in that says so when the record is damaged."""
    submitted: float
    """Unix time; 0 when the record is damaged."""
    damage: str = ""
    """Why the records cannot be read; empty for a sound job."""
    is_foreign: bool = False
    """Submitted on another machine or in another container."""
    creator_pid: int = 0
    """Of the process that submitted it; 0 when that is not known."""

    @classmethod
    def load(cls, directory: Path, *, for_list: bool = False) -> "Job":
        """Read a job's record; a broken one gives a job that says so.

        Args:
            directory: Of the job.
            for_list: Leave the payload of the request out, which may be megabytes.
        """
        try:
            with Folder(str(directory)) as folder:
                folder.check(layout.OWN_FILES)
                record = read_listed_record(folder) if for_list else read_record(folder)
        except PreventedError as fault:
            return cls._load_damaged(directory, fault)
        except OSError as fault:
            return cls._load_damaged(directory, explain_disk(fault, directory, "unreadable"))
        return cls(
            id=directory.name,
            directory=directory,
            request=record.request,
            submitted=record.submitted,
            is_foreign=not is_from_here(record.creator),
            creator_pid=pid if isinstance(pid := record.creator.get("pid"), int) else 0,
        )

    @classmethod
    def _load_damaged(cls, directory: Path, fault: PreventedError) -> "Job":
        damage = ": ".join(part for part in (fault.what, fault.why) if part)
        request = JobRequest(kind="damaged", title=f"damaged: {damage}", argv=())
        return cls(
            id=directory.name, directory=directory, request=request, submitted=0.0, damage=damage
        )

    def state(self) -> JobState:
        """Say where the job stands now, by its result or else by the table of states."""
        try:
            with Folder(str(self.directory)) as folder:
                result = read_result(folder)
                return self._judge(folder) if result is None else result.state
        except (PreventedError, OSError):
            return judge(records_whole=False)

    def result(self) -> JobResult | None:
        """Read the final word, or None while there is none.

        Raises:
            PreventedError: The job's directory is gone, unsafe or unreadable.
        """
        try:
            with Folder(str(self.directory)) as folder:
                return read_result(folder)
        except OSError as fault:
            raise explain_disk(fault, self.directory, "the job cannot be read") from fault

    def reconcile(self) -> JobState:
        """Give the job a supervisor if it needs one; to be called every few seconds.

        Any number of processes may do so at once.

        Returns:
            Where the job stood before.

        Raises:
            PreventedError: No supervisor can be started.
        """
        state = self.state()
        if state in ADOPTABLE_STATES:
            start_supervisor(self.directory)
        return state

    def cancel(self) -> JobState:
        """Ask for the job's end and return at once; `wait` tells when nothing of it is left.

        Returns:
            Where the job stood before; a final state means that there was nothing to cancel.

        Raises:
            PreventedError: It belongs to another machine, or its directory refuses the request.
        """
        state = self.state()
        if state in FINAL_STATES:
            return state
        if state in (JobState.FOREIGN, JobState.DAMAGED):
            raise self._explain_no_cancel(state)
        try:
            with Folder(str(self.directory)) as folder:
                _ask_for_end(folder)
                supervisor = read_identity(folder, layout.SUPERVISOR)
        except OSError as fault:
            raise explain_disk(fault, self.directory, "the job cannot be cancelled") from fault
        if supervisor is None or not send_signal(supervisor, signal.SIGTERM):
            start_supervisor(self.directory)
        return state

    def wait(self, timeout_s: float | None = None) -> JobResult | None:
        """Wait for the result, giving the job a new supervisor whenever it needs one.

        Returns:
            The result, or None when the time was over first, or when the job cannot be followed
            from here (foreign, damaged).
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        next_look = 0.0
        while True:
            now = time.monotonic()
            if now >= next_look:
                next_look = now + RECONCILE_S
                if self.reconcile() in (JobState.FOREIGN, JobState.DAMAGED):
                    return None
            result = self.result()
            if result is not None or (deadline is not None and now >= deadline):
                return result
            time.sleep(POLL_S)

    def _judge(self, folder: Folder) -> JobState:
        if self.damage:
            return judge(records_whole=False)
        supervisor = read_life(read_identity(folder, layout.SUPERVISOR))
        if supervisor is Life.NONE and self.is_foreign:
            supervisor = Life.UNKNOWN
        return judge(
            supervisor=supervisor,
            worker=read_life(read_identity(folder, layout.WORKER)),
            started=folder.has(layout.STARTED),
            young=abs(time.time() - self.submitted) < YOUNG_S,
        )

    def _explain_no_cancel(self, state: JobState) -> PreventedError:
        what = "the job cannot be cancelled from here"
        if state is JobState.DAMAGED:
            return PreventedError(what, where=str(self.directory), why=self.damage)
        why = "it runs on another machine or in another container"
        return PreventedError(what, where=self.id, why=why, hint="cancel it there")


def _ask_for_end(folder: Folder) -> None:
    """Leave the request to end; on a full disk it says no more than that."""
    who = {**(identify(os.getpid()) or {}), "t": time.time()}
    try:
        folder.write_first(layout.CANCEL, json.dumps(who).encode())
    except OSError as fault:
        if fault.errno not in FULL:
            raise
        # A name alone needs no block, and it is the name that counts.
        with suppress(FileExistsError):
            folder.create(layout.CANCEL, durable=False)
