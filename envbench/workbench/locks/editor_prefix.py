"""Where an editor finds an environment of this box, today and after the next build of it."""

import os
from dataclasses import replace

from envbench.model.export_options import ExportOptions
from envbench.settings.load import Settings
from envbench.workbench.installed_environments import find_prefix
from envbench.workbench.path_texts import read_path


def fill_prefix(options: ExportOptions, reference: str, settings: Settings) -> ExportOptions:
    """Name the place of an environment, unless one was chosen; a name that is no text stays out.

    Args:
        options: As the user chose them.
        reference: Name, `NAME@GENERATION` or path of the environment.
        settings: The user's settings.

    Raises:
        UsageError: There is no such environment.
    """
    if options.prefix:
        return options
    prefix = _find_lasting(reference, settings)
    try:
        prefix.encode()
    except UnicodeEncodeError:
        return options
    return replace(options, prefix=prefix)


def _find_lasting(reference: str, settings: Settings) -> str:
    if "/" in reference:
        return os.fspath(read_path(reference))
    # The link leads to whichever generation is live.
    link = settings.paths.envs_dir / reference
    return os.fspath(link if link.is_symlink() else find_prefix(reference, settings))
