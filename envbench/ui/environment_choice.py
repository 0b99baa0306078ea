"""Which environment is meant: by the cursor, or by what the panes are about; pure rules.

An environment of envbench is named by its name, one of another tool by its path, since several may
bear one name. Row keys are `environment:REFERENCE` and `generation:NAME@NUMBER`.
"""

from typing import TYPE_CHECKING

from envbench.ui.state import ENVIRONMENTS, SIDE_ENVIRONMENTS, ScreenState

if TYPE_CHECKING:
    from envbench.workbench.values.environment_rows import EnvironmentRow

PANES = (ENVIRONMENTS, SIDE_ENVIRONMENTS)
OWN = "envbench"
_UNBUILT = "spec:"


def is_unbuilt(row: "EnvironmentRow") -> bool:
    """Whether it is a spec that no environment was built from."""
    return row.key.startswith(_UNBUILT)


def is_own(row: "EnvironmentRow") -> bool:
    """Whether envbench built it, and may change it."""
    return row.kind == OWN and not row.read_only


def reference_of(row: "EnvironmentRow") -> str:
    """Name an environment as verbs take it."""
    return row.name if is_own(row) or is_unbuilt(row) else row.key


def row_key(reference: str) -> str:
    """Give the key of an environment's row."""
    return f"environment:{reference}"


def generation_key(name: str, number: int) -> str:
    """Give the key of a generation's row."""
    return f"generation:{name}@{number}"


def split_reference(text: str) -> tuple[str, int | None]:
    """Take `NAME@N` apart; without a number it is a name or a path."""
    name, _, number = text.rpartition("@")
    is_number = bool(name) and number.isascii() and number.isdecimal()
    return (name, int(number)) if is_number else (text, None)


def find_row(state: ScreenState, reference: str) -> "EnvironmentRow | None":
    """Find what is known of an environment."""
    rows = state.environments.value or ()
    return next((row for row in rows if reference and reference_of(row) == reference), None)


def show_name(state: ScreenState, reference: str) -> str:
    """Name an environment for people; a path is told by its last part."""
    row = find_row(state, reference)
    if row is not None:
        return row.name
    return reference.rstrip("/").rpartition("/")[2] or reference


def chosen(state: ScreenState) -> tuple[str, int | None]:
    """Give the environment under the cursor, and its generation when the cursor is on one.

    Where no row of an environment is under the cursor, the one that the panes are about is meant.
    """
    pane = state.focus if state.focus in PANES else ENVIRONMENTS
    kind, _, rest = state.selected.get(pane, "").partition(":")
    if kind == "generation":
        return split_reference(rest)
    return (rest if kind == "environment" else state.environment), None


def chosen_row(state: ScreenState) -> "EnvironmentRow | None":
    """Give what is known of the environment under the cursor."""
    return find_row(state, chosen(state)[0])


def meant(state: ScreenState) -> str:
    """Name the environment that would be probed or locked: under the cursor of a list of them."""
    return chosen(state)[0] if state.focus in PANES else state.environment


def refuse_unbuilt(state: ScreenState, reference: str) -> str:
    """Say why nothing can be done in an environment; empty when it is there."""
    if not reference:
        return "no environment is chosen: b builds the open spec, 5 shows what is there"
    if state.environments.value is None:
        return "environments are still being looked for"
    row = find_row(state, reference)
    if row is None and "/" in reference:
        return ""
    if row is None or is_unbuilt(row):
        return f"{reference} is not built yet: s solves, b builds"
    return f"{row.name} cannot be used: {row.fault}" if row.fault else ""
