"""The files of lock formats that lie in a folder, held against what is to be locked."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from envbench.files import read_text_file
from envbench.formats.lock_formats import LOCK_FORMATS, LockFormat
from envbench.formats.lock_reading import read_lock_text, require_sound
from envbench.model.cleaning import clean
from envbench.model.errors import EnvbenchError, NotFineError
from envbench.model.lock import Export, ExportedFile, Lock
from envbench.model.lock_comparison import compare_lock
from envbench.model.locked_set import LockedSet
from envbench.workbench.locks.limits import LOCK_LIMIT_BYTES
from envbench.workbench.locks.ownership import read_if_there, refuse_other_file
from envbench.workbench.path_texts import write_path
from envbench.workbench.values.lock_offers import LockOnDisk

SPEC_NAME = "environment.yml"
"""The name of the user's spec, which a lock may bear, too."""


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What a file is."""

    form: str
    is_stale: bool
    note: str


def find_locks_on_disk(
    folder: Path, lock: Lock, exports: dict[str, Export], *, same: str = "as installed"
) -> dict[str, LockOnDisk]:
    """Look at every file that some format would write.

    Args:
        folder: Where they lie.
        lock: What is to be locked.
        exports: What each format would write, by format; formats that refused are missing.
        same: The words for a lock that says what is to be locked.

    Returns:
        By format: a file is that of one of the formats which share its name.
    """
    found = {}
    for name in dict.fromkeys(form.file_name for form in LOCK_FORMATS):
        path = folder / name
        forms = [form for form in LOCK_FORMATS if form.file_name == name]
        if path.is_file() and not _is_spec(path, forms, exports):
            judged = _judge(path, lock, forms, exports, same)
            found[judged.form] = LockOnDisk(
                path=write_path(path),
                written=datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(
                    timespec="seconds"
                ),
                format=judged.form,
                is_stale=judged.is_stale,
                note=judged.note,
            )
    return found


def _is_spec(path: Path, forms: list[LockFormat], exports: dict[str, Export]) -> bool:
    """Tell the user's own spec from a lock that bears the same name."""
    if path.name != SPEC_NAME:
        return False
    written = [exports[form.name].files[0] for form in forms if form.name in exports]
    return not any(_is_replaceable(path, file) for file in written)


def _is_replaceable(path: Path, file: ExportedFile) -> bool:
    try:
        refuse_other_file(path, file)
    except NotFineError:
        return False
    return True


def _judge(
    path: Path, lock: Lock, forms: list[LockFormat], exports: dict[str, Export], same: str
) -> _Judgement:
    text = read_if_there(path)
    for form in forms:
        if form.name in exports and exports[form.name].text == text:
            note = same if form.is_lock else "as it would be written"
            return _Judgement(form.name, is_stale=False, note=note)
    if not forms[0].is_lock:
        return _Judgement(forms[0].name, is_stale=True, note="it would be written otherwise")
    try:
        whole = read_text_file(path, limit_bytes=LOCK_LIMIT_BYTES, what="lock").text
        reading = read_lock_text(whole, path.name)[1]
        require_sound(reading, path.name)
    except EnvbenchError as fault:
        note = clean(": ".join(part for part in (fault.what, fault.why) if part), limit=400)
        return _Judgement(forms[0].name, is_stale=True, note=note)
    locked = reading.for_platform(lock.platform) or reading.locked
    return _compare(_choose_form(forms, whole, locked), locked, lock, same)


def _compare(form: LockFormat, locked: LockedSet, lock: Lock, same: str) -> _Judgement:
    if locked.name not in (None, lock.name):
        other = clean(locked.name or "", limit=100)
        return _Judgement(form.name, is_stale=True, note=f"of another environment: {other}")
    differ = len(compare_lock(locked, lock).drifts)
    note = f"env moved on: {differ} differ" if differ else same
    return _Judgement(form.name, is_stale=bool(differ), note=note)


def _choose_form(forms: list[LockFormat], text: str, locked: LockedSet) -> LockFormat:
    """Tell formats apart that share a file name, by what the file says."""
    marks = {
        "explicit": "#", "explicit-sha256": "#sha256:", "pixi-v6": "version: 6",
        "pixi-v7": "version: 7",
    }  # fmt: skip
    marked = [form for form in forms if marks.get(form.name, "\0") in text]
    exact = [form for form in forms if form.kept == locked.kept]
    # The last mark is the most telling one: every file with sha256 has a `#`, too.
    return next(iter((*marked[::-1], *exact)), forms[0])
