"""What every verb needs first: the settings of this process, loaded once."""

from functools import cache
from typing import TYPE_CHECKING

from envbench.cli.output import say

if TYPE_CHECKING:
    from envbench.settings.load import Settings


@cache
def current_settings() -> "Settings":
    """Load the settings; what is wrong in their files is told once, on stderr."""
    from envbench.settings.load import load_settings

    settings = load_settings()
    for problem in settings.problems:
        key = f"{problem.key}: " if problem.key else ""
        say(f"{problem.severity.value}: {problem.where}: {key}{problem.message}", err=True)
    return settings
