"""Distributions on disk: what their RECORD promises, and whether it is there.

Source: PEP 376 and PEP 627 (RECORD), PEP 610 (direct_url.json), PEP 427 (WHEEL).
"""

import base64
import csv
import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from packaging.utils import canonicalize_name

from envbench.files import read_bytes
from envbench.model.errors import UsageError

_LIMIT_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class InstalledDistribution:
    """One `*.dist-info` directory."""

    info: Path
    """The `*.dist-info` directory."""
    name: str
    """Normalised."""
    version: str
    installer: str
    """What INSTALLER says."""

    @property
    def site_packages(self) -> Path:
        """Where paths of RECORD start."""
        return self.info.parent


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One line of RECORD."""

    path: str
    """Relative to site-packages, `/` as separator."""
    digest: str
    """`sha256=...`, or empty."""
    size: str
    """In bytes, or empty."""


@dataclass(frozen=True, slots=True)
class BrokenDistribution:
    """A distribution whose files are not as its RECORD says."""

    name: str
    version: str
    faults: tuple[str, ...]
    """`missing: path`, `other size: path`, `other content: path`, `outside of the prefix: path`."""


def list_distributions(prefix: Path) -> Iterator[InstalledDistribution]:
    """Yield the distributions of a prefix, in order of their directories."""
    for site_packages in sorted(prefix.glob("lib/python3*/site-packages")):
        # `lib/python3.1` is a link to `lib/python3.11` in conda's pythons.
        if site_packages.parent.is_symlink():
            continue
        for info in sorted(site_packages.glob("*.dist-info")):
            name, _, version = info.name.removesuffix(".dist-info").rpartition("-")
            if name and info.is_dir():
                installer = _read_text(info / "INSTALLER").strip()
                yield InstalledDistribution(info, canonicalize_name(name), version, installer)


def list_pip_distributions(prefix: Path, owned: Collection[str]) -> list[InstalledDistribution]:
    """Return the distributions that conda does not own.

    INSTALLER does not tell: uv writes it last of all, so that a killed uv leaves none, and conda
    packages may carry that of whoever built them.

    Args:
        prefix: The prefix.
        owned: Normalised names of the distributions that conda installs.
    """
    return [dist for dist in list_distributions(prefix) if dist.name not in owned]


def find_broken_distributions(
    prefix: Path, owned: Collection[str] = (), *, content: bool = False
) -> tuple[BrokenDistribution, ...]:
    """Compare the pip part with the disk: existence and size of every file that RECORD names.

    A killed uv leaves distributions that it takes for installed itself, hence this check.

    Args:
        prefix: The prefix.
        owned: Normalised names of the distributions that conda installs; they are passed over.
        content: Also read the files and compare their digests; right only before scripts are
            pointed elsewhere.
    """
    root = prefix.resolve()
    found = (
        BrokenDistribution(dist.name, dist.version, tuple(_find_faults(dist, root, content)))
        for dist in list_pip_distributions(prefix, owned)
    )
    return tuple(broken for broken in found if broken.faults)


def read_record(info: Path) -> list[RecordRow]:
    """Read the RECORD of a distribution; empty when there is none."""
    rows = csv.reader(_read_text(info / "RECORD").splitlines())
    return [RecordRow(*[*row, "", ""][:3]) for row in rows if row]


def read_wheel_tags(info: Path) -> tuple[str, ...]:
    """Read the tags of the wheel that a distribution was installed from."""
    lines = _read_text(info / "WHEEL").splitlines()
    return tuple(line.partition(":")[2].strip() for line in lines if line.startswith("Tag:"))


def read_direct_url(info: Path) -> tuple[str | None, bool]:
    """Read the direct reference of a distribution, and whether it is editable."""
    try:
        document = json.loads(_read_text(info / "direct_url.json") or "null")
    except ValueError:
        return None, False
    if not isinstance(document, dict) or not isinstance(document.get("url"), str):
        return None, False
    url = document["url"]
    vcs = document.get("vcs_info")
    if isinstance(vcs, dict):
        url = f"{vcs.get('vcs', 'git')}+{url}@{vcs.get('commit_id', '')}"
    directory = document.get("dir_info")
    return url, isinstance(directory, dict) and directory.get("editable") is True


def _find_faults(dist: InstalledDistribution, root: Path, content: bool) -> Iterator[str]:
    rows = read_record(dist.info)
    if not rows:
        yield "missing: RECORD"
    site_packages = dist.site_packages.resolve()
    for row in rows:
        path = _locate(site_packages, row.path)
        if not path.is_relative_to(root):
            yield f"outside of the prefix: {row.path}"
        elif not path.exists():
            # Byte code is listed by some installers and written by others; it is never needed.
            if path.suffix != ".pyc":
                yield f"missing: {row.path}"
        elif row.size.isdecimal() and path.stat().st_size != int(row.size):
            yield f"other size: {row.path}"
        elif content and path.is_file() and row.digest not in ("", _digest(path, row.digest)):
            yield f"other content: {row.path}"


def _digest(path: Path, like: str) -> str:
    """Hash a file and write the digest as RECORD does; `like` itself for another kind of hash."""
    if not like.startswith("sha256="):
        return like
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def _locate(site_packages: Path, recorded: str) -> Path:
    """Join without following links, so that `..` cannot be hidden behind one."""
    parts = list(site_packages.parts)
    for part in PurePosixPath(recorded).parts:
        if part == "/":
            parts = ["/"]
        elif part == "..":
            parts = parts[:-1] or ["/"]
        else:
            parts.append(part)
    return Path(*parts)


def _read_text(path: Path) -> str:
    try:
        data = read_bytes(path, limit_bytes=_LIMIT_BYTES, what="file of a distribution")
    except UsageError:
        return ""
    return data.decode("utf-8", "surrogateescape")
