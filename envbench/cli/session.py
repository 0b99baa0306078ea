"""What every verb needs first: the settings of this process, loaded once."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from envbench.cli.output import say

if TYPE_CHECKING:
    from envbench.settings.load import Settings

OpenScreen: TypeAlias = Callable[[str], int]
"""Opens the screen on the demo in a folder, and gives the exit code that it is left with."""


@cache
def current_settings(*, tolerant: bool = False) -> "Settings":
    """Load the settings; what is wrong in their files is told once, on stderr.

    Args:
        tolerant: Go on with defaults in the place of envbench's own settings that are wrong.

    Raises:
        UsageError: One of them is: the default could ask a public index, or build elsewhere.
    """
    from envbench.settings.load import load_settings
    from envbench.settings.soundness import require_sound

    settings = load_settings()
    if not tolerant:
        require_sound(settings)
    for problem in settings.problems:
        key = f"{problem.key}: " if problem.key else ""
        say(f"{problem.severity.value}: {problem.where}: {key}{problem.message}", err=True)
    return settings
