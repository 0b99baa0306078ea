"""What an environment can be locked as, told before anything is written; and the writing itself."""

import hashlib
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from envbench.envs.generation_files import read_generation
from envbench.files import read_text_file, write_atomically
from envbench.formats.lock_formats import LOCK_FORMATS, LockFormat
from envbench.formats.lock_reading import read_lock_text, require_sound
from envbench.formats.locks.fidelity import Kept
from envbench.model.cleaning import clean
from envbench.model.counting import count_of
from envbench.model.errors import EnvbenchError
from envbench.model.lock import Export, Lock, Loss
from envbench.model.lock_comparison import compare_lock
from envbench.model.locked_set import LockAspect
from envbench.settings.load import Settings
from envbench.workbench.environments import find_prefix, read_whole_lock
from envbench.workbench.lock_ownership import read_if_there, refuse_other_file
from envbench.workbench.lock_read_back import export_and_read_back
from envbench.workbench.locking import LOCK_LIMIT_BYTES
from envbench.workbench.path_texts import read_path, write_path
from envbench.workbench.values.lock_offers import LockOffer as LockOffer
from envbench.workbench.values.lock_offers import LockOffers as LockOffers
from envbench.workbench.values.lock_offers import LockOnDisk as LockOnDisk
from envbench.workbench.values.lock_offers import LockPreview as LockPreview
from envbench.workbench.values.lock_offers import WrittenLock as WrittenLock

PREVIEW_LIMIT = 200_000
"""Most characters of a preview."""


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
    place = folder or Path.cwd()
    lock = read_whole_lock(reference, settings)
    generation = read_generation(find_prefix(reference, settings))
    on_disk = {each.format: each for each in _find_files(place, lock)}
    return LockOffers(
        environment=clean(lock.name, limit=120),
        generation=generation.number if generation else None,
        conda_packages=len(lock.packages),
        pip_packages=len(lock.pip),
        from_git=sum((p.direct_url or "").startswith("git+") for p in lock.pip),
        offers=tuple(_offer(lock, form, on_disk.get(form.name)) for form in LOCK_FORMATS),
        folder=write_path(place),
    )


def preview_lock(reference: str, format_name: str, settings: Settings) -> LockPreview:
    """Show what would be written, secrets taken out, as far as a screen needs it.

    Raises:
        UsageError: There is no such environment or format, or the format cannot hold it.
        NotFineError: Records of the environment are damaged.
        PreventedError: A secret would have got into it.
    """
    export = _export(read_whole_lock(reference, settings), format_name)
    return LockPreview(
        format=export.format,
        file_name=export.file_name,
        text=clean(export.text, limit=PREVIEW_LIMIT, multiline=True),
        lines=export.text.count("\n"),
        is_cut=len(export.text) > PREVIEW_LIMIT,
    )


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
        output: A file, or a folder that gets one of the usual name; None is the working directory.
        settings: The user's settings.
        overwrite: Replace whatever lies there.

    Raises:
        UsageError: There is no such environment or format, or the format cannot hold it.
        NotFineError: Records of the environment are damaged, or what lies there is no lock of
            envbench in this format.
        PreventedError: The file cannot be written, or a secret would have got into it.
    """
    export = _export(read_whole_lock(reference, settings), format_name)
    path = read_path(output) if output is not None else Path.cwd()
    if path.is_dir():
        path /= export.file_name
    data = export.text.encode()
    unchanged = read_if_there(path) == export.text
    if not unchanged:
        if not overwrite and os.path.lexists(path):
            refuse_other_file(path, export.files[0])
        write_atomically(path, data, mode=0o644)
    return WrittenLock(
        path=write_path(path),
        format=export.format,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        is_unchanged=unchanged,
        lost=export.lost,
    )


def _export(lock: Lock, format_name: str) -> Export:
    return export_and_read_back((lock,), format_name)


def _offer(lock: Lock, form: LockFormat, on_disk: LockOnDisk | None) -> LockOffer:
    refusal, lost = "", tuple[Loss, ...]()
    try:
        lost = _export(lock, form.name).lost
    except EnvbenchError as fault:
        refusal = clean(": ".join(part for part in (fault.what, fault.why) if part))
    losses = ", ".join(dict.fromkeys(loss.what for loss in lost)) or "nothing"
    return LockOffer(
        format=form.name,
        file_name=form.file_name,
        summary=form.summary,
        keeps="" if refusal else _say_kept(lock, form.kept) if lost else "all",
        loses="" if refusal else losses,
        lost=lost,
        refusal=refusal,
        is_usual=form == next(f for f in LOCK_FORMATS if f.file_name == form.file_name),
        on_disk=on_disk,
    )


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


def _find_files(folder: Path, lock: Lock) -> Iterator[LockOnDisk]:
    for name in dict.fromkeys(form.file_name for form in LOCK_FORMATS):
        path = folder / name
        if path.is_file():
            yield _describe_file(path, lock)


def _describe_file(path: Path, lock: Lock) -> LockOnDisk:
    forms = [form for form in LOCK_FORMATS if form.file_name == path.name]
    form, stale = forms[0], True
    try:
        text = read_text_file(path, limit_bytes=LOCK_LIMIT_BYTES, what="lock").text
        locked = require_sound(read_lock_text(text, path.name)[1], path.name)
        form = _choose_form(forms, text, locked.kept)
        differ = len(compare_lock(locked, lock).drifts)
        stale = bool(differ) or locked.name not in (None, lock.name)
        note = f"env moved on: {differ} differ" if stale else "as installed"
        if locked.name not in (None, lock.name):
            note = f"of another environment: {clean(locked.name or '', limit=100)}"
    except EnvbenchError as fault:
        note = clean(": ".join(part for part in (fault.what, fault.why) if part), limit=400)
    moment = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return LockOnDisk(
        path=write_path(path),
        written=moment.isoformat(timespec="seconds"),
        format=form.name,
        is_stale=stale,
        note=note,
    )


def _choose_form(forms: list[LockFormat], text: str, kept: Kept) -> LockFormat:
    """Tell formats apart that share a file name, by what the file says."""
    if "#" in text and any(LockAspect.SHA256 in form.kept for form in forms):
        has_sha256 = re.search(r"#(?:sha256:)?[0-9a-f]{64}\b", text) is not None
        fitting = (form for form in forms if (LockAspect.SHA256 in form.kept) == has_sha256)
    else:
        fitting = (form for form in forms if form.kept == kept)
    return next(fitting, forms[0])
