"""What every verb needs first: the settings of this process, loaded once."""

from functools import cache
from typing import TYPE_CHECKING

from envbench.cli.output import say
from envbench.model.errors import UsageError
from envbench.model.problem import Severity

if TYPE_CHECKING:
    from envbench.settings.load import Settings


@cache
def current_settings(*, tolerant: bool = False) -> "Settings":
    """Load the settings; what is wrong in their files is told once, on stderr.

    Args:
        tolerant: Go on with defaults in the place of envbench's own settings that are wrong.

    Raises:
        UsageError: One of them is: the default could ask a public index, or build elsewhere.
    """
    from envbench.settings.load import load_settings

    settings = load_settings()
    own = ("ENVBENCH_", str(settings.paths.config_file))
    wrong = [
        each
        for each in settings.problems
        if each.severity is Severity.ERROR and each.source.startswith(own)
    ]
    if wrong and not tolerant:
        first, more = wrong[0], f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise UsageError(
            f"{first.key or 'the file'}: {first.message}{more}",
            where=first.where,
            hint="envbench config shows all settings, with --explain what each means",
        )
    for problem in settings.problems:
        key = f"{problem.key}: " if problem.key else ""
        say(f"{problem.severity.value}: {problem.where}: {key}{problem.message}", err=True)
    return settings
