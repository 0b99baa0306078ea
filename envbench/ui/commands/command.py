"""The base of all verbs."""

import re
from typing import ClassVar

from envbench.ui.bench import Bench
from envbench.ui.state import ScreenState

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


class Command:
    """One verb; its docstring is its help.

    The footer, the palette, the help, the key and the command log all read this one class.
    """

    title: ClassVar[str]
    """What it does, in two or three words, for the footer and the palette."""
    key: ClassVar[str] = ""
    """Textual's name of the key; empty when it is reached by the palette only."""
    group: ClassVar[str] = "General"
    """The heading in the key list."""
    panes: ClassVar[tuple[str, ...]] = ()
    """The panes in which the key means this; everywhere (outside the editor) when empty."""
    in_editor: ClassVar[bool] = False
    """Whether the key works while letters go into the spec."""
    footer: ClassVar[int] = 0
    """Place in the footer, from 1; 0 stays out of it."""
    newest_wins: ClassVar[bool] = False
    """Whether pressing again begins anew; else the key waits until the verb is done."""

    @property
    def id(self) -> str:
        """Stable name, such as `next-problem`; keys are remapped by it."""
        return _WORD_START.sub("-", type(self).__name__).lower()

    @property
    def help(self) -> str:
        """One paragraph."""
        return " ".join((type(self).__doc__ or "").split())

    def refuse(self, state: ScreenState) -> str:  # noqa: ARG002 - most verbs are always there
        """Say why it cannot be done now; empty when it can."""
        return ""

    def twin(self, state: ScreenState) -> str:  # noqa: ARG002 - not every verb has one
        """Give the command line that does the same; empty when there is none."""
        return ""

    def say_title(self, state: ScreenState) -> str:  # noqa: ARG002 - most do one thing
        """Name it for the footer; some verbs do different things on different rows."""
        return self.title

    def is_in_footer(self, state: ScreenState) -> bool:  # noqa: ARG002 - most always are, or never
        """Whether the footer names it now; some verbs are of use in some states of a pane only."""
        return self.footer > 0

    def run_now(self, bench: Bench) -> bool:  # noqa: ARG002 - few verbs have such a part
        """Do it before the next key is read, if that can be; tells whether it was done."""
        return False

    async def run(self, bench: Bench) -> None:
        """Do it; long work goes to `bench.begin`."""
        raise NotImplementedError


_BROKEN: dict[str, str] = {}


def find_refusal(command: Command, state: ScreenState) -> str:
    """Say why a verb is off, as `refuse` does; a verb whose rule breaks is off, and says so."""
    if command.id in _BROKEN:
        return _BROKEN[command.id]
    try:
        return command.refuse(state)
    except Exception as fault:  # noqa: BLE001 - an outer edge: the footer is drawn from all verbs
        from envbench.ui.flows.fault_record import record_fault

        _BROKEN[command.id] = record_fault(fault)
        return _BROKEN[command.id]
