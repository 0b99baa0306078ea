"""Environments and their generations as lines: pure functions for the two panes that list them."""

from typing import TYPE_CHECKING

from envbench.ui.columns import Column, lay_out
from envbench.ui.environment_choice import (
    generation_key,
    is_own,
    is_unbuilt,
    reference_of,
    row_key,
)
from envbench.ui.ink import Line, Part, ink, plain, spread
from envbench.ui.pane_view import Row
from envbench.ui.sizes import show_bytes
from envbench.ui.state import ScreenState
from envbench.ui.times import show_day, show_since

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envbench.workbench.values.environment_details import EnvironmentDetails, GenerationDetails
    from envbench.workbench.values.environment_rows import EnvironmentRow

UNKNOWN: Part = ("-", "faint")
COLUMNS = (
    Column("", least=1),
    Column("name", least=6, most=28, gives=2),
    Column("gen", "right", drops=2),
    Column("spec", least=11, most=24, gives=3, drops=5),
    Column("drift", least=10, most=34, gives=4, drops=1),
    Column("size", "right", drops=7),
    Column("unique", "right", drops=3),
    Column("used", drops=8),
    Column("tool", drops=6),
    Column("in use by", least=10, most=24, gives=5, drops=4),
    Column("note", least=12, most=60, gives=6, drops=9),
)
GENERATION_COLUMNS = (
    Column("", least=1),
    Column("gen", "right"),
    Column("built", drops=3),
    Column("by", most=24, least=5, gives=3, drops=5),
    Column("reason", least=14, most=40, gives=2, drops=2),
    Column("packages", "right", drops=4),
    Column("state", least=14, most=48, gives=1, drops=1),
)


def list_briefly(state: ScreenState, width: int) -> tuple[Row, ...]:
    """Give one short line for each environment."""
    rows = state.environments.value or ()
    return tuple(
        Row(row_key(reference_of(row)), (_brief_line(row, state.environment, width),))
        for row in rows
    )


def _brief_line(row: "EnvironmentRow", focus: str, width: int) -> Line:
    role = "text" if is_own(row) or is_unbuilt(row) else "dim"
    if reference_of(row) == focus:
        role = "bold"
    left = ink(say_mark(row, focus), " ", (row.name, role))
    generation = f"g{row.live_generation} " if row.live_generation is not None else ""
    # Half of a narrow pane is left to the name; the word tells more than the number.
    word = say_state(row)
    right = ink((generation, "dim"), word)
    if len(generation) + len(word[0]) > width // 2:
        right = ink(word)
    return spread(left, right, width)


def say_mark(row: "EnvironmentRow", focus: str) -> Part:
    """Mark a row: the one in focus, one that is broken, one that is not built."""
    if reference_of(row) == focus:
        return ("►", "accent")
    if row.fault:
        return ("×", "error")
    return ("○", "dim") if is_unbuilt(row) else ("●", "ok" if is_own(row) else "dim")


def say_state(row: "EnvironmentRow") -> tuple[str, str]:
    """Say in one or two words how an environment is."""
    if row.fault:
        return ("× broken", "error")
    if is_unbuilt(row):
        return ("not built", "dim")
    if not is_own(row):
        return ("frozen" if is_frozen(row) else row.owner or row.kind, "dim")
    if row.drift:
        return ("drift", "warning")
    if row.spec_state.value == "spec changed":
        return ("spec changed", "warning")
    return ("ok", "ok") if row.drift == "" else ("-", "faint")


def is_frozen(row: "EnvironmentRow") -> bool:
    """Whether its maker forbids changes."""
    return row.read_only.startswith("frozen")


def say_totals(rows: "Sequence[EnvironmentRow]") -> str:
    """Say how many there are, and what they take: `14 found, 61 GB unique`."""
    found = sum(not is_unbuilt(row) for row in rows)
    sizes = [row.unique_bytes for row in rows if row.unique_bytes is not None]
    unique = f", {show_bytes(sum(sizes))} unique" if sizes else ""
    return f"{found} found{unique}"


def list_fully(state: ScreenState, width: int, now: float) -> tuple[Line, tuple[Row, ...]]:
    """Give the line of headings, and the row of each environment."""
    rows = state.environments.value or ()
    cells = [_cells(row, state, now) for row in rows]
    filled = [i for i, column in enumerate(COLUMNS) if not column.heading or _is_filled(cells, i)]
    columns, cells = [COLUMNS[i] for i in filled], [[row[i] for i in filled] for row in cells]
    heading, lines = lay_out(columns, cells, width, indent=" ")
    keys = (row_key(reference_of(row)) for row in rows)
    return heading, tuple(Row(key, (line,)) for key, line in zip(keys, lines, strict=True))


def _is_filled(cells: list[list[Part]], index: int) -> bool:
    """Tell whether a column says anything; one of blanks only takes the place of others."""
    return any(plain(ink(row[index])).strip() for row in cells)


def _cells(row: "EnvironmentRow", state: ScreenState, now: float) -> list[Part]:
    ours = is_own(row) or is_unbuilt(row)
    tool = "here" if is_own(row) else row.kind or "-"
    return [
        say_mark(row, state.environment),
        (row.name, "bold" if ours else "dim"),
        UNKNOWN if row.live_generation is None else str(row.live_generation),
        _say_spec(row),
        say_drift(row),
        _say_size(row.size_bytes),
        _say_size(row.unique_bytes),
        (show_day(row.last_used, now), "dim"),
        (tool, "dim"),
        _say_users(row),
        _say_note(row, state.marked),
    ]


def _say_spec(row: "EnvironmentRow") -> Part:
    if not row.built_from:
        return ("none", "faint")
    name = row.built_from.rstrip("/").rpartition("/")[2]
    moved = row.spec_state.value == "spec changed"
    return ink((name, "text"), (" changed" if moved else "", "warning"))


def say_drift(row: "EnvironmentRow") -> Part:
    """Say what was changed since the build, or why that cannot be said."""
    if row.fault:
        return ("× broken", "error")
    if is_unbuilt(row):
        return ("not built", "dim")
    if row.drift:
        return (row.drift, "warning")
    if row.drift == "":
        return ("none", "dim")
    if is_frozen(row):
        return ("frozen: no installs", "dim")
    return (row.extras, "dim") if row.extras else UNKNOWN


def _say_size(count: int | None) -> Part:
    return UNKNOWN if count is None else show_bytes(count)


def _say_users(row: "EnvironmentRow") -> Part:
    if not row.users:
        return ""
    parts: list[Part] = []
    for user in row.users[:2]:
        parts.append((" " if parts else "") + f"pid {user.pid}")
        if user.generation is not None and user.generation != row.live_generation:
            parts.append((f" g{user.generation} ▲", "warning"))
    more = len(row.users) - 2
    return ink(*parts, (f" +{more}" if more > 0 else "", "dim"))


def _say_note(row: "EnvironmentRow", marked: str) -> Part:
    if row.fault:
        return (row.fault, "error")
    if marked and marked == reference_of(row):
        return ("marked", "accent")
    return (f"of {row.owner}" if row.owner else row.read_only, "dim")


def list_generations(
    details: "EnvironmentDetails", state: ScreenState, width: int, now: float
) -> tuple[Line, tuple[Row, ...]]:
    """Give the line of headings, and the row of each generation, the newest first."""
    name = state.environment
    sizes = state.generation_sizes
    known = {s.number: s.unique_bytes for s in sizes.value or () if sizes.about == name}
    cells = [
        _generation_cells(g, known.get(g.number), now, is_marked=state.marked == f"{name}@{g.number}")
        for g in details.generations
    ]  # fmt: skip
    heading, lines = lay_out(GENERATION_COLUMNS, cells, width, indent="   ")
    keys = (generation_key(name, g.number) for g in details.generations)
    return heading, tuple(Row(key, (line,)) for key, line in zip(keys, lines, strict=True))


def _generation_cells(
    generation: "GenerationDetails", frees: int | None, now: float, *, is_marked: bool
) -> list[Part]:
    mark: Part = ("●", "ok") if generation.is_live else ("○", "dim")
    return [
        mark,
        (str(generation.number), "bold"),
        (show_since(generation.created, now), "dim"),
        (generation.created_by.partition("@")[0], "dim"),
        generation.reason,
        str(generation.conda_packages + generation.pip_packages),
        _say_generation_state(generation, frees, is_marked=is_marked),
    ]


def _say_generation_state(
    generation: "GenerationDetails", frees: int | None, *, is_marked: bool
) -> Line:
    marked: Part = ("marked  ", "accent") if is_marked else ""
    size = "" if frees is None else f", {show_bytes(frees)} of its own"
    if generation.is_live:
        return ink(marked, ("live", "ok"), (size, "dim"))
    if generation.kept_because:
        return ink(marked, (generation.kept_because, "warning"), (size, "dim"))
    return ink(marked, ("kept", "text"), (size, "dim"))
