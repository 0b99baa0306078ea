"""Lock files read for comparing: each platform with the lock of the conda part beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from envbench.model.channel_names import ChannelForm, read_channel
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.lock_verdicts.channel_match import ChannelAddresses, channel_texts
from envbench.model.lock_verdicts.finding import (
    Finding,
    FindingGroup,
    FindingMark,
    Judgement,
    Place,
)
from envbench.model.lock_verdicts.side import LockSide, join_pip_lock
from envbench.model.locked_set import LockReading
from envbench.settings.load import Settings
from envbench.workbench.locks.lock_file import read_lock_file


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLock:
    """What a lock file says, that of the conda part included."""

    path: str
    """As shown in messages."""
    format: str
    sides: tuple[LockSide, ...]
    """One for each platform."""
    judgement: Judgement
    """What is wrong between the file and the one that it points to."""

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms that it names."""
        return tuple(side.locked.platform for side in self.sides if side.locked.platform)

    def for_platform(self, platform: str | None) -> LockSide | None:
        """Return what is locked for a platform; a lock that names none is for any."""
        if platform is None:
            return self.sides[0] if len(self.sides) == 1 else None
        fitting = (side for side in self.sides if side.locked.platform in {platform, None})
        return next(fitting, None)


def read_lock_sides(file: Path) -> ReadLock:
    """Read a lock file; a lock of the pip part is followed to that of the conda part.

    Raises:
        UsageError: One cannot be read, or is no lock.
        NotFineError: One cannot be relied on; names its lines.
    """
    path = clean(str(file))
    form, reading, _ = _read(file)
    pointer = reading.locked.conda_lock
    if pointer is None:
        sides = tuple(LockSide(locked=each, path=path) for each in reading.sets)
        return ReadLock(path=path, format=form, sides=sides, judgement=Judgement())
    name, sha256 = pointer
    beside = file.parent / name
    shown = clean(str(beside))
    if "/" in name or name in {"", ".", ".."}:
        raise UsageError("the lock of the conda part must lie beside this one", where=path)
    if not beside.is_file():
        sides = tuple(LockSide(locked=each, path=path) for each in reading.sets)
        message = "the lock of the pip part points to it, and it is not there"
        gone = _finding(FindingMark.GONE, name, message, path, shown)
        return ReadLock(path=path, format=form, sides=sides, judgement=gone)
    _, conda, digest = _read(beside)
    sides = tuple(
        LockSide(locked=join_pip_lock(reading.locked, each), path=shown, pip_path=path)
        for each in conda.sets
    )
    message = f"its sha256 is {digest}, and the lock of the pip part is for {sha256}"
    fits = digest == sha256
    changed = _finding(FindingMark.CHANGED, name, message, path, shown)
    return ReadLock(path=path, format=form, sides=sides, judgement=Judgement() if fits else changed)


def find_addresses(
    names: Iterable[str], settings: Settings, folder: Path | None = None
) -> ChannelAddresses:
    """Look up what names of channels stand for in the settings; nothing is fetched.

    Args:
        names: As specs and locks have them.
        settings: The user's settings.
        folder: Where relative paths begin.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name in dict.fromkeys(names):
        text = read_channel(name)
        if text.form is ChannelForm.FOLDER and not text.name.startswith(("file:", "/", "~")):
            found[name] = (((folder or Path.cwd()) / text.name).resolve().as_uri(),)
        elif text.form is not ChannelForm.INVALID:
            found[name] = settings.channels.find(name).urls
    return found


def channels_of(side: LockSide) -> tuple[str, ...]:
    """List the channels of a lock, and those that its packages come from."""
    named = (text for package in side.locked.packages for text in channel_texts(package))
    return tuple(dict.fromkeys((*side.locked.channels, *named)))


def _read(file: Path) -> tuple[str, LockReading, str]:
    found = read_lock_file(file, clean(str(file)))
    return found.format, found.reading, found.sha256


def _finding(mark: FindingMark, name: str, message: str, path: str, beside: str) -> Judgement:
    finding = Finding(
        mark=mark,
        group=FindingGroup.COMPANION,
        name=clean(name),
        message=clean(message, limit=300),
        places=(Place(path), Place(beside)),
    )
    return Judgement(findings=(finding,))
