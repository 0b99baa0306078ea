"""The formats a lock can be written in: name, file name, writer, and what each keeps."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from envbench.formats import environment_lock, explicit, pylock_lock
from envbench.formats.fidelity import find_gaps, find_losses
from envbench.formats.scrubbing import refuse_secrets, scrub_lock
from envbench.model.errors import UsageError
from envbench.model.lock import Export, Lock
from envbench.model.locked_set import LockAspect


@dataclass(frozen=True, slots=True)
class LockFormat:
    """One format."""

    name: str
    """As the command line takes it."""
    file_name: str
    """The name under which consumers recognise the format."""
    summary: str
    """One line for help texts."""
    kept: frozenset[LockAspect]
    write: Callable[[Lock], str]


LOCK_FORMATS = (
    LockFormat(
        "environment-lock",
        "environment.lock.yml",
        "name=version, as `conda env export --no-builds` without its prefix",
        environment_lock.KEPT,
        environment_lock.write_environment_lock,
    ),
    LockFormat(
        "environment-lock-builds",
        "environment.lock.yml",
        "name=version=build, as `conda env export` without its prefix",
        environment_lock.KEPT_WITH_BUILDS,
        partial(environment_lock.write_environment_lock, builds=True),
    ),
    LockFormat(
        "explicit",
        "explicit.txt",
        "addresses with md5 for `conda create --file`, no solver needed",
        explicit.KEPT_MD5,
        explicit.write_explicit,
    ),
    LockFormat(
        "explicit-sha256",
        "explicit.txt",
        "addresses with sha256 for `conda create --file`, no solver needed",
        explicit.KEPT_SHA256,
        partial(explicit.write_explicit, sha256=True),
    ),
    LockFormat(
        "pylock",
        "pylock.toml",
        "the pip part with addresses and hashes (PEP 751)",
        pylock_lock.KEPT,
        pylock_lock.write_pip_lock,
    ),
)


def find_lock_format(name: str) -> LockFormat:
    """Return the format of a name.

    Raises:
        UsageError: There is none; the message lists those that exist.
    """
    for known in LOCK_FORMATS:
        if known.name == name:
            return known
    names = ", ".join(known.name for known in LOCK_FORMATS)
    raise UsageError(f"there is no lock format {name!r}", hint=f"Choose one of: {names}")


def export_lock(lock: Lock, format_name: str) -> Export:
    """Write a lock in a format, with the report of what the format cannot say.

    Raises:
        UsageError: Unknown format, or one that cannot hold this lock at all.
        PreventedError: A secret would have got into the text.
    """
    form = find_lock_format(format_name)
    scrubbed = scrub_lock(lock)
    text = refuse_secrets(form.write(scrubbed), form.file_name)
    lost = (*find_losses(scrubbed, form.kept), *find_gaps(scrubbed, form.kept))
    return Export(form.name, form.file_name, text, lost)
