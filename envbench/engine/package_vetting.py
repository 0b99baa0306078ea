"""What a package may not do to the prefix it is linked into, as rules over names alone.

Nothing here touches a disk: archive members, entries of `info/paths.json` and entry points go in
as text, reasons to refuse come out. The library that links packages writes `..` paths where they
point and aborts on absolute ones, so every package passes these rules before a link is made.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

RULES_VERSION = 2
"""Part of every stamp: packages vetted under older rules are vetted again."""

_SPECIAL_BITS = 0o6000
_LINK_SCRIPT = re.compile(r"bin/\.[^/]+-(?:post-link|pre-unlink|pre-link)\.sh")
_OWN_RECORDS = re.compile(r"conda-meta/(?:[^/]*\.json|history)|\.envbench[^/]*(?:/.*)?")
_COMMAND = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_CALLABLE = re.compile(r"[^\W\d][\w.]*\s*:\s*[^\W\d][\w.]*\s*(?:\[[\w\s,.-]*\])?")
_HOPS = 40
"""As many links in a row as the kernel follows."""


class MemberKind(StrEnum):
    """What an archive member is."""

    FILE = "file"
    DIRECTORY = "directory"
    SOFT_LINK = "soft link"
    HARD_LINK = "hard link"
    OTHER = "device, pipe or socket"


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """One member of a package archive, as its header tells it."""

    path: str
    kind: MemberKind
    mode: int = 0o644
    target: str = ""
    """Of links; a soft link's is relative to the link, a hard link's to the archive."""


def refuse_path(path: str) -> str:
    """Say why a path may not be placed in a prefix; empty when it may."""
    if not path:
        return "an empty path"
    if "\0" in path:
        return "a path with a NUL character"
    if path.startswith("/"):
        return "an absolute path"
    if ".." in path.split("/"):
        return "a path with `..`"
    return ""


def refuse_linked_path(path: str) -> str:
    """Say why an entry of `info/paths.json` may not be linked; empty when it may.

    Beyond `refuse_path`, a package may not bring records of the package database or marks of
    envbench: they would be believed later.
    """
    if reason := refuse_path(path):
        return reason
    if _OWN_RECORDS.fullmatch(posixpath.normpath(path)):
        return "a record that only an installer may write"
    return ""


def refuse_soft_link(path: str, target: str) -> str:
    """Say why a soft link may not be made; empty when it may.

    Args:
        path: Where the link lies, relative to the prefix.
        target: What it holds.
    """
    if not target or "\0" in target:
        return "a soft link without a usable target"
    if target.startswith("/"):
        return "a soft link to an absolute path"
    depth = len(_parts(posixpath.dirname(path)))
    for part in _parts(target):
        depth += -1 if part == ".." else 1
        if depth < 0:
            return "a soft link out of the prefix"
    return ""


def refuse_member(member: ArchiveMember) -> str:
    """Say why an archive member may not be unpacked; empty when it may."""
    if member.path.rstrip("/") in {"", "."} and member.kind is MemberKind.DIRECTORY:
        return ""
    if reason := refuse_path(member.path):
        return reason
    reason = ""
    match member.kind:
        case MemberKind.OTHER:
            reason = "a device, pipe or socket"
        case MemberKind.SOFT_LINK:
            reason = refuse_soft_link(member.path, member.target)
        case MemberKind.HARD_LINK if refuse_path(member.target):
            reason = "a hard link out of the package"
        case MemberKind.FILE if member.mode & _SPECIAL_BITS:
            reason = "a file with the setuid or setgid bit"
    return reason


def refuse_entry_point(text: str) -> str:
    """Say why an entry point of a noarch package may not be made; empty when it may.

    Args:
        text: `command = module:function`, as `info/link.json` has it.
    """
    command, _, target = text.partition("=")
    if not _COMMAND.fullmatch(command.strip()):
        return "an entry point whose name is no plain file name"
    if not _CALLABLE.fullmatch(target.strip()):
        return "an entry point that is more than `module:function`"
    return ""


def is_link_script(path: str) -> bool:
    """Tell whether a path of a package is a script that conda would run when (un)linking it."""
    return _LINK_SCRIPT.fullmatch(path) is not None


def place_noarch_path(path: str, site_packages: str) -> str:
    """Give the place of a `noarch: python` package's path in a prefix.

    Args:
        path: As in `info/paths.json`.
        site_packages: Of the prefix's Python, such as `lib/python3.11/site-packages`.

    Source: CEP 20 (noarch python packages: `site-packages/` and `python-scripts/`).
    """
    head, slash, tail = path.partition("/")
    if slash and head == "site-packages":
        return f"{site_packages}/{tail}"
    if slash and head == "python-scripts":
        return f"bin/{tail}"
    return path


def find_escaping_links(links: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Find soft links that lead out of the prefix by way of other links.

    Each link of a package may be harmless by itself and two together not: `a/b -> ../..` and
    `a/c -> b/../secret`. When no link of the whole plan leads out, no path through one does.

    A link below a path that is itself a link is refused whatever it points to: it depends on the
    order of linking whether there is a folder or where the link leads, and so where it lands.

    Args:
        links: Every soft link that the plan makes, from path to target.

    Yields:
        The path of a link, and why it may not be made.
    """
    for path in find_files_under_links(links, links):
        yield path, "a soft link in a folder that is a soft link itself"
    for path, target in links.items():
        if reason := _follow(path, target, links):
            yield path, reason


def find_files_under_links(paths: Iterable[str], links: Mapping[str, str]) -> Iterator[str]:
    """Find paths of a package that go through one of its own soft links."""
    for path in paths:
        parent = posixpath.dirname(path)
        while parent:
            if parent in links:
                yield path
                break
            parent = posixpath.dirname(parent)


def _follow(path: str, target: str, links: Mapping[str, str]) -> str:
    if reason := refuse_soft_link(path, target):
        return reason
    reached: list[str] = []
    # What is still to be walked, last part first.
    ahead = (_parts(posixpath.dirname(path)) + _parts(target))[::-1]
    hops = 0
    while ahead:
        part = ahead.pop()
        if part == "..":
            if not reached:
                return "a soft link out of the prefix, by way of another one"
            reached.pop()
            continue
        reached.append(part)
        onward = links.get("/".join(reached)) if ahead else None
        if onward is not None:
            hops += 1
            if hops > _HOPS:
                return ""  # A loop: whoever follows it gets an error, and reaches nothing.
            reached.pop()
            if onward.startswith("/"):
                return "a soft link to an absolute path"
            ahead += _parts(onward)[::-1]
    return ""


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in {"", "."}]
