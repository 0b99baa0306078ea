"""Where one pip package comes from, as a `[[packages]]` table says it.

Source: PEP 751 (`wheels`, `sdist`, `vcs`, `directory`, `archive`), PEP 610 (direct references).
"""

import re
from typing import Any

from packaging.pylock import Pylock, PylockValidationError

from envbench.formats.pylock_part import file_name_of, path_to_url, url_to_path
from envbench.model.lock import PipPackage
from envbench.model.locked_set import index_of

_REPOSITORY = re.compile(
    r"(?P<type>git|hg|bzr|svn)\+(?P<url>[^@#]+(?:@[^@#/]+(?=[:/]))?[^@#]*)@(?P<revision>[^@#]+)"
    r"(?:#(?P<fragment>.*))?"
)
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_ARCHIVE = re.compile(r"(?i).*\.(?:whl|zip|tar|tgz|tbz|txz|tar\.(?:gz|bz2|xz|zst|lz|lzma|Z))")


class PylockRefusal(Exception):  # noqa: N818  the caller gathers them; it never leaves the format
    """The format has no form for a package."""

    def __init__(self, reason: str) -> None:
        """Keep the reason, as a beginning of a sentence that goes on with names."""
        super().__init__(reason)
        self.reason = reason


def describe_source(package: PipPackage) -> dict[str, Any]:
    """Describe a package and its one source.

    Raises:
        PylockRefusal: What the format wants is not known, or has no form in it.
    """
    if package.direct_url:
        source = _describe_direct(package, package.direct_url)
    elif package.editable:
        raise PylockRefusal("the folder is not known")
    else:
        source = _describe_file(package)
    table: dict[str, Any] = {"name": package.name}
    if "directory" not in source:
        # The version of a folder is whatever lies in it when it is built.
        table["version"] = package.version
    if package.requires_python:
        table["requires-python"] = package.requires_python
    index = index_of(package)
    if index:
        table["index"] = index
    table |= source
    _check(table)
    return table


def _describe_file(package: PipPackage) -> dict[str, Any]:
    if not package.url or not package.sha256:
        missing = "address" if package.sha256 else "hash" if package.url else "address and hash"
        raise PylockRefusal(f"no {missing} known")
    file = _artefact(package, package.url, package.sha256)
    if file_name_of(package.url).endswith(".whl"):
        return {"wheels": [file]}
    return {"sdist": file}


def _artefact(package: PipPackage, url: str, sha256: str) -> dict[str, Any]:
    size = {} if package.size_bytes is None else {"size": package.size_bytes}
    return {"url": url, **size, "hashes": {"sha256": sha256}}


def _describe_direct(package: PipPackage, url: str) -> dict[str, Any]:
    repository = _REPOSITORY.fullmatch(url)
    if repository:
        return {"vcs": _describe_repository(repository)}
    address, _, fragment = url.partition("#")
    if package.editable or (url_to_path(address) and not _ARCHIVE.fullmatch(address)):
        return _describe_folder(package, address, fragment)
    if not package.sha256:
        raise PylockRefusal("the hash of the archive is not known")
    archive = _artefact(package, address, package.sha256) | _subdirectory(fragment)
    path = url_to_path(address)
    if path is None:
        return {"archive": archive}
    # uv takes no `file://` address for an archive.
    del archive["url"]
    own = _own_address(path, address)
    return {"archive": {"path": path} | archive, **({"tool": {"envbench": own}} if own else {})}


def _describe_repository(match: re.Match[str]) -> dict[str, Any]:
    if not _COMMIT.fullmatch(match["revision"]):
        raise PylockRefusal("a branch or tag is no commit")
    vcs = {"type": match["type"], "url": match["url"], "commit-id": match["revision"]}
    return vcs | _subdirectory(match["fragment"] or "")


def _describe_folder(package: PipPackage, address: str, fragment: str) -> dict[str, Any]:
    path = url_to_path(address)
    if path is None:
        raise PylockRefusal("an editable package has to lie in a folder of this box")
    directory = {"path": path, **({"editable": True} if package.editable else {})}
    own = {"version": package.version} | _own_address(path, address)
    return {"directory": directory | _subdirectory(fragment), "tool": {"envbench": own}}


def _own_address(path: str, address: str) -> dict[str, str]:
    """Keep what the installer wrote where it percent-encodes otherwise: it is compared by that."""
    return {} if path_to_url(path) == address else {"address": address}


def _subdirectory(fragment: str) -> dict[str, str]:
    match = re.search(r"(?:^|&)subdirectory=([^&]+)", fragment)
    return {"subdirectory": match[1]} if match else {}


def _check(table: dict[str, Any]) -> None:
    """Let the reference implementation judge what is about to be written."""
    try:
        Pylock.from_dict({"lock-version": "1.0", "created-by": "envbench", "packages": [table]})
    except PylockValidationError as error:
        raise PylockRefusal(f"{error.message[:1].lower()}{error.message[1:]}") from error
