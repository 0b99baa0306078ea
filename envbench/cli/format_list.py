"""`envbench lock --formats`."""

from typing import Any

from envbench.cli.output import print_document, say
from envbench.formats.lock_formats import LOCK_FORMATS
from envbench.model.errors import ExitCode
from envbench.workbench.locks.lock_file import PACK_FORMAT

_PACK: dict[str, Any] = {
    "format": PACK_FORMAT,
    "file_name": "NAME-PLATFORM.tar",
    "summary": "the lock with all archives, made by a job; the same as envbench pack",
    "is_lock": True,
    "many_platforms": False,
}
"""No text like the others: it is written by a job."""


def show_formats(*, as_json: bool) -> int:
    """List what a lock can be written in; gives the exit code."""
    rows: list[dict[str, Any]] = [
        {
            "format": form.name,
            "file_name": form.file_name,
            "summary": form.summary,
            "is_lock": form.is_lock,
            "many_platforms": form.many_platforms,
        }
        for form in LOCK_FORMATS
    ]
    if as_json:
        print_document("lock.formats", {"formats": [*rows, _PACK]})
        return ExitCode.FINE
    width = max(len(row["format"]) for row in rows)
    for title, listed in (
        ("Locks:", [row for row in rows if row["is_lock"]]),
        ("Files for other tools:", [row for row in rows if not row["is_lock"]]),
        ("For boxes without a network:", [_PACK]),
    ):
        say(title)
        for row in listed:
            say(f"  {row['format'].ljust(width)}  {row['file_name']}: {row['summary']}")
    return ExitCode.FINE
