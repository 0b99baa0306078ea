"""Verbs of the spec: open, edit, save, mend."""

from envbench.ui.commands.command import Command

COMMANDS: tuple[Command, ...] = ()
