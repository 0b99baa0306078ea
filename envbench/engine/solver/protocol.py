"""The lines between a solver process and whoever uses it; bytes in, messages out, no pipes here.

One JSON object a line, in both directions. The client speaks first (`Configure`), the process
answers `Ready`; after that every request has an `id` that its messages carry back. A process
works on one request at a time and ends when its standard input ends.
"""

from typing import Generic, TypeVar

import msgspec

from envbench.engine.backends.rattler.runaway import NOTHING_LEARNED, Lessons
from envbench.engine.engine_settings import EngineSettings
from envbench.model.channel import ChannelGroup
from envbench.model.plan import Conflict, Plan, SolveRequest

PROTOCOL = 1
"""Raised when old and new sides would misunderstand each other."""

MAX_LINE_BYTES = 256 * 1024 * 1024


class ProtocolError(ValueError):
    """The other side sent something that is no message."""


class Configure(msgspec.Struct, frozen=True, kw_only=True, tag="configure"):
    """The first line, once."""

    settings: EngineSettings
    protocol: int = PROTOCOL


class Solve(msgspec.Struct, frozen=True, kw_only=True, tag="solve"):
    """Asks for a plan; answered by `Solved`, `Refused` or `Failed`."""

    id: int
    request: SolveRequest
    lessons: Lessons = NOTHING_LEARNED
    """From processes that ran away with the same request."""


class FindPackages(msgspec.Struct, frozen=True, kw_only=True, tag="find"):
    """Asks what the channels have under a name; answered by `Found` or `Failed`."""

    id: int
    name: str
    channels: tuple[ChannelGroup, ...]
    platform: str
    offline: bool = False


AnyRequest = Configure | Solve | FindPackages


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag="ready"):
    """The process is up and its library is loaded."""

    pid: int
    protocol: int = PROTOCOL
    library: str = ""
    """Name and version of the solver's library."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True, tag="waiting"):
    """Says what a request waits for; the last one counts."""

    id: int
    channels: tuple[str, ...] = ()
    """Channels whose indexes are on their way; empty when the solver itself is at work."""


class Solved(msgspec.Struct, frozen=True, kw_only=True, tag="solved"):
    """A plan."""

    id: int
    plan: Plan


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused"):
    """There is no solution."""

    id: int
    conflict: Conflict


class VersionsIn(msgspec.Struct, frozen=True, kw_only=True):
    """What one channel has of a package."""

    channel: str
    versions: tuple[str, ...]
    """Newest first."""


class Found(msgspec.Struct, frozen=True, kw_only=True, tag="found"):
    """What the channels have under a name."""

    id: int
    versions: tuple[VersionsIn, ...] = ()
    """In the order of the channels; empty when none has it."""
    close_names: tuple[str, ...] = ()
    """Names that may have been meant; only when there is no such package."""


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """A request could not be carried out; the parts of an error, cleaned and redacted."""

    id: int
    error: str
    """`usage`, `channel`, `hostile`, `timeout`, `runaway`, `stopped` or `engine`."""
    what: str
    where: str = ""
    why: str = ""
    hint: str = ""
    channel: str = ""
    fault: str = ""
    """For `channel`: the kind of fault."""
    part: tuple[int, ...] = ()
    """For `runaway`: the specs that were being solved."""
    proven: bool = False
    """For `runaway`: they have no solution."""
    broken: bool = False
    """The process is not fit for further requests and should be replaced."""


AnyAnswer = Ready | Waiting | Solved | Refused | Found | Failed

T = TypeVar("T")


def encode_message(message: AnyRequest | AnyAnswer) -> bytes:
    """Write a message as one line, its end included."""
    return msgspec.json.encode(message) + b"\n"


class LineReader(Generic[T]):
    """Cuts bytes into lines and lines into messages, whatever the pieces they arrive in."""

    def __init__(self, decoder: "msgspec.json.Decoder[T]", *, limit: int = MAX_LINE_BYTES) -> None:
        """Start with nothing read."""
        self._decoder = decoder
        self._limit = limit
        self._pieces: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes) -> list[T]:
        """Take the next bytes; return the messages that they complete.

        Raises:
            ProtocolError: A line is no message, or has no end within the limit.
        """
        *lines, rest = data.split(b"\n")
        messages = []
        for line in lines:
            whole = b"".join((*self._pieces, line))
            self._pieces, self._held = [], 0
            if whole:
                messages.append(self._decode(whole))
        self._keep(rest)
        return messages

    def _keep(self, rest: bytes) -> None:
        if rest:
            self._pieces.append(rest)
            self._held += len(rest)
        if self._held > self._limit:
            raise ProtocolError(f"a line is longer than {self._limit} bytes")

    def _decode(self, line: bytes) -> T:
        try:
            return self._decoder.decode(line)
        except msgspec.DecodeError as error:
            raise ProtocolError(f"not a message: {error}") from None


def read_requests() -> "LineReader[AnyRequest]":
    """Make the reader of the process's side."""
    return LineReader(msgspec.json.Decoder(AnyRequest))


def read_answers() -> "LineReader[AnyAnswer]":
    """Make the reader of the client's side."""
    return LineReader(msgspec.json.Decoder(AnyAnswer))
