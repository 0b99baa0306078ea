"""Verbs of the settings."""

from typing import ClassVar

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.state import SETTINGS, ScreenState


def chosen_key(state: ScreenState) -> str:
    """Name the setting under the cursor."""
    return state.selected.get(SETTINGS, "").partition(":")[2]


def need_settings(state: ScreenState) -> str:
    """Say that the settings must be known."""
    return "" if state.settings.value is not None else "the settings are not read yet"


class EditSetting(Command):
    """Change the setting under the cursor; it is written to your settings file."""

    title = "change"
    key = "enter"
    group = "Settings"
    panes = (SETTINGS,)
    footer = 1

    def refuse(self, state: ScreenState) -> str:
        """It must be one of envbench's own."""
        from envbench.ui.flows import settings

        key = chosen_key(state)
        return need_settings(state) or settings.refuse_edit(settings.find_row(state, key))

    async def run(self, bench: Bench) -> None:
        """Ask for the value."""
        from envbench.ui.flows import settings

        await settings.edit(bench, chosen_key(bench.state))


class ChooseTheme(Command):
    """Choose the colours, looking at them while choosing."""

    title = "theme"
    key = "t"
    group = "Settings"
    panes = (SETTINGS,)
    footer = 2

    async def run(self, bench: Bench) -> None:
        """Open the list."""
        bench.show_screen("themes")


class _Step(Command):
    """Takes the next value of one setting."""

    group = "Settings"
    panes = (SETTINGS,)
    setting: ClassVar[str]

    def refuse(self, state: ScreenState) -> str:
        """The settings must be known."""
        return need_settings(state)

    async def run(self, bench: Bench) -> None:
        """Take it."""
        from envbench.ui.flows import settings

        await settings.step(bench, self.setting)


class StepLink(_Step):
    """Draw for a fast link, for a slow one, or measure it."""

    title = "link"
    key = "k"
    footer = 3
    setting = "link"


class StepNotify(_Step):
    """How the terminal tells of a job that ended: not at all, a bell, a message, or both."""

    title = "notify"
    key = "y"
    footer = 4
    setting = "notify"


class StepGlyphs(_Step):
    """Draw marks and borders in Unicode, in ASCII, or as the locale says."""

    title = "glyphs"
    key = "g"
    footer = 5
    setting = "glyphs"


class StepMouse(_Step):
    """Let the screen see clicks and the wheel, or leave them to the terminal."""

    title = "mouse"
    key = "m"
    footer = 6
    setting = "mouse"


class ReadSettings(Command):
    """Read the settings again, after a file was changed elsewhere."""

    title = "read again"
    key = "r"
    group = "Settings"
    panes = (SETTINGS,)

    async def run(self, bench: Bench) -> None:
        """Read them."""
        from envbench.ui.flows.opening import learn_settings

        await learn_settings(bench)


COMMANDS: tuple[Command, ...] = (
    EditSetting(),
    ChooseTheme(),
    StepLink(),
    StepNotify(),
    StepGlyphs(),
    StepMouse(),
    ReadSettings(),
)
