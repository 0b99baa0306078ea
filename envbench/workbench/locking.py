"""Locks of environments: written with what they lose, compared file by file."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from envbench.envs.verification import verify_prefix
from envbench.files import read_text_file, write_atomically
from envbench.formats import lock_formats
from envbench.formats.lock_reading import read_lock_text, require_sound
from envbench.model.cleaning import clean
from envbench.model.lock import Export
from envbench.model.lock_comparison import compare_lock
from envbench.settings.load import Settings
from envbench.workbench.environments import find_prefix, read_lock, read_whole_lock
from envbench.workbench.values.locking import VerifyReport as VerifyReport

LOCK_LIMIT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """A lock that was written."""

    environment: str
    export: Export
    path: str
    """Where it was written; empty when it was not."""
    sha256: str
    """Of the text."""


def export_lock(
    reference: str, format_name: str, output: Path | None, settings: Settings
) -> ExportReport:
    """Write what is installed in an environment in a format.

    Args:
        reference: Name, `NAME@GENERATION`, or path.
        format_name: See `envbench.formats.lock_formats`; its usual file name does too.
        output: The file to write, replaced atomically; None writes none.
        settings: The user's settings.

    Raises:
        UsageError: There is no such environment or format, or the format cannot hold it.
        NotFineError: Records of the environment are damaged.
        PreventedError: The file cannot be written, or a secret would have got into it.
    """
    lock = read_whole_lock(reference, settings)
    export = lock_formats.export_lock(lock, _name_format(format_name))
    data = export.text.encode()
    if output is not None:
        write_atomically(output, data, mode=0o644)
    return ExportReport(
        environment=reference,
        export=export,
        path=str(output) if output is not None else "",
        sha256=hashlib.sha256(data).hexdigest(),
    )


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


def _name_format(name: str) -> str:
    """Accept the usual file name of a format in the place of its name."""
    for known in lock_formats.LOCK_FORMATS:
        if name == known.file_name:
            return known.name
    return name
