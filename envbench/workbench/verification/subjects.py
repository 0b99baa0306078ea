"""What is to be held against what: each word is an environment, a lock or a spec."""

from dataclasses import replace
from pathlib import Path

from envbench.files import read_text_file
from envbench.formats.lock_reading import read_lock_text
from envbench.model.errors import UsageError
from envbench.workbench.locks.limits import LOCK_LIMIT_BYTES
from envbench.workbench.locks.lock_file import PACK_FORMAT
from envbench.workbench.locks.subjects import FoundSubject, find_subject
from envbench.workbench.path_texts import show_path
from envbench.workbench.values.lock_making import LockSubject

_ENV, _SPEC, _LOCK = LockSubject.ENVIRONMENT, LockSubject.SPEC, LockSubject.LOCK
_MAKE_ONE = "Make a lock first: envbench lock SPEC --format conda-lock -o conda-lock.yml"


def find_pair(first: str, second: str | None) -> tuple[FoundSubject, FoundSubject | None]:
    """Tell what two words mean, the lock first; in which order they were given does not matter.

    A file with the keys of a spec counts as a lock when it is called one
    (`environment.lock.yml`), or when every line is an exact pin and a lock is needed.

    Alone stands an environment, or a pack.

    Raises:
        UsageError: A file cannot be read, or no two of them can be compared here.
    """
    one = find_subject(first)
    if second is None:
        # A pack says of itself what its files are.
        if one.kind is not _ENV and one.format != PACK_FORMAT:
            raise _alone(one)
        return one, None
    two = find_subject(second)
    one, two = _take_pinned(one, two)
    if two.kind is _LOCK and one.kind is not _LOCK:
        one, two = two, one
    if one.kind is not _LOCK:
        raise _without_lock(one, two)
    return one, two


def say_taken(lock: FoundSubject) -> tuple[str, ...]:
    """Say when a file was taken as a lock that is not called one."""
    name = lock.path.name if lock.path else ""
    if not lock.format.startswith("environment-") or name.endswith((".lock.yml", ".lock.yaml")):
        return ()
    shown = _name(Path(lock.text))
    return (f"{shown} is taken as a lock, because every line of it is an exact pin",)


def _take_pinned(one: FoundSubject, two: FoundSubject) -> tuple[FoundSubject, FoundSubject]:
    """Take a spec of exact pins as the lock, where there is none."""
    if _LOCK in {one.kind, two.kind}:
        return one, two
    locked = _as_lock(one)
    if locked is not None:
        return locked, two
    return one, _as_lock(two) or two


def _as_lock(subject: FoundSubject) -> FoundSubject | None:
    if subject.kind is not _SPEC or subject.path is None:
        return None
    text = read_text_file(subject.path, limit_bytes=LOCK_LIMIT_BYTES, what="lock").text
    try:
        form, reading = read_lock_text(text, _name(subject.path))
    except UsageError:
        return None
    is_lock = reading.is_sound and bool(reading.locked.packages or reading.locked.pip)
    return replace(subject, kind=_LOCK, format=form) if is_lock else None


def _name(path: Path) -> str:
    return show_path(path)


def _alone(subject: FoundSubject) -> UsageError:
    if subject.kind is _SPEC:
        return UsageError(
            "this is a spec: there is nothing to hold it against",
            where=subject.text,
            hint=f"envbench verify LOCK {subject.text} asks whether a lock satisfies it;"
            f" envbench check {subject.text} looks for mistakes in it",
        )
    return UsageError(
        "this is a lock: there is nothing to hold it against",
        where=subject.text,
        hint=f"Name an environment, a spec or another lock: envbench verify {subject.text} ENV",
    )


def _without_lock(one: FoundSubject, two: FoundSubject) -> UsageError:
    kinds = {one.kind, two.kind}
    why = f"{one.describe()}, and {two.describe()}."
    if kinds == {_ENV}:
        hint = f"envbench diff {one.text} {two.text} compares two environments"
    elif kinds == {_SPEC}:
        hint = f"{_MAKE_ONE}. A file of exact pins is a lock when it is called *.lock.yml."
    else:
        spec, env = (one, two) if one.kind is _SPEC else (two, one)
        hint = f"envbench solve {spec.text} --against {env.text} tells what a build would change"
    return UsageError("one of the two must be a lock, and none is", why=why, hint=hint)
