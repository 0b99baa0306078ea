"""The kinds of lines of a `pip:` section, by the names that settings use.

Apart from the reading of such lines, which every start would pay for otherwise.
"""

from enum import StrEnum


class PipKind(StrEnum):
    """What a line asks for; the kinds that need consent bear the names used in settings."""

    REQUIREMENT = "requirement"
    """Name, extras, specifier and marker: from the package index."""
    GIT = "git"
    URL = "url"
    """A file from an address."""
    SDIST = "sdist"
    """A source archive: building it runs its code."""
    EDITABLE = "editable"
    LOCAL = "local"
    """A folder or file inside the folder of the spec."""
    OUTSIDE = "outside"
    """A folder or file anywhere else on this machine."""
    FILE_OF_REQUIREMENTS = "requirements-file"
    """`-r` or `-c` with a file inside the folder of the spec."""
    OPTION = "option"
    INVALID = "invalid"


CONSENT_KINDS = frozenset(
    {
        PipKind.GIT,
        PipKind.URL,
        PipKind.SDIST,
        PipKind.EDITABLE,
        PipKind.LOCAL,
        PipKind.OUTSIDE,
        PipKind.FILE_OF_REQUIREMENTS,
    }
)
