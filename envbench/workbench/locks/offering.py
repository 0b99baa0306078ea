"""What one lock can be written as, told before anything is written; and the writing itself."""

import hashlib
from pathlib import Path

from envbench.formats.lock_formats import LOCK_FORMATS, LockFormat
from envbench.formats.locks.fidelity import Kept
from envbench.model.cleaning import clean
from envbench.model.counting import count_of
from envbench.model.errors import EnvbenchError
from envbench.model.lock import Export, Lock
from envbench.model.locked_set import LockAspect
from envbench.workbench.locks.on_disk import SPEC_NAME, find_locks_on_disk
from envbench.workbench.locks.read_back import export_and_read_back
from envbench.workbench.locks.writing import place_export, write_files
from envbench.workbench.path_texts import write_path
from envbench.workbench.values.lock_offers import (
    CompanionPreview,
    LockOffer,
    LockOffers,
    LockOnDisk,
    LockPreview,
    WrittenLock,
)

PREVIEW_LIMIT = 200_000
"""Most characters of each file of a preview."""


def offer_formats(
    lock: Lock,
    folder: Path,
    *,
    generation: int | None = None,
    spec: str = "",
    notes: tuple[str, ...] = (),
) -> LockOffers:
    """Tell what each format keeps of a lock and loses; nothing is written.

    Args:
        lock: Of what is installed, or would be.
        folder: Where lock files lie, and would be written.
        generation: Of the environment, when it has some.
        spec: The spec whose plan it is; empty for what is installed.
        notes: What had to be assumed, one line each.
    """
    exports: dict[str, Export] = {}
    refusals: dict[str, str] = {}
    for form in LOCK_FORMATS:
        try:
            exports[form.name] = export_and_read_back((lock,), form.name)
        except EnvbenchError as fault:
            refusals[form.name] = clean(": ".join(p for p in (fault.what, fault.why) if p))
    same = "as planned" if spec else "as installed"
    on_disk = find_locks_on_disk(folder, lock, exports, same=same)
    return LockOffers(
        environment=clean(lock.name, limit=120),
        generation=generation,
        conda_packages=len(lock.packages),
        pip_packages=len(lock.pip),
        from_git=sum((p.direct_url or "").startswith("git+") for p in lock.pip),
        offers=tuple(
            _offer(lock, form, exports.get(form.name), refusals, on_disk.get(form.name))
            for form in LOCK_FORMATS
        ),
        folder=write_path(folder),
        spec=spec,
        notes=notes,
    )


def preview_format(lock: Lock, format_name: str) -> LockPreview:
    """Show what would be written, secrets taken out, as far as a screen needs it.

    Raises:
        UsageError: There is no such format, or it cannot hold the lock.
        PreventedError: A secret would have got into it.
    """
    export = export_and_read_back((lock,), format_name)
    return LockPreview(
        format=export.format,
        file_name=export.file_name,
        text=_show(export.text),
        lines=export.text.count("\n"),
        is_cut=len(export.text) > PREVIEW_LIMIT,
        companions=tuple(
            CompanionPreview(
                path=file.path,
                text=_show(file.text),
                lines=file.text.count("\n"),
                is_cut=len(file.text) > PREVIEW_LIMIT,
            )
            for file in export.companions
        ),
    )


def write_format(
    lock: Lock, format_name: str, output: str, *, overwrite: bool = False
) -> WrittenLock:
    """Write the files of a format, unless that would replace one that is something else.

    Args:
        lock: What is to be written.
        format_name: See `envbench.formats.lock_formats`.
        output: The first file, or a folder that gets all under their usual names.
        overwrite: Replace whatever lies there.

    Raises:
        UsageError: There is no such format, or it cannot hold the lock.
        NotFineError: What lies there is no file of envbench in this format.
        PreventedError: A file cannot be written, or a secret would have got into it.
    """
    export = export_and_read_back((lock,), format_name)
    placed = place_export(export, output)
    written = write_files(placed, force=overwrite)
    data = export.text.encode()
    return WrittenLock(
        path=write_path(placed[0].path),
        format=export.format,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        is_unchanged=not written,
        lost=export.lost,
        companions=tuple(write_path(each.path) for each in placed[1:]),
    )


def _show(text: str) -> str:
    return clean(text, limit=PREVIEW_LIMIT, multiline=True)


def _offer(
    lock: Lock,
    form: LockFormat,
    export: Export | None,
    refusals: dict[str, str],
    on_disk: LockOnDisk | None,
) -> LockOffer:
    lost = export.lost if export is not None else ()
    losses = ", ".join(dict.fromkeys(loss.what for loss in lost)) or "nothing"
    keeps = _say_kept(lock, form.kept) if lost or not form.is_lock else "all"
    return LockOffer(
        format=form.name,
        file_name=form.file_name,
        summary=form.summary,
        keeps=keeps if export is not None else "",
        loses=losses if export is not None else "",
        lost=lost,
        refusal=refusals.get(form.name, ""),
        is_usual=_is_usual(form),
        on_disk=on_disk,
        is_lock=form.is_lock,
        companions=tuple(file.path for file in export.companions) if export is not None else (),
    )


def _is_usual(form: LockFormat) -> bool:
    """Tell whether writing all locks writes this one: never over the user's own spec."""
    first = next(each for each in LOCK_FORMATS if each.file_name == form.file_name)
    return form.is_lock and form == first and form.file_name != SPEC_NAME


def _say_kept(lock: Lock, kept: Kept) -> str:
    """Say what a format keeps of what is there."""
    parts = []
    if LockAspect.CONDA in kept and lock.packages:
        known = ((LockAspect.BUILD, "builds"), (LockAspect.ADDRESS, "addresses"))
        hashes = {LockAspect.MD5: "md5", LockAspect.SHA256: "sha256"}
        more = [word for aspect, word in (*known, *hashes.items()) if aspect in kept]
        parts.append(f"{len(lock.packages)} conda ({', '.join(more) or 'versions'})")
    if LockAspect.PIP in kept and lock.pip:
        known = ((LockAspect.PIP_ADDRESS, "addresses"), (LockAspect.PIP_HASH, "hashes"))
        more = [word for aspect, word in known if aspect in kept]
        parts.append(f"{len(lock.pip)} pip ({', '.join(more) or 'versions'})")
    if LockAspect.VARIABLES in kept and lock.variables:
        parts.append(count_of(len(lock.variables), "variable"))
    return ", ".join(parts) or "nothing"
