"""The lock that lies where a new one is to go: the packages of it are kept where that can be."""

from collections.abc import Iterator
from pathlib import Path

from envbench.formats.lock_formats import LOCK_FORMATS, LockFormat
from envbench.model.errors import EnvbenchError
from envbench.settings.load import Settings
from envbench.workbench.locks.content import LockContent, read_lock_content
from envbench.workbench.locks.subjects import FoundSubject, find_subject
from envbench.workbench.path_texts import read_path, write_path
from envbench.workbench.values.lock_making import LockSubject


def find_previous(output: str, form: LockFormat, subject: str, settings: Settings) -> str | None:
    """Find the lock of an earlier day that a new one takes the place of.

    A file for another tool holds no lock; beside it one may lie that came with it.

    Args:
        output: Where the new one goes, a folder or a file.
        form: Its format.
        subject: What is locked.
        settings: The user's settings.

    Returns:
        The path of a sound lock of an environment of that name; None when there is none.

    Raises:
        UsageError: The subject cannot be read.
    """
    found = find_subject(subject)
    if found.kind is not LockSubject.SPEC and not form.is_lock:
        # Nothing is kept of it, and nobody asked how it differs from a lock of another format.
        return None
    path = read_path(output)
    name = _find_name(found, settings)
    for candidate in _list_candidates(path, form):
        if not candidate.is_file():
            continue
        try:
            content = read_lock_content(candidate)
        except EnvbenchError:
            # Whether it may be replaced is decided when it comes to that.
            continue
        if _is_of(content, name):
            return write_path(candidate)
    return None


def _list_candidates(path: Path, form: LockFormat) -> Iterator[Path]:
    is_folder = path.is_dir()
    if form.is_lock:
        yield path / form.file_name if is_folder else path
        return
    folder = path if is_folder else path.parent
    for name in dict.fromkeys(each.file_name for each in LOCK_FORMATS if each.is_lock):
        yield folder / name


def _find_name(found: FoundSubject, settings: Settings) -> str | None:
    """Give the name that a spec gives its environment; None for other subjects."""
    if found.kind is not LockSubject.SPEC or found.path is None:
        return None
    # Reading specs takes its time to load, and locks of environments need none.
    from envbench.workbench.specs import check_spec

    spec = check_spec(found.path, settings).spec
    return spec.name if spec is not None else None


def _is_of(content: LockContent, name: str | None) -> bool:
    return not name or all(locked.name in (None, "", name) for locked in content.sets)
