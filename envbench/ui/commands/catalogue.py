"""All verbs of the screen, in the order of the key list; a verb is added here and nowhere else."""

from envbench.ui.commands import (
    conflict,
    demo,
    environments,
    general,
    gpus,
    history,
    jobs,
    locks,
    logs,
    plan,
    probes,
    settings,
    spec,
)
from envbench.ui.commands.command import Command
from envbench.ui.state import ScreenState

COMMANDS: tuple[Command, ...] = (
    *spec.COMMANDS,
    *plan.COMMANDS,
    *conflict.COMMANDS,
    *probes.COMMANDS,
    *locks.COMMANDS,
    *environments.COMMANDS,
    *gpus.COMMANDS,
    *jobs.COMMANDS,
    *logs.COMMANDS,
    *settings.COMMANDS,
    *history.COMMANDS,
    *general.COMMANDS,
    *demo.COMMANDS,
)

KEYS: tuple[str, ...] = tuple(
    dict.fromkeys(key for command in COMMANDS for key in command.key.split(",") if key)
)
"""Every key that a verb has, once."""

DEFAULTS = {
    pane: command for command in COMMANDS for pane in command.panes if command.key == "enter"
}
"""What Enter means, by pane."""


def by_id(name: str) -> Command:
    """Give the verb of a name.

    Raises:
        KeyError: There is none.
    """
    return _BY_ID[name]


_BY_ID = {command.id: command for command in COMMANDS}


def find_command(key: str, state: ScreenState) -> Command | None:
    """Find what a key means in the pane that has the keys; a verb of the pane comes first."""
    meant = [command for command in COMMANDS if key in command.key.split(",")]
    here = [command for command in meant if state.focus in command.panes]
    general_ones = [command for command in meant if not command.panes]
    elsewhere = [command for command in meant if state.place in command.panes]
    return next(iter((*here, *elsewhere, *general_ones)), None)


def find_default(pane: str) -> Command | None:
    """Find what Enter means in a pane."""
    return DEFAULTS.get(pane)
