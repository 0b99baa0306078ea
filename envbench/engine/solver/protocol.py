"""The lines between a solver process and whoever uses it; bytes in, messages out, no pipes here.

One JSON object a line, in both directions. The client speaks first (`Configure`), the process
answers `Ready`; after that every request has an `id` that its messages carry back. A process
works on one request at a time and ends when its standard input ends.
"""

import msgspec

from envbench.engine.backends.rattler.runaway import NOTHING_LEARNED, Lessons
from envbench.engine.engine_settings import EngineSettings
from envbench.model.channel import ChannelGroup
from envbench.model.conflict import Conflict
from envbench.model.json_lines import LineReader as LineReader
from envbench.model.json_lines import ProtocolError as ProtocolError
from envbench.model.plan import Plan, SolveRequest

PROTOCOL = 1
"""Raised when old and new sides would misunderstand each other."""


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
    explain: bool = True
    """Whether a refusal is narrowed down to lines; without, it is only the solver's text."""


class Try(msgspec.Struct, frozen=True, kw_only=True, tag="try"):
    """Asks whether a changed request has a solution; answered by `Tried` or `Failed`."""

    id: int
    request: SolveRequest
    kept: tuple[int, ...] = ()
    """Indexes of specs that all tries of this search have in common: records that cannot go with
    them are left out of the index once, and every further try is quicker. The first try for a box
    and channels of which nothing was asked before takes the whole index. Empty: no pruning."""
    lessons: Lessons = NOTHING_LEARNED


class FindPackages(msgspec.Struct, frozen=True, kw_only=True, tag="find"):
    """Asks what the channels have under a name; answered by `Found` or `Failed`."""

    id: int
    name: str
    channels: tuple[ChannelGroup, ...]
    platform: str
    offline: bool = False
    silent_s: float | None = None
    """A channel of which nothing comes for so long is given up; None: as the settings say."""


AnyRequest = Configure | Solve | Try | FindPackages


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


class Pick(msgspec.Struct, frozen=True, kw_only=True):
    """One package that a solve chose."""

    name: str
    version: str
    build: str
    channel: str
    """The user's name of its channel."""


class Tried(msgspec.Struct, frozen=True, kw_only=True, tag="tried"):
    """What came of a try."""

    id: int
    picks: tuple[Pick, ...] = ()
    """Empty when there is no solution."""
    refusal: str = ""
    """The solver's own words; empty when there is a solution."""
    solve_s: float = 0.0
    records: int = 0
    """How many records the solver had to choose from; 0 when that was not counted."""

    @property
    def is_solvable(self) -> bool:
        """Whether there is a solution."""
        return not self.refusal


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


AnyAnswer = Ready | Waiting | Solved | Refused | Tried | Found | Failed


def encode_message(message: AnyRequest | AnyAnswer) -> bytes:
    """Write a message as one line, its end included."""
    return msgspec.json.encode(message) + b"\n"


def read_requests() -> "LineReader[AnyRequest]":
    """Make the reader of the process's side."""
    return LineReader(msgspec.json.Decoder(AnyRequest))


def read_answers() -> "LineReader[AnyAnswer]":
    """Make the reader of the client's side."""
    return LineReader(msgspec.json.Decoder(AnyAnswer))
