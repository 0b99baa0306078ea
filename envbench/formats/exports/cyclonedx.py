"""A bill of materials for scanners and licence checks: `sbom.cdx.json`.

Source: CycloneDX 1.6 (ECMA-424), written by the standard's own library (extra `sbom`).
"""

from collections.abc import Sequence
from types import ModuleType

from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss
from envbench.model.locked_set import LockAspect

FILE_NAME = "sbom.cdx.json"
KEPT = frozenset(LockAspect) - {LockAspect.VARIABLES}


def write(locks: Sequence[Lock], options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write the components of a lock, who requires whom, and their licences.

    Raises:
        UsageError: The library that writes it is not installed.
    """
    text = _load().write_document(locks[0], options.created_at)
    return (ExportedFile(FILE_NAME, text),)


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """Name the packages whose licence is not known, or is no SPDX expression."""
    licences = {p.name: p.license for p in lock.packages} | {p.name: p.license for p in lock.pip}
    document = _load()
    said = {name: text for name, text in licences.items() if document.is_declared(text)}
    unknown = tuple(sorted(licences.keys() - said.keys()))
    unclear = tuple(sorted(name for name, text in said.items() if not document.is_spdx(text)))
    losses = []
    if unknown:
        why = "Their metadata names none; a licence check has to look into the packages."
        losses.append(Loss("licences unknown", unknown, why))
    if unclear:
        why = (
            "Their metadata says it in words that are no SPDX expression (such as `BSD`); they are"
            " written as names, which a licence check cannot match with its rules."
        )
        losses.append(Loss("licences unclear", unclear, why))
    return tuple(losses)


def _load() -> ModuleType:
    try:
        from envbench.formats.exports import cyclonedx_document
    except ImportError as error:
        raise UsageError(
            "a bill of materials needs the extra `sbom`",
            why=f"The library that writes CycloneDX is not installed ({error.name}).",
            hint="Install it: pip install 'envbench[sbom]'",
        ) from error
    return cyclonedx_document
