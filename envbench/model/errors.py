"""Errors that a user reads: what, where, why, and what to do next.

Every room raises subclasses of `EnvbenchError`; the outer edge prints them and turns
`exit_code` into the status of the process. Nothing here knows how they are shown.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the status of the `envbench` process means."""

    FINE = 0
    NOT_FINE = 1
    """The thing asked about is not fine: problems, no solution, a failed probe, drift."""
    USAGE = 2
    """Wrong usage, or input that cannot be read."""
    PREVENTED = 3
    """This box or the network prevented it."""
    CANCELLED = 130


class EnvbenchError(Exception):
    """The root of all errors that are told to the user rather than traced back."""

    exit_code: ExitCode = ExitCode.PREVENTED

    def __init__(self, what: str, *, where: str = "", why: str = "", hint: str = "") -> None:
        """Keep the four parts of the message.

        Args:
            what: One line: what could not be done.
            where: `file:line`, a path, a channel or a URL (already redacted); may be empty.
            why: The cause in plain words; may be empty.
            hint: What to do next; may be empty.
        """
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return "\n".join(part for part in (head, self.why, self.hint) if part)


class UsageError(EnvbenchError):
    """Wrong usage, or input that cannot be read."""

    exit_code = ExitCode.USAGE


class NotFineError(EnvbenchError):
    """The thing asked about is not fine."""

    exit_code = ExitCode.NOT_FINE


class PreventedError(EnvbenchError):
    """This box or the network prevented the work."""

    exit_code = ExitCode.PREVENTED


class CancelledWorkError(EnvbenchError):
    """The user cancelled the work."""

    exit_code = ExitCode.CANCELLED
