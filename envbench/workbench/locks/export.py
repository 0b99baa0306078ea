"""One environment as one lock file, for whoever needs no more than that."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from envbench.files import write_atomically
from envbench.model.lock import Export
from envbench.settings.load import Settings
from envbench.workbench.environments import read_whole_lock
from envbench.workbench.locks.read_back import export_and_read_back


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
    export = export_and_read_back((lock,), format_name)
    data = export.text.encode()
    if output is not None:
        write_atomically(output, data, mode=0o644)
    return ExportReport(
        environment=reference,
        export=export,
        path=str(output) if output is not None else "",
        sha256=hashlib.sha256(data).hexdigest(),
    )
