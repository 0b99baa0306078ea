"""What a lock says of a pip package, as the installer must be told: an exact artefact, or less."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit

from envbench.model.build import LockedInput
from envbench.model.lock import PipPackage
from envbench.model.locked_set import PYPI

_REPOSITORY = re.compile(
    r"(?P<type>git|hg|bzr|svn)\+(?P<url>[^#]+?)@(?P<commit>[0-9a-f]{7,64})"
    r"(?:#(?:.*&)?subdirectory=(?P<subdirectory>[^&]+).*)?"
)
_PYPI_FILES = "files.pythonhosted.org"
_ARCHIVE_ENDS = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")


class ArtefactKind(StrEnum):
    """How a locked pip package reaches the environment."""

    FILE = "file"
    """A wheel or source distribution of an index, by address and hash."""
    ARCHIVE = "archive"
    """One that was asked for by its address."""
    REPOSITORY = "repository"
    """A commit of a repository; it is built."""
    FOLDER = "folder"
    """A source tree on this box; it is built."""
    PIN = "pin"
    """A version of an index; which file it is, the index says."""


@dataclass(frozen=True, slots=True)
class LockedArtefact:
    """One pip package of a lock, ready for the installer."""

    package: PipPackage
    kind: ArtefactKind
    address: str
    """Where it is taken from; empty for a pin."""
    is_here: bool = False
    """Whether it lies on this box although the lock says another address."""
    accepted: tuple[str, ...] = ()
    """The sha256 of a pin, or of each file by which it may come; empty when none is known."""

    @property
    def runs_code(self) -> bool:
        """Whether installing it runs code of it; of a pin that is not known."""
        if self.kind in (ArtefactKind.REPOSITORY, ArtefactKind.FOLDER):
            return True
        return self.kind is not ArtefactKind.PIN and not is_wheel(self.address)

    @property
    def is_exact(self) -> bool:
        """Whether address and content are those of the lock, whatever an index says today."""
        if self.kind in (ArtefactKind.FILE, ArtefactKind.ARCHIVE):
            return self.package.sha256 is not None
        return self.kind is not ArtefactKind.PIN

    def describe(self) -> dict[str, Any]:
        """Give its `[[packages]]` table (PEP 751)."""
        # A direct reference may stand in a lock without its version.
        version = self.package.version or None
        table: dict[str, Any] = {"name": self.package.name, "version": version}
        if self.kind is ArtefactKind.REPOSITORY:
            return {**table, "vcs": _describe_repository(self.address)}
        if self.kind is ArtefactKind.FOLDER:
            path = unquote(urlsplit(self.address).path)
            return {**table, "directory": {"path": path, "editable": self.package.editable}}
        file = {"url": self.address, "hashes": {"sha256": self.package.sha256}}
        if self.kind is ArtefactKind.ARCHIVE and not self.is_here:
            return {**table, "archive": file}
        table["index"] = self._find_index()
        name = unquote(urlsplit(self.address).path.rpartition("/")[2])
        if is_wheel(self.address):
            return {**table, "wheels": [{"name": name, **file}]}
        return {**table, "sdist": {"name": name, **file}}

    def _find_index(self) -> str | None:
        """Name the index of a file: what was fetched from there before lies in uv's cache under it."""
        if self.is_here or self.package.index_url:
            return None if self.is_here else self.package.index_url
        return PYPI if urlsplit(self.address).hostname == _PYPI_FILES else None

    def write_requirement(self) -> str:
        """Give the line of a requirements file for what is not exact."""
        if self.kind is ArtefactKind.ARCHIVE:
            return f"{self.package.name} @ {self.address}"
        hashes = "".join(f" --hash=sha256:{digest}" for digest in self.accepted)
        return f"{self.package.name}=={self.package.version}{hashes}"


def choose_artefacts(locked: LockedInput) -> tuple[LockedArtefact, ...]:
    """Decide how each pip package of a lock is installed."""
    places = dict(locked.places)
    accepted = {each.name: each.accepted for each in locked.says.pip}
    return tuple(
        choose_artefact(package, places, accepted.get(package.name, ())) for package in locked.pip
    )


def choose_artefact(
    package: PipPackage, places: Mapping[str, str], accepted: tuple[str, ...] = ()
) -> LockedArtefact:
    """Decide how a locked pip package is installed.

    Args:
        package: As the lock says it.
        places: `file://` addresses of what lies on this box already, by the address in the lock.
        accepted: Every sha256 that the lock names, where it does not say which one is meant.
    """
    address = package.direct_url or package.url or ""
    bare = address.partition("#")[0]
    here = places.get(address) or places.get(bare)
    if here is not None:
        kind = ArtefactKind.ARCHIVE if package.direct_url else ArtefactKind.FILE
        return LockedArtefact(package, kind, here, is_here=True)
    if package.direct_url:
        if _REPOSITORY.fullmatch(address):
            return LockedArtefact(package, ArtefactKind.REPOSITORY, address)
        is_folder = package.editable or not bare.endswith(_ARCHIVE_ENDS)
        if is_folder and bare.startswith("file:"):
            return LockedArtefact(package, ArtefactKind.FOLDER, bare)
        return LockedArtefact(package, ArtefactKind.ARCHIVE, bare)
    if package.url and package.sha256:
        return LockedArtefact(package, ArtefactKind.FILE, bare)
    digests = (package.sha256,) if package.sha256 else accepted
    return LockedArtefact(package, ArtefactKind.PIN, "", accepted=digests)


def is_wheel(address: str) -> bool:
    """Tell whether an address is that of a wheel."""
    return urlsplit(address).path.endswith(".whl")


def split_repository(address: str) -> dict[str, str] | None:
    """Split `git+https://host/repo@COMMIT#subdirectory=x` into its parts; None for anything else."""
    match = _REPOSITORY.fullmatch(address)
    return {k: v for k, v in match.groupdict().items() if v is not None} if match else None


def _describe_repository(address: str) -> dict[str, str]:
    parts = split_repository(address) or {}
    table = {"type": parts["type"], "url": parts["url"], "commit-id": parts["commit"]}
    return table | ({"subdirectory": parts["subdirectory"]} if "subdirectory" in parts else {})
