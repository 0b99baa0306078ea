"""Reads `conda-lock.yml`, version 1.

Source: CEP 37, conda-lock 4.0.
"""

from envbench.formats.core_metadata import normalise_name
from envbench.formats.lock_tree import Shape, Table, read_lock_tree
from envbench.formats.locks.addressing import is_repository, split_hash
from envbench.formats.locks.conda_addresses import (
    derive_build_number,
    derive_noarch,
    name_channel,
    split_address,
)
from envbench.formats.locks.conda_lock import KEPT, KEPT_NO_PIP
from envbench.formats.locks.reading_notes import Notes
from envbench.model.errors import UsageError
from envbench.model.lock import PipPackage
from envbench.model.locked_set import LockedPackage, LockedPip, LockedSet, LockReading
from envbench.model.package_record import PackageRecord

_TOP = {"package": Shape.TABLES, "metadata": Shape.TABLE}
_METADATA = {"platforms": Shape.TEXTS, "channels": Shape.NAMES}
_ENTRY = {"hash": Shape.TABLE, "dependencies": Shape.TABLE, "source": Shape.TABLE}


def read_conda_lock(text: str) -> LockReading:
    """Read a conda-lock file; what cannot be relied on is a problem with its line.

    Raises:
        UsageError: It is of another version.
    """
    tree = read_lock_tree(text)
    version = tree.root.text("version") or "1"
    if version != "1":
        raise UsageError(
            f"conda-lock files of version {version} are not known", hint="Version 1 is read."
        )
    return _Reader(tree.root, Notes(tree.problems)).read()


class _Reader:
    """Walks the packages and sorts them by platform."""

    def __init__(self, root: Table, notes: Notes) -> None:
        self._root = root
        self._notes = notes
        self._conda: dict[str, list[LockedPackage]] = {}
        self._pip: dict[str, list[LockedPip]] = {}
        self._others: dict[str, int] = {}

    def read(self) -> LockReading:
        metadata = self._root.table("metadata")
        platforms = metadata.texts("platforms")
        entries = self._root.tables("package")
        if self._root.get("package") is None and not self._notes.problems:
            self._notes.error("there is no `package:`", self._root.line)
        self._notes.refuse_misshapen(self._root, _TOP)
        self._notes.refuse_misshapen(metadata, _METADATA)
        for entry in entries:
            self._read_entry(entry, platforms)
        for category, count in self._others.items():
            self._notes.warn(
                f"{count} packages of the category {category} are passed over: only `main` is read",
                None,
            )
        channels = tuple(
            self._notes.bare(channel, metadata.line) for channel in _channels(metadata)
        )
        found = platforms or tuple(dict.fromkeys([*self._conda, *self._pip]))
        sets = [self._make_set(platform, channels) for platform in found] or [
            LockedSet(kept=KEPT, channels=channels)
        ]
        return LockReading(sets[0], self._notes.problems, tuple(sets[1:]))

    def _make_set(self, platform: str, channels: tuple[str, ...]) -> LockedSet:
        conda, pip = self._conda.get(platform, []), self._pip.get(platform, [])
        self._notes.refuse_doubles(conda)
        self._notes.refuse_doubles(pip)
        # A file without pip packages may be one of a consumer that takes none.
        return LockedSet(
            kept=KEPT if any(self._pip.values()) else KEPT_NO_PIP,
            platform=platform,
            channels=channels,
            packages=tuple(sorted(conda, key=lambda package: package.name)),
            pip=tuple(sorted(pip, key=lambda package: package.name)),
        )

    def _read_entry(self, entry: Table, platforms: tuple[str, ...]) -> None:
        self._notes.refuse_misshapen(entry, _ENTRY)
        name, version = entry.text("name"), entry.text("version")
        platform, manager = entry.text("platform"), entry.text("manager")
        if not name or version is None or not platform:
            self._notes.error("a package needs name, version and platform", entry.line)
        elif platforms and platform not in platforms:
            self._notes.error(f"{name} is for {platform}, which the file does not list", entry.line)
        elif (category := entry.text("category") or "main") != "main":
            self._others[category] = self._others.get(category, 0) + 1
        elif manager == "conda":
            if not name.startswith("__"):
                self._read_conda(entry, name, version, platform)
        elif manager in {"pip", "pypi"}:
            self._read_pip(entry, name, version, platform)
        else:
            self._notes.error(f"{name} has the unknown manager `{manager}`", entry.line)

    def _url(self, entry: Table, name: str) -> str | None:
        url = entry.text("url")
        if not url:
            self._notes.error(f"{name} has no address", entry.line)
            return None
        if "$" in url:
            self._notes.error(f"{name}: variables are not expanded in addresses", entry.line)
            return None
        return self._notes.bare(url, entry.line)

    def _read_conda(self, entry: Table, name: str, version: str, platform: str) -> None:
        url = self._url(entry, name)
        address = split_address(url) if url else None
        if url is None:
            return
        if address is None or (address.name, address.version) != (name, version):
            self._notes.error(f"the address is none of {name} {version}: {url[:120]}", entry.line)
            return
        build = entry.text("build") or address.build
        md5, sha256 = (
            self._notes.digest(entry.table("hash"), kind, name) for kind in ("md5", "sha256")
        )
        if not (md5 or sha256):
            self._notes.warn(f"{name} has no hash: what is fetched cannot be checked", entry.line)
        subdir = address.subdir or platform
        record = PackageRecord(
            name=name, version=version, build=build, build_number=derive_build_number(build),
            subdir=subdir, file_name=address.file_name, url=url,
            channel=name_channel(address.channel_url), channel_url=address.channel_url,
            md5=md5, sha256=sha256, noarch=derive_noarch(subdir, build),
            depends=tuple(f"{n} {c}".strip() for n, c in entry.items_of("dependencies")),
        )  # fmt: skip
        package = LockedPackage(
            name=name, version=version, build=build, url=url, md5=md5, sha256=sha256,
            line=entry.line, record=record,
        )  # fmt: skip
        self._conda.setdefault(platform, []).append(package)

    def _read_pip(self, entry: Table, name: str, version: str, platform: str) -> None:
        url = self._url(entry, name)
        if url is None:
            return
        source = entry.table("source").text("url")
        direct = self._notes.bare(split_hash(source)[0], entry.line) if source else None
        # conda-lock itself writes the commit of a repository where the hash belongs.
        is_hashed = not (direct and is_repository(direct))
        sha256 = self._notes.pip_digest(entry.table("hash"), name) if is_hashed else None
        record = PipPackage(
            name=normalise_name(name), version=version, url=None if direct else url,
            sha256=sha256, direct_url=direct,
        )  # fmt: skip
        package = LockedPip(
            name=record.name, version=version, url=record.url, sha256=sha256,
            direct_url=direct, line=entry.line, record=record,
        )  # fmt: skip
        self._pip.setdefault(platform, []).append(package)


def _channels(metadata: Table) -> tuple[str, ...]:
    """List the channels: mappings with `url`, or, as conda-lock takes them too, texts."""
    value = metadata.get("channels")
    found = [c.text("url") if isinstance(c, Table) else c for c in value or ()]
    return tuple(channel for channel in found if isinstance(channel, str))
