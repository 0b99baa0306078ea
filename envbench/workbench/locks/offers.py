"""What an environment can be locked as: told, shown and written for the screen."""

from pathlib import Path

from envbench.envs.generation_files import read_generation
from envbench.settings.load import Settings
from envbench.workbench.environments import find_prefix, read_whole_lock
from envbench.workbench.locks.offering import offer_formats, preview_format, write_format
from envbench.workbench.values.lock_offers import LockOffer as LockOffer
from envbench.workbench.values.lock_offers import LockOffers as LockOffers
from envbench.workbench.values.lock_offers import LockOnDisk as LockOnDisk
from envbench.workbench.values.lock_offers import LockPreview as LockPreview
from envbench.workbench.values.lock_offers import WrittenLock as WrittenLock


def lock_offers(reference: str, settings: Settings, *, folder: Path | None = None) -> LockOffers:
    """Tell what each format keeps of an environment and loses; nothing is written.

    Args:
        reference: Name, `NAME@GENERATION`, or path.
        settings: The user's settings.
        folder: Where lock files lie; None takes the working directory.

    Raises:
        UsageError: There is no such environment.
        NotFineError: Records of the environment are damaged.
    """
    lock = read_whole_lock(reference, settings)
    generation = read_generation(find_prefix(reference, settings))
    number = generation.number if generation else None
    return offer_formats(lock, folder or Path.cwd(), generation=number)


def preview_lock(reference: str, format_name: str, settings: Settings) -> LockPreview:
    """Show what would be written, secrets taken out, as far as a screen needs it.

    Raises:
        UsageError: There is no such environment or format, or the format cannot hold it.
        NotFineError: Records of the environment are damaged.
        PreventedError: A secret would have got into it.
    """
    return preview_format(read_whole_lock(reference, settings), format_name)


def write_lock(
    reference: str,
    format_name: str,
    output: str | None,
    settings: Settings,
    *,
    overwrite: bool = False,
) -> WrittenLock:
    """Write a lock, unless that would replace a file that is something else.

    Args:
        reference: Name, `NAME@GENERATION`, or path.
        format_name: See `envbench.formats.lock_formats`.
        output: A file, or a folder that gets files of the usual names; None is the working
            directory.
        settings: The user's settings.
        overwrite: Replace whatever lies there.

    Raises:
        UsageError: There is no such environment or format, or the format cannot hold it.
        NotFineError: Records of the environment are damaged, or what lies there is no lock of
            envbench in this format.
        PreventedError: A file cannot be written, or a secret would have got into it.
    """
    lock = read_whole_lock(reference, settings)
    place = output if output is not None else str(Path.cwd())
    return write_format(lock, format_name, place, overwrite=overwrite)
