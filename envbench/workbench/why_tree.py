"""The tree above one package, as a report that is not yet filled further."""

from dataclasses import replace
from difflib import get_close_matches

from packaging.utils import canonicalize_name

from envbench.model.errors import UsageError
from envbench.model.known_names import conda_name_of
from envbench.model.requirer_tree import Key, grow_tree
from envbench.model.why import WhyReport
from envbench.workbench.package_members import Membership

CLOSE_NAMES = 5
"""At most so many names that may have been meant."""


def tell_requirers(subject: str, asked_name: str, membership: Membership) -> WhyReport:
    """Tell who requires a package; without a version when it is no member.

    Args:
        subject: The spec's path or the environment's name.
        asked_name: As the user gave it: conda's name, or PyPI's of what conda brings.
        membership: All packages, and the lines that ask for some.

    Raises:
        UsageError: It is no name.
    """
    name = read_name(asked_name)
    known = {member.key: member for member in membership.members}
    elsewhere = Key(conda_name_of(name))
    candidates = (Key(name), Key(canonicalize_name(name), is_pip=True), elsewhere)
    key = next((key for key in candidates if key in known), Key(name))
    tree = grow_tree(key, membership.members, membership.lines)
    is_renamed = key in known and key == elsewhere != Key(name)
    return WhyReport(
        subject=subject,
        package=key.name,
        version=known[key].version if key in known else "",
        is_pip=key.is_pip,
        requirers=tree.requirers,
        more=tree.more,
        line=membership.lines.get(key),
        close_names=() if key in known else _find_close(name, membership),
        note=f"conda's name of {name} is {key.name}." if is_renamed else "",
    )


def read_name(text: str) -> str:
    """Read the name of a package.

    Raises:
        UsageError: It is none.
    """
    name = text.strip().lower()
    if not name or any(character in name for character in " \t/:=<>![]@"):
        raise UsageError(
            f"{text!r} is no name of a package", hint="give the name alone, such as numpy"
        )
    return name


def add_note(report: WhyReport, note: str) -> WhyReport:
    """Say one thing more."""
    return replace(report, note=" ".join(part for part in (report.note, note) if part))


def _find_close(name: str, membership: Membership) -> tuple[str, ...]:
    names = sorted({member.key.name for member in membership.members})
    return tuple(get_close_matches(name, names, n=CLOSE_NAMES, cutoff=0.7))
