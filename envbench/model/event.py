"""What a worker tells while it works: one JSON line each, decoded with validation."""

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="k", omit_defaults=True):
    """The fields that every event has; set by the writer, not by who emits it."""

    s: int = 0
    """Sequence number within its file, from 1."""
    t: float = 0.0
    """Unix time, seconds."""


class PhaseStarted(Event, frozen=True, kw_only=True, tag="phase_started"):
    """A phase of the work began: `wait`, `solve`, `fetch`, `link`, `pip`, `verify`, `flip`, ..."""

    phase: str


class PhaseEnded(Event, frozen=True, kw_only=True, tag="phase_ended"):
    """A phase ended; its duration is wall time."""

    phase: str
    duration_s: float
    ok: bool = True
    detail: str = ""


class Progress(Event, frozen=True, kw_only=True, tag="progress"):
    """How far a phase is; at most a few a second."""

    phase: str
    done: int
    total: int | None = None
    unit: str = "packages"
    """`packages`, `bytes` or `files`."""
    item: str = ""
    """What is being worked on."""


class Message(Event, frozen=True, kw_only=True, tag="message"):
    """A line for the user, cleaned and redacted."""

    text: str
    level: str = "info"
    """`info`, `warning` or `error`."""


class WorkerStarted(Event, frozen=True, kw_only=True, tag="worker_started"):
    """Said by the supervisor."""

    pid: int


class LogTrimmed(Event, frozen=True, kw_only=True, tag="log_trimmed"):
    """The middle of the log was cut away to keep to its limit."""

    cut_bytes: int
    """All that is missing by now, not only what this cut took."""


class EventsDropped(Event, frozen=True, kw_only=True, tag="events_dropped"):
    """So many events could not be written before this one (disk full)."""

    count: int


class JobEnded(Event, frozen=True, kw_only=True, tag="end"):
    """Said by the supervisor; the result file is the authority."""

    state: str


AnyEvent = (
    PhaseStarted
    | PhaseEnded
    | Progress
    | Message
    | WorkerStarted
    | LogTrimmed
    | EventsDropped
    | JobEnded
)
