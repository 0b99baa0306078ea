"""Settings, changed from the screen: asked for, written to the user's file, in force at once."""

import re
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.state import ScreenState

if TYPE_CHECKING:
    from envbench.workbench.values.preferences import SettingRow

THEME = "theme"
_AT_START = frozenset({"mouse", "state_dir", "cache_dir", "envs_dir"})
"""Keys that are read once, when the screen opens."""
_MASK = "***"
_OPEN_ENDED = ("a ", "an ", "the ")
_LONGEST = 1000


def find_row(state: ScreenState, key: str) -> "SettingRow | None":
    """Give a setting, if it is known."""
    return next((row for row in state.settings.value or () if row.key == key), None)


def list_choices(kind: str) -> tuple[str, ...]:
    """Read the choices out of what may stand there; none for texts, numbers and lists."""
    if kind.startswith(_OPEN_ENDED):
        return ()
    return tuple(re.split(r", | or ", kind)) if " or " in kind else (kind,) if kind else ()


def refuse_edit(row: "SettingRow | None") -> str:
    """Say why a setting cannot be changed here."""
    if row is None:
        return "no setting is chosen"
    if not row.kind:
        where = f": it stands in {row.source}" if row.source.startswith(("/", "~")) else ""
        return f"{row.key} is not envbench's own{where}"
    return ""


async def edit(bench: Bench, key: str) -> None:
    """Let the user change a setting: a choice where there are few values, else a form."""
    row = find_row(bench.state, key)
    if row is None:
        return
    if key == THEME:
        bench.show_screen("themes")
        return
    choices = list_choices(row.kind)
    if not choices:
        await _edit_text(bench, row)
        return
    options = [(each, f"{each}  (now)" if each == row.value else each) for each in choices]
    chosen = await bench.choose(f"{key}: {row.meaning}", options, say_override(row))
    if chosen is not None and chosen != row.value:
        await write(bench, key, chosen)


async def _edit_text(bench: Bench, row: "SettingRow") -> None:
    """Ask until the value fits or the user leaves; the last attempt stays in the field."""
    from envbench.model.errors import UsageError
    from envbench.ui.flows.faults import say_error

    value, fault = say_editable(row), ""
    while True:
        details = [row.meaning, *say_override(row), *([f"× {fault}"] if fault else [])]
        filled = await bench.fill(row.key, [("value", row.kind, value)], details)
        if filled is None:
            return
        value = filled["value"].strip()
        try:
            await write(bench, row.key, value)
            return
        except UsageError as error:
            fault = say_error(error)


def say_editable(row: "SettingRow") -> str:
    """Give the text to begin with; nothing where what is shown is not what stands there."""
    hidden = _MASK in row.value or len(row.value) >= _LONGEST or row.value == "null"
    return "" if hidden else row.value


def say_override(row: "SettingRow") -> tuple[str, ...]:
    """Say that an environment variable decides, whatever the file says."""
    if row.variable and row.source == row.variable:
        return (f"{row.variable} is set and counts all the same, until it is unset.",)
    return ()


async def write(bench: Bench, key: str, value: str) -> None:
    """Write a setting into the user's file, and put it in force.

    Raises:
        EnvbenchError: The value does not fit, or the file cannot be written.
    """
    from envbench.ui.flows.opening import learn_settings

    written = await bench.desk.set_preference(key, value)
    said = f"{key} is {value or 'unset'} now, in {written.file}"
    if written.overridden_by:
        bench.tell(f"{said}, but {written.overridden_by} is set and counts", "warning")
    elif key in _AT_START:
        bench.tell(f"{said}; the screen takes it when it opens next", "ok")
    else:
        bench.tell(said, "ok")
    await learn_settings(bench)


async def step(bench: Bench, key: str) -> None:
    """Take the next choice of a setting, the first one behind the last."""
    row = find_row(bench.state, key)
    choices = list_choices(row.kind) if row is not None else ()
    if row is None or not choices:
        return
    here = choices.index(row.value) if row.value in choices else -1
    await write(bench, key, choices[(here + 1) % len(choices)])


async def keep_theme(bench: Bench, name: str) -> None:
    """Use a theme from now on."""
    bench.set_theme(name)
    await write(bench, THEME, name)
