"""What can go wrong in the engine, by whose fault it is."""

from enum import StrEnum

from envbench.model.errors import PreventedError


class EngineError(PreventedError):
    """The root of the engine's own errors."""


class FaultKind(StrEnum):
    """What a channel did wrong."""

    NOT_FOUND = "not_found"
    """404, or a directory that does not exist."""
    UNAUTHORIZED = "unauthorized"
    """401: credentials are missing or wrong."""
    FORBIDDEN = "forbidden"
    """403: the credentials are known and not enough, or a firewall refuses."""
    RATE_LIMITED = "rate_limited"
    """429."""
    SERVER_ERROR = "server_error"
    """5xx."""
    REDIRECT_LOOP = "redirect_loop"
    UNREACHABLE = "unreachable"
    """No connection: refused, reset, no route, name unknown, broken TLS."""
    TLS = "tls"
    """The certificate is not trusted."""
    TRUNCATED = "truncated"
    """The answer ended before its announced length."""
    NOT_REPODATA = "not_repodata"
    """Something else than an index came back: HTML of a portal, broken JSON, broken zstd."""
    TIMEOUT = "timeout"
    """Silent or far too slow."""
    TOO_LARGE = "too_large"
    """More bytes than the limit for an index."""
    NOT_CACHED = "not_cached"
    """Offline, and no copy of the index is in the cache."""
    OTHER = "other"


class ChannelFaultError(EngineError):
    """A channel cannot be used; the message names the channel and what it did."""

    def __init__(
        self,
        what: str,
        *,
        channel: str,
        fault: FaultKind,
        where: str = "",
        why: str = "",
        hint: str = "",
    ) -> None:
        """Keep the channel and the kind of fault beside the message.

        Args:
            what: One line: what could not be done.
            channel: The channel as the user names it.
            fault: What the channel did wrong.
            where: The address of the channel, redacted.
            why: The cause in plain words; cleaned and redacted.
            hint: What to do next.
        """
        super().__init__(what, where=where, why=why, hint=hint)
        self.channel = channel
        self.fault = fault


class HostileRecordError(EngineError):
    """A repodata record that cannot be honest: a name, version or path that is no plain text."""


class SolverStoppedError(EngineError):
    """The solver process died, or was told to stop, before it answered."""


class SolveTimeoutError(EngineError):
    """No answer within the time that the caller gave."""
