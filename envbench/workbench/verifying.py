"""An environment, a lock or a spec held against a lock."""

from pathlib import Path

from envbench.envs.verification import verify_prefix
from envbench.files import read_text_file
from envbench.formats.lock_reading import read_lock_text, require_sound
from envbench.model.cleaning import clean
from envbench.model.lock_comparison import compare_lock
from envbench.settings.load import Settings
from envbench.workbench.environments import find_prefix, read_lock
from envbench.workbench.locking import LOCK_LIMIT_BYTES
from envbench.workbench.values.verifying import VerifyReport as VerifyReport


def verify_environment(
    reference: str,
    lock_file: Path | None,
    settings: Settings,
    *,
    shallow: bool = False,
    extra: bool = False,
) -> VerifyReport:
    """Compare an environment with a lock file, and all its files with their records.

    Args:
        reference: Name, `NAME@GENERATION`, or path.
        lock_file: The lock; None compares the files only.
        settings: The user's settings.
        shallow: Sizes and existence only, no content.
        extra: Also list files that belong to no package; they are told, and are no fault.

    Raises:
        UsageError: There is no such environment, or the lock cannot be read.
        NotFineError: The lock cannot be relied on; names its lines.
    """
    prefix = find_prefix(reference, settings)
    packages, format_name = None, ""
    if lock_file is not None:
        text = read_text_file(lock_file, limit_bytes=LOCK_LIMIT_BYTES, what="lock").text
        path = clean(str(lock_file))
        format_name, reading = read_lock_text(text, path)
        packages = compare_lock(require_sound(reading, path), read_lock(reference, settings))
    return VerifyReport(
        environment=reference,
        prefix=str(prefix),
        lock=str(lock_file or ""),
        format=format_name,
        packages=packages,
        files=verify_prefix(prefix, shallow=shallow, extra=extra),
    )
