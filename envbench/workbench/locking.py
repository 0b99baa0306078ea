"""Locks of environments: written with what they lose, compared file by file."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from envbench.envs.verification import PrefixVerification, verify_prefix
from envbench.files import read_text_file, write_atomically
from envbench.formats import lock_formats
from envbench.formats.lock_reading import read_lock_text, require_sound
from envbench.model.cleaning import clean
from envbench.model.lock import Export
from envbench.model.lock_comparison import LockComparison, compare_lock
from envbench.settings.load import Settings
from envbench.workbench.environments import find_prefix, read_lock, read_whole_lock

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


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """An environment compared with a lock and with its own records."""

    environment: str
    prefix: str
    lock: str
    """The lock file; empty when files alone were compared."""
    format: str
    packages: LockComparison | None
    """Against the lock; None without one."""
    files: PrefixVerification

    @property
    def is_fine(self) -> bool:
        """Whether nothing differs."""
        return self.files.is_fine and (self.packages is None or self.packages.is_same)

    def describe(self) -> tuple[str, ...]:
        """Say it in lines, the verdict last."""
        lines = []
        for drift in self.packages.drifts if self.packages else ():
            place = f"{self.lock}:{drift.line}: " if drift.line else ""
            pair = f"locked {drift.locked or 'nothing'}, installed {drift.installed or 'nothing'}"
            lines.append(f"{place}{drift.kind.value} {drift.manager} {drift.name}: {pair}")
        lines += [f"missing {each.path} ({each.package})" for each in self.files.missing]
        lines += [f"changed {f.path} ({f.package}): {f.why}" for f in self.files.changed]
        lines += [f"extra {path}" for path in self.files.extra]
        lines += [f"damaged {each.path}: {each.why}" for each in self.files.damaged_records]
        lines += [
            f"not compared: {what}" for what in (self.packages.unchecked if self.packages else ())
        ]
        verdict = "as locked" if self.packages and self.is_fine else "as installed"
        if not self.is_fine:
            verdict = "NOT as it should be"
        lines.append(
            f"{self.environment}: {verdict}; {self.files.checked_files} files of"
            f" {self.files.conda_packages} conda and {self.files.pip_packages} pip packages checked"
        )
        return tuple(lines)


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
