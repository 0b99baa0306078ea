"""Whether work may begin with the settings as they are."""

from envbench.model.errors import UsageError
from envbench.model.severity import Severity
from envbench.settings.load import Settings


def require_sound(settings: Settings) -> None:
    """Refuse settings of envbench's own that are wrong.

    Raises:
        UsageError: One of them is: the default could ask a public index, or build elsewhere.
    """
    own = ("ENVBENCH_", str(settings.paths.config_file))
    wrong = [
        each
        for each in settings.problems
        if each.severity is Severity.ERROR and each.source.startswith(own)
    ]
    if not wrong:
        return
    first, more = wrong[0], f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    raise UsageError(
        f"{first.key or 'the file'}: {first.message}{more}",
        where=first.where,
        hint="envbench config shows all settings, with --explain what each means",
    )
