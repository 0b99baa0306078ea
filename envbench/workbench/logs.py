"""Logs of jobs: opened for a screen, searched for it in another process."""

from collections.abc import Iterator
from pathlib import Path

from envbench.jobs.log_index import LogIndex
from envbench.jobs.log_index_lines import Level, ShownLine
from envbench.jobs.log_index_search import HITS_LIMIT, LogHits, LogQuery, search_index

__all__ = [
    "Level",
    "LogHits",
    "LogIndex",
    "LogQuery",
    "ShownLine",
    "find_first_error",
    "open_log",
    "open_log_end",
    "search_log",
]


def open_log(directory: Path) -> LogIndex:
    """Open a job's log by line number. Nothing is read before its first `advance`.

    Args:
        directory: The job's directory; its log may not be there yet.
    """
    return LogIndex(str(directory))


def open_log_end(directory: Path, tail_bytes: int) -> LogIndex:
    """Open the end of a job's log and what comes after it; lines are counted from there.

    Args:
        directory: The job's directory; its log may not be there yet.
        tail_bytes: About how much of what is there is shown.
    """
    return LogIndex(str(directory), tail_bytes=tail_bytes)


def search_log(
    directory: str,
    pattern: str,
    *,
    regex: bool = False,
    ignore_case: bool = True,
    levels: tuple[Level, ...] = (),
    first_line: int = 0,
    limit: int = HITS_LIMIT,
) -> Iterator[LogHits]:
    """Search the lines of a job's log as they are shown.

    To be run in a process that can be killed: a regular expression may take forever.

    Args:
        directory: The job's directory.
        pattern: What to look for; empty to look for levels alone.
        regex: The pattern is a regular expression.
        ignore_case: Letter case does not matter.
        levels: Only lines of these levels; all when empty.
        first_line: Where to begin, counted from 0.
        limit: Most hits.

    Yields:
        A batch about every tenth of a second; the last one says `done`.

    Raises:
        UsageError: The pattern is no regular expression, or too long.
    """
    query = LogQuery(pattern, regex, ignore_case, levels, limit)
    with LogIndex(directory) as index:
        yield from search_index(index, query, first_line)


def find_first_error(directory: str, *, first_line: int = 0) -> int | None:
    """Give the number of the first line that tells of an error, or None.

    Args:
        directory: The job's directory.
        first_line: Where to begin, counted from 0.
    """
    found = search_log(directory, "", levels=("error",), first_line=first_line, limit=1)
    return next((batch.lines[0] for batch in found if batch.lines), None)
