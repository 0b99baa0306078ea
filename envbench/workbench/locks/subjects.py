"""What a lock is asked of: an environment, a spec or a lock file, told apart by what is there."""

from dataclasses import dataclass
from pathlib import Path

from envbench.files import read_text_file
from envbench.formats.lock_reading import detect_lock_format, read_lock_text
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.workbench.locks.limits import LOCK_LIMIT_BYTES
from envbench.workbench.locks.lock_file import PACK_FORMAT, is_pack
from envbench.workbench.path_texts import read_path, show_path
from envbench.workbench.values.lock_making import LockSubject

_LOCK_ENDS = (".lock.yml", ".lock.yaml")
_SPEC_ENDS = (".yml", ".yaml")
_FILE_ENDS = (*_SPEC_ENDS, ".toml", ".lock", ".txt", ".json", ".tar")
_YAML_LOCKS = ("environment-lock", "environment-yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSubject:
    """What a word of the command line means."""

    kind: LockSubject
    text: str
    """As it was given."""
    path: Path | None = None
    """The file, or the folder of a pack; None for environments."""
    format: str = ""
    """Of a lock file."""

    def describe(self) -> str:
        """Say what it was taken for: `environment.yml is taken as a spec`."""
        shown = clean(self.text, limit=300)
        if self.kind is LockSubject.LOCK:
            return f"{shown} is taken as a lock ({self.format})"
        article = "an" if self.kind is LockSubject.ENVIRONMENT else "a"
        return f"{shown} is taken as {article} {self.kind.value}"


def find_subject(text: str) -> FoundSubject:
    """Tell what is meant; a file that is there comes before an environment of that name.

    Raises:
        UsageError: A file cannot be read, or is neither spec nor lock.
    """
    path = read_path(text)
    if is_pack(path) and path.exists():
        return FoundSubject(kind=LockSubject.LOCK, text=text, path=path, format=PACK_FORMAT)
    if not path.is_file():
        if text.endswith(_FILE_ENDS) and not path.is_dir():
            raise UsageError(
                "there is no such file",
                where=show_path(path),
                hint="Name a spec, a lock file or an environment; envbench envs lists those.",
            )
        return FoundSubject(kind=LockSubject.ENVIRONMENT, text=text)
    form = _detect(path)
    kind = LockSubject.LOCK if form else LockSubject.SPEC
    return FoundSubject(kind=kind, text=text, path=path, format=form)


def _detect(path: Path) -> str:
    """Name the format of a lock; empty for a spec.

    Source: an `environment.yml` and an `environment.lock.yml` have the same keys; the name says
    which of them is meant to be exact.
    """
    text = read_text_file(path, limit_bytes=LOCK_LIMIT_BYTES, what="spec or lock").text
    try:
        form = detect_lock_format(text, path.name)
    except UsageError:
        if path.name.endswith(_SPEC_ENDS):
            # What is wrong with it as a spec is told with its lines.
            return ""
        raise
    if not form.startswith(_YAML_LOCKS):
        return form
    is_lock = path.name.endswith(_LOCK_ENDS) and read_lock_text(text, path.name)[1].is_sound
    return form if is_lock else ""
