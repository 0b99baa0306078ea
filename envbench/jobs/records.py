"""Reads and writes the records of a job as typed values."""

import errno
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import msgspec

from envbench.jobs import layout
from envbench.jobs.folder import Folder
from envbench.jobs.processes import Identity
from envbench.model.cleaning import clean
from envbench.model.errors import PreventedError
from envbench.model.job import JobRequest, JobResult

Record = TypeVar("Record")

_DISK_CAUSES = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENOENT: "the directory is gone",
    errno.ESTALE: "the network file system lost the directory",
}
_DISK_HINT = "make room there, or set ENVBENCH_STATE_DIR to another directory"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """What the submitter wrote down, once."""

    schema: str
    id: str
    submitted: float
    """Unix time."""
    creator: Identity
    """Who submitted it, and on which machine; see `ProcessIdentity`."""
    request: JobRequest


def encode_record(record: JobRecord) -> bytes:
    """Make the text of `job.json`."""
    return msgspec.json.encode(record)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListedRequest:
    """What lists show of a request."""

    kind: str
    title: str
    argv: tuple[str, ...]
    environment: str = ""
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListedRecord:
    schema: str
    id: str
    submitted: float
    creator: Identity
    request: _ListedRequest


def read_record(folder: Folder) -> JobRecord:
    """Read `job.json`.

    Raises:
        PreventedError: It is missing, unsafe, or not what it should be.
    """
    return _decode(folder, JobRecord)


def read_listed_record(folder: Folder) -> JobRecord:
    """Read of `job.json` what lists show: a request may hold a lock of hundreds of packages.

    Its request has no payload, and the usual limits.

    Raises:
        PreventedError: It is missing, unsafe, or not what it should be.
    """
    found = _decode(folder, _ListedRecord)
    asked = found.request
    request = JobRequest(
        kind=asked.kind,
        title=asked.title,
        argv=asked.argv,
        environment=asked.environment,
        env=asked.env,
    )
    return JobRecord(
        schema=found.schema,
        id=found.id,
        submitted=found.submitted,
        creator=found.creator,
        request=request,
    )


def _decode(folder: Folder, kind: type[Record]) -> Record:
    data = folder.read(layout.JOB)
    where = f"{folder.path}/{layout.JOB}"
    if data is None:
        raise PreventedError("the job's record is missing", where=where)
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError as fault:
        why = clean(str(fault), limit=200)
        raise PreventedError("the job's record cannot be read", where=where, why=why) from None


def read_result(folder: Folder) -> JobResult | None:
    """Read the final word about a job, with the payload that the worker left; None before.

    Raises:
        PreventedError: It is unsafe, or not what it should be.
    """
    data = folder.read(layout.RESULT)
    if data is None:
        return None
    try:
        result = msgspec.json.decode(data, type=JobResult)
    except msgspec.DecodeError as fault:
        where = f"{folder.path}/{layout.RESULT}"
        why = clean(str(fault), limit=200)
        raise PreventedError("the job's result cannot be read", where=where, why=why) from None
    return replace(result, payload=_read_payload(folder))


def read_identity(folder: Folder, name: str) -> Identity | None:
    """Read the record of a process; None when there is none, or none that can be read."""
    data = folder.read(name)
    try:
        return None if data is None else msgspec.json.decode(data, type=dict[str, object])
    except msgspec.DecodeError:
        return None


def explain_disk(fault: OSError, path: Path, what: str) -> PreventedError:
    """Put a fault of the disk into plain words.

    Args:
        fault: What the system said.
        path: Where.
        what: What could not be done.
    """
    number = fault.errno or 0
    why = _DISK_CAUSES.get(number, os.strerror(number))
    return PreventedError(what, where=clean(str(path), limit=1000), why=why, hint=_DISK_HINT)


def _read_payload(folder: Folder) -> dict[str, object]:
    data = folder.read(layout.WORKER_RESULT)
    try:
        return {} if data is None else msgspec.json.decode(data, type=JobResult).payload
    except msgspec.DecodeError:
        return {}
