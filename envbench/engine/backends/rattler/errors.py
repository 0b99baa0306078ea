"""What keeps packages from being fetched or linked, told by package name."""

import errno
import re

from envbench.engine.errors import EngineError, FaultKind
from envbench.model.cleaning import clean


class PackageError(EngineError):
    """The root of what is wrong with one package; `package` is its `name-version-build`."""

    def __init__(
        self, what: str, *, package: str, where: str = "", why: str = "", hint: str = ""
    ) -> None:
        """Keep the package's name beside the message."""
        super().__init__(what, where=where, why=why, hint=hint)
        self.package = package


class RefusedPackageError(PackageError):
    """The package would do harm: nothing of it was linked."""


class DamagedPackageError(PackageError):
    """The package does not hold what its channel announced, or what it announces itself."""


class PackageFaultError(PackageError):
    """The package could not be had from its channel."""

    def __init__(
        self, what: str, *, fault: FaultKind, package: str, where: str, **parts: str
    ) -> None:
        """Keep the kind of fault beside the message."""
        super().__init__(what, package=package, where=where, **parts)
        self.fault = fault


class LinkError(EngineError):
    """Packages could not be linked into the prefix."""


class HostilePackageError(Exception):
    """Raised where the package's name is not at hand: a rule that a package breaks."""

    def __init__(self, reason: str, *, path: str = "") -> None:
        """Keep the rule and the path within the package, cleaned."""
        self.path = clean(path, limit=200)
        super().__init__(f"{reason}: {self.path!r}" if path else reason)


class BrokenPackageError(Exception):
    """Raised where the package's name is not at hand: an archive or a directory is damaged."""

    def __init__(self, reason: str) -> None:
        """Keep the reason, cleaned."""
        super().__init__(clean(reason, limit=400))


_CAUSES = {
    1: ("the operation is not permitted", "Check the rights and attributes of the directory."),
    13: ("permission denied", "Check who owns the directory and its rights."),
    17: ("a file is in the way", "Build again; if it stays, remove the file."),
    20: ("a file lies where a directory is needed", "Remove the file, or choose another place."),
    24: ("too many open files", "Raise the limit (`ulimit -n`) and build again."),
    28: ("the disk is full", "Free some space (`envbench envs` shows old generations) and build again."),
    30: ("the file system is read-only", "Choose a cache and an environments folder that can be written."),
    36: ("a path is too long", "Choose a shorter name or folder for the environment."),
    122: ("the disk quota is used up", "Free some space or raise the quota, then build again."),
    5: ("the disk reports an input/output error", "Look at the system log: the disk may be failing."),
    31: ("a file has too many hard links", "Clear the package cache and build again."),
}  # fmt: skip
"""Linux error number to its meaning and what to do."""


_TELL = "Build again; if it stays, the log of the job has all that is known."
_TOO_LONG = "target prefix cannot be longer than the placeholder prefix"


def explain_os_error(number: int | None) -> tuple[str, str]:
    """Give cause and remedy of a system error number, both in plain words."""
    if number in _CAUSES:
        return _CAUSES[number]
    return (f"system error {number}" if number else "unknown cause", _TELL)


def make_disk_error(error: OSError, what: str, where: str) -> EngineError:
    """Turn a system error met while writing into one for the user."""
    cause, hint = explain_os_error(error.errno)
    return EngineError(
        what, where=where, why=f"{cause} ({clean(str(error), limit=300)})", hint=hint
    )


def make_link_error(text: str, where: str) -> LinkError:
    """Turn the library's account of a failed installation into an error with a plain cause.

    Args:
        text: The whole text, with its chain of causes.
        where: The prefix that was being built.
    """
    text = clean(text, limit=4000, multiline=True)
    numbers = re.findall(r"\(os error (\d+)\)", text)
    cause, hint = explain_os_error(int(numbers[-1]) if numbers else None)
    if _TOO_LONG in text:
        cause, hint = explain_os_error(errno.ENAMETOOLONG)
        cause = "the path of the environment is longer than a package leaves room for"
    lines = [line.strip(" -:") for line in text.splitlines() if line.strip()]
    said = "; ".join(line for line in lines[:6] if line != "Caused by")
    return LinkError(
        "the packages could not be linked", where=where, why=f"{cause} ({said})", hint=hint
    )
