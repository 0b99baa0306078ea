"""Formats that name packages by address need one of each."""

from envbench.model.errors import UsageError
from envbench.model.lock import Lock

_MOST_NAMED = 5


def refuse_unaddressed(lock: Lock, file_name: str, *, pip: bool = True) -> None:
    """Let only locks pass whose packages have addresses.

    Raises:
        UsageError: Some have none; they are named.
    """
    conda = [package.name for package in lock.packages if not package.url]
    wheels = [p.name for p in lock.pip if not (p.url or p.direct_url)] if pip else []
    if not conda and not wheels:
        return
    names = [*conda, *wheels]
    rest = len(names) - _MOST_NAMED
    shown = ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
    raise UsageError(
        f"{file_name} cannot name {shown}",
        why="Their addresses are not known: installers of pip packages do not keep them."
        if wheels
        else "Their addresses are not known.",
        hint="Lock the spec instead, build the environment with envbench, which keeps addresses,"
        " or choose a format of names and versions (environment-yml, requirements).",
    )
