"""Errors of the engine on their way through the pipe, and back."""

from envbench.engine.backends.rattler.runaway import RunawayError
from envbench.engine.errors import (
    ChannelFaultError,
    EngineError,
    FaultKind,
    HostileRecordError,
    SolverStoppedError,
    SolveTimeoutError,
)
from envbench.engine.outside_text import show_text
from envbench.engine.solver.protocol import Failed
from envbench.model.errors import EnvbenchError, UsageError

_KINDS: dict[str, type[EnvbenchError]] = {
    "usage": UsageError,
    "hostile": HostileRecordError,
    "timeout": SolveTimeoutError,
    "stopped": SolverStoppedError,
    "engine": EngineError,
}


def to_failed(request_id: int, error: EnvbenchError) -> Failed:
    """Write an error as a message."""
    if isinstance(error, RunawayError):
        return Failed(
            id=request_id,
            error="runaway",
            what=error.what,
            part=error.part,
            proven=error.proven,
            broken=True,
        )
    if isinstance(error, ChannelFaultError):
        kind, channel, fault = "channel", error.channel, error.fault.value
    else:
        kind = next((k for k, cls in _KINDS.items() if isinstance(error, cls)), "engine")
        channel = fault = ""
    return Failed(
        id=request_id,
        error=kind,
        what=_show(error.what),
        where=_show(error.where),
        why=_show(error.why),
        hint=_show(error.hint),
        channel=channel,
        fault=fault,
        # Native downloads cannot be called back: after a fault some may still be going on.
        broken=kind in {"channel", "timeout"},
    )


def to_error(failed: Failed) -> EnvbenchError:
    """Make the error again that a message tells of."""
    if failed.error == "channel":
        return ChannelFaultError(
            failed.what,
            channel=failed.channel,
            fault=FaultKind(failed.fault),
            where=failed.where,
            why=failed.why,
            hint=failed.hint,
        )
    if failed.error == "runaway":
        return RunawayError(failed.part, proven=failed.proven)
    kind = _KINDS.get(failed.error, EngineError)
    return kind(failed.what, where=failed.where, why=failed.why, hint=failed.hint)


def _show(text: str) -> str:
    return show_text(text, limit=2000, multiline=True)
