"""What the spec editor asks about packages: what fits at the cursor, and what a line means.

Both answer from indexes that are cached or lie on this box; no network is asked and nothing is
written. What was read is kept for as long as the process lives.
"""

from functools import lru_cache

from envbench.engine.outside_text import show_text
from envbench.machine.host import detect_host, detect_platform
from envbench.model.completion import CompletionReport
from envbench.model.errors import UsageError
from envbench.model.host import HostProfile
from envbench.model.inspection import LineInspection
from envbench.model.spec_place import PlaceKind, find_place
from envbench.settings.load import Settings
from envbench.workbench.completing import Question, offer_items, offer_words
from envbench.workbench.inspecting import inspect_subject
from envbench.workbench.line_facts import Subject
from envbench.workbench.spec_index import open_spec_index

LOAD_BUDGET_S = 0.25
"""How long one question may read indexes that are not open yet; the next one goes on."""


def complete(
    text: str,
    line: int,
    column: int,
    *,
    path: str,
    settings: Settings,
    platform: str | None = None,
    budget_s: float = LOAD_BUDGET_S,
) -> CompletionReport:
    """List what may stand at a cursor.

    Args:
        text: The whole text of the spec, in the middle of an edit.
        line: Line of the cursor, from 1.
        column: Characters of the line before the cursor.
        path: The file, for channels that are relative paths.
        settings: The user's.
        platform: What the spec is for; this box by default.
        budget_s: See `LOAD_BUDGET_S`.

    Raises:
        UsageError: No text has such a place.
    """
    _require_place(line, column)
    place = find_place(text, line, column)
    if place.kind in {PlaceKind.NOTHING, PlaceKind.KEY, PlaceKind.PLATFORM}:
        return CompletionReport(
            kind=place.kind, query=place.query, items=offer_words(text, line, place)
        )
    found = open_spec_index(
        # A channel in the middle of being typed is none yet.
        _without_line(text, line) if place.kind is PlaceKind.CHANNEL else text,
        path=path,
        settings=settings,
        platform=platform or detect_platform(),
        budget_s=budget_s,
    )
    offer = offer_items(Question(text, line, place, found.index, settings))
    return CompletionReport(
        kind=place.kind,
        query=show_text(place.query, limit=200),
        items=offer.items,
        more=offer.more,
        # The names of channels are offered whatever is cached of them.
        status="" if place.kind is PlaceKind.CHANNEL else found.status,
        pending=found.index.pending,
    )


def inspect(
    text: str,
    line: int,
    *,
    path: str,
    settings: Settings,
    host: HostProfile | None = None,
    budget_s: float = LOAD_BUDGET_S,
) -> LineInspection:
    """Say what a line means: what it accepts, where that comes from, and what there is beside it.

    Args:
        text: The whole text of the spec, in the middle of an edit.
        line: From 1.
        path: The file, for channels that are relative paths.
        settings: The user's.
        host: The box that the spec is for; this one by default.
        budget_s: See `LOAD_BUDGET_S`.

    Raises:
        UsageError: No text has such a line.
    """
    _require_place(line, 0)
    host = host or _detect_this_box()
    found = open_spec_index(
        text, path=path, settings=settings, platform=host.platform, budget_s=budget_s
    )
    return inspect_subject(Subject(text, line, found, settings, host))


def _without_line(text: str, line: int) -> str:
    lines = text.split("\n")
    return "\n".join((*lines[: line - 1], "", *lines[line:]))


@lru_cache(maxsize=1)
def _detect_this_box() -> HostProfile:
    return detect_host()


def _require_place(line: int, column: int) -> None:
    if line < 1 or column < 0:
        raise UsageError(
            f"line {line}, column {column} is no place of a text",
            hint="lines are counted from 1, columns from 0",
        )
