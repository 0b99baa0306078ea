"""Packages that a solve must leave as they are, as constraints on the solver's choice.

Constraints and not the library's own list of pinned records: that list takes the place of what
the channel says, so dependencies that a channel mended since would stay broken, and a package
that a channel withdrew would be chosen all the same. A lock file need not say the dependencies
of its packages at all.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from envbench.engine.outside_text import show_text
from envbench.model.errors import UsageError
from envbench.model.plan import PackageRecord

if TYPE_CHECKING:
    from rattler import MatchSpec


def constrain_to(pinned: Sequence[PackageRecord]) -> list["MatchSpec"]:
    """Write the constraints: each package is as its record says, or not chosen at all.

    What a record leaves empty (build, digests) is left open.

    Raises:
        UsageError: A name, version or build cannot stand in a match spec.
    """
    from rattler import MatchSpec
    from rattler.exceptions import InvalidMatchSpecError, InvalidPackageNameError

    found = []
    for record in pinned:
        try:
            found.append(MatchSpec(_write(record)))
        except (InvalidMatchSpecError, InvalidPackageNameError, ValueError):
            shown = show_text(f"{record.name} {record.version} {record.build}", limit=200)
            raise UsageError(f"{shown!r} is no package that could be kept") from None
    return found


def _write(record: PackageRecord) -> str:
    fields = {"version": f"=={record.version}", "build": record.build}
    # One digest decides; the stronger one where it is known.
    fields |= {"sha256": record.sha256} if record.sha256 else {"md5": record.md5 or ""}
    pairs = [f'{key}="{value}"' for key, value in fields.items() if value]
    return f"{record.name}[{','.join(pairs)}]"
