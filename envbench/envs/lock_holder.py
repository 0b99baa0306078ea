"""Who holds a lock of an environment or a cache."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lock, as the holder itself wrote it down."""

    pid: int = 0
    """0 when unknown."""
    host: str = ""
    job: str = ""
    """Id of the job; empty outside of one."""
    since: str = ""
    """ISO 8601, UTC."""

    def __str__(self) -> str:
        if not self.pid:
            return "another process"
        process = f"process {self.pid}" + (f" on {self.host}" if self.host else "")
        since = f", since {self.since}" if self.since else ""
        return f"job {self.job} ({process}{since})" if self.job else f"{process}{since}"
