"""Looking for something in the log that is shown."""

import asyncio
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench, LogDoor
from envbench.ui.state import ScreenState

if TYPE_CHECKING:
    from envbench.workbench.logs import Level, LogQuery

REGEX = "re:"
"""Leads a regular expression."""
SEARCH = "log-search"
SEARCH_ON_S = 1.0
"""Between two looks for the same in a log that grows."""


def find(bench: Bench, log: LogDoor, text: str, *, only: bool) -> None:
    """Look for a text, and go to the first place; nothing is looked for when it is empty.

    Args:
        bench: The screen.
        log: What shows the log.
        text: As the user wrote it: `re:` leads a regular expression, and letter case matters once
            there is a capital in it.
        only: Leave out all lines that do not match.
    """
    if not text:
        stop_search(bench, log)
        return
    start(bench, log, read_query(text), only=only)


def read_query(text: str) -> "LogQuery":
    """Make a query of what a user wrote."""
    from envbench.workbench.logs import LogQuery

    is_regex = text.startswith(REGEX)
    pattern = text.removeprefix(REGEX)
    return LogQuery(pattern, regex=is_regex, ignore_case=pattern == pattern.lower())


def show_pattern(query: "LogQuery") -> str:
    """Write a query as a user would."""
    return f"{REGEX}{query.pattern}" if query.regex else query.pattern


def start(bench: Bench, log: LogDoor, query: "LogQuery", *, only: bool) -> None:
    """Begin a search; one that is still going on ends."""
    log.begin_search(query, jump=True)
    log.show_only_matches(only)
    bench.begin(SEARCH, _search(bench, log, query))


def stop_search(bench: Bench, log: LogDoor) -> None:
    """Look for nothing any more, and show all lines."""
    bench.stop(SEARCH)
    log.clear_search()


async def _search(bench: Bench, log: LogDoor, query: "LogQuery") -> None:
    """Search what is there, then what comes, until something else is looked for."""
    from envbench.model.errors import EnvbenchError

    directory, known = log.directory, -1
    try:
        while log.search_query is query and log.directory == directory:
            if log.status.lines != known:
                known = log.status.lines
                await _search_from(bench, log, query, log.searched_lines)
            if log.status.capped:
                return
            await asyncio.sleep(SEARCH_ON_S)
    except EnvbenchError:
        if log.search_query is query:
            log.clear_search()
        raise


async def _search_from(bench: Bench, log: LogDoor, query: "LogQuery", first: int) -> None:
    directory = log.directory
    found = bench.desk.search_log(
        directory,
        query.pattern,
        regex=query.regex,
        ignore_case=query.ignore_case,
        levels=query.levels,
        first_line=first,
    )
    async for hits in found:
        # Another log or another search may be shown by now.
        if log.directory != directory or log.search_query is not query:
            return
        log.show_hits(hits)


async def go_to_first_error(bench: Bench, log: LogDoor) -> None:
    """Go to the first line that tells of an error."""
    directory = log.directory
    number = await bench.desk.find_first_error(directory)
    if log.directory != directory:
        return
    if number is None:
        bench.tell("No line of this log tells of an error")
    else:
        log.go_to_line(number)


async def choose_levels(bench: Bench, log: LogDoor) -> None:
    """Let the user choose which lines are shown, by how bad they are."""
    from envbench.workbench.logs import LogQuery

    options = (
        ("e", "errors"),
        ("w", "errors and warnings"),
        ("a", "all lines"),
    )
    wanted = await bench.choose("Show of the log", options)
    levels: dict[str, tuple[Level, ...]] = {"e": ("error",), "w": ("error", "warning")}
    if wanted in levels:
        start(bench, log, LogQuery("", levels=levels[wanted]), only=True)
    elif wanted == "a":
        stop_search(bench, log)


def find_neighbour(state: ScreenState, step: int) -> str:
    """Give the id of the job whose log comes before or after the shown one; empty for none.

    Args:
        state: All that is known.
        step: 1 for the next newer job, -1 for the next older one.
    """
    shown, update = state.shown_log, state.jobs.value
    if shown is None or update is None:
        return ""
    ids = [job.id for job in update.jobs]
    place = ids.index(shown.id) - step if shown.id in ids else -1
    return ids[place] if 0 <= place < len(ids) else ""
