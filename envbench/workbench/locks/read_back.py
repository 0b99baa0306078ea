"""A written lock, read back by its own reader before anybody may rely on it."""

from collections.abc import Sequence

from envbench.formats import lock_formats
from envbench.formats.lock_formats import find_lock_format
from envbench.formats.lock_reading import read_lock_text, require_sound
from envbench.formats.locks.scrubbing import scrub_lock
from envbench.model.errors import PreventedError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import Export, Lock
from envbench.model.lock_comparison import compare_lock
from envbench.model.locked_set import LockedSet, LockReading

_HINT = "choose another format; this is a fault of envbench, please report it"


def export_and_read_back(
    locks: Sequence[Lock], format_name: str, options: ExportOptions | None = None
) -> Export:
    """Write locks as text, and make sure that the format's own reader finds the same in it.

    Files for other tools are not read back.

    Raises:
        UsageError: Unknown format, or one that cannot hold these locks.
        PreventedError: A secret would have got into the text, or it says something else.
    """
    export = lock_formats.export_lock(tuple(locks), format_name, options)
    if not find_lock_format(export.format).is_lock:
        return export
    _, reading = read_lock_text(export.text, export.file_name)
    require_sound(reading, export.file_name)
    for lock in locks:
        _compare(_find_set(reading, lock, export), scrub_lock(lock), export)
    return export


def _find_set(reading: LockReading, lock: Lock, export: Export) -> LockedSet:
    found = reading.for_platform(lock.platform)
    if found is None and len(reading.sets) > 1:
        raise PreventedError(
            f"the lock is not written: read back, it says nothing of {lock.platform}",
            where=export.file_name,
            hint=_HINT,
        )
    return found or reading.locked


def _compare(locked: LockedSet, lock: Lock, export: Export) -> None:
    drifts = compare_lock(locked, lock).drifts
    if drifts:
        raise PreventedError(
            "the lock is not written: read back, it says something else",
            where=export.file_name,
            why=f"{drifts[0].name}: written {drifts[0].installed}, read {drifts[0].locked}",
            hint=_HINT,
        )
