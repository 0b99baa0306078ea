"""Reads `pixi.lock`, versions 6 and 7.

Source: rattler-lock 0.22 (version 6) and 0.29 (version 7).
"""

from dataclasses import dataclass, replace

from packaging.utils import canonicalize_name

from envbench.formats.lock_tree import Shape, Table, read_lock_tree
from envbench.formats.locks.conda_addresses import (
    derive_build_number,
    derive_noarch,
    name_channel,
    split_address,
)
from envbench.formats.locks.pixi_locations import as_url, read_location
from envbench.formats.locks.pixi_lock import KEPT_V6, KEPT_V7
from envbench.formats.locks.reading_notes import Notes
from envbench.model.errors import UsageError
from envbench.model.lock import PipPackage
from envbench.model.locked_set import (
    PYPI,
    LockedPackage,
    LockedPip,
    LockedSet,
    LockReading,
    is_pypi,
)
from envbench.model.plan import PackageRecord

_DEFAULT = "default"
_TOP = {"environments": Shape.TABLE, "packages": Shape.TABLES, "platforms": Shape.TABLES}
_ENVIRONMENT = {"packages": Shape.TABLE, "channels": Shape.TABLES, "indexes": Shape.TEXTS}
_EXTRA_KEYS = ("features", "license_family", "legacy_bz2_md5")


def read_pixi_lock(text: str) -> LockReading:
    """Read the environment `default`; what cannot be relied on is a problem with its line.

    Raises:
        UsageError: It is of a version that is not read.
    """
    tree = read_lock_tree(text)
    version = tree.root.text("version") or ""
    if version not in {"6", "7"} and not tree.problems:
        older = version.isdigit() and int(version) < 6
        raise UsageError(
            f"pixi.lock of version {version or 'unknown'} cannot be read",
            why="Versions 6 and 7 are read.",
            hint="Let a newer pixi write it again (`pixi lock`)."
            if older
            else "Update envbench, or let pixi export an explicit file"
            " (`pixi workspace export conda-explicit-spec`).",
        )
    return _Reader(tree.root, Notes(tree.problems), int(version or 7)).read()


@dataclass(frozen=True, slots=True)
class _Environment:
    name: str
    table: Table


class _Reader:
    """Reads all packages, then picks those of each platform."""

    def __init__(self, root: Table, notes: Notes, version: int) -> None:
        self._root = root
        self._notes = notes
        self._kept = KEPT_V6 if version < 7 else KEPT_V7
        self._conda: dict[str, LockedPackage] = {}
        self._pip: dict[str, LockedPip] = {}

    def read(self) -> LockReading:
        self._notes.refuse_misshapen(self._root, _TOP)
        environment = self._choose_environment()
        self._notes.refuse_misshapen(environment.table, _ENVIRONMENT)
        for entry in self._root.tables("packages"):
            if url := entry.text("conda"):
                self._read_conda(entry, url)
            elif url := entry.text("pypi"):
                self._read_pip(entry, url)
            else:
                self._notes.error("a package is neither `conda` nor `pypi`", entry.line)
        table = environment.table
        bare = LockedSet(
            kept=self._kept,
            channels=tuple(
                name_channel(self._notes.bare(url, channel.line))
                for channel in table.tables("channels")
                if (url := channel.text("url"))
            ),
            indexes=self._read_indexes(table),
        )
        sets = [self._make_set(bare, table, name) for name in table.table("packages")] or [bare]
        return LockReading(sets[0], self._notes.problems, tuple(sets[1:]))

    def _read_indexes(self, table: Table) -> tuple[str, ...]:
        urls = table.texts("indexes")
        found = tuple(self._notes.bare(url, table.line).rstrip("/") for url in urls)
        return () if found == (PYPI,) else found

    def _choose_environment(self) -> _Environment:
        environments = self._root.table("environments")
        self._notes.refuse_misshapen(environments, dict.fromkeys(environments, Shape.TABLE))
        tables = {name: t for name, t in environments.items() if isinstance(t, Table)}
        if not tables:
            if not self._notes.problems:
                self._notes.error("there are no environments", self._root.line)
            return _Environment(_DEFAULT, Table(1))
        name = _DEFAULT if _DEFAULT in tables else next(iter(tables))
        others = [other for other in tables if other != name]
        if others:
            self._notes.warn(
                f"the environment {name} is read; these are not: {', '.join(others)}",
                environments.line,
            )
        return _Environment(name, tables[name])

    def _make_set(self, bare: LockedSet, table: Table, name: str) -> LockedSet:
        conda: list[LockedPackage] = []
        pip: list[LockedPip] = []
        self._notes.refuse_misshapen(table.table("packages"), {name: Shape.TABLES})
        for reference in table.table("packages").tables(name):
            url = reference.text("conda") or reference.text("pypi") or ""
            if url in self._conda and reference.text("conda"):
                conda.append(self._conda[url])
            elif url in self._pip and reference.text("pypi"):
                pip.append(self._pip[url])
            elif not self._notes.has_errors:
                self._notes.error(f"`packages` does not describe {url[:120]}", reference.line)
        self._notes.refuse_doubles(conda)
        self._notes.refuse_doubles(pip)
        return replace(
            bare,
            platform=self._subdir_of(name),
            packages=tuple(sorted(conda, key=lambda package: package.name)),
            pip=tuple(sorted(pip, key=lambda package: package.name)),
        )

    def _subdir_of(self, name: str) -> str:
        """Platforms may have names of their own, which stand for a subdir."""
        for platform in self._root.tables("platforms"):
            if platform.text("name") == name:
                return platform.text("subdir") or name
        return name

    def _read_conda(self, entry: Table, location: str) -> None:
        url = self._notes.bare(as_url(location), entry.line)
        address = split_address(url)
        if address is None:
            self._notes.error(
                f"{location[:120]} is a source tree; only built packages can be used", entry.line
            )
            return
        if "$" in url:
            self._notes.error("variables are not expanded in addresses", entry.line)
            return
        build = entry.text("build") or address.build
        subdir = entry.text("subdir") or address.subdir
        channel_url = self._notes.bare(
            (entry.text("channel") or address.channel_url).rstrip("/"), entry.line
        )
        number = entry.number("build_number")
        name = entry.text("name") or address.name
        record = PackageRecord(
            name=name,
            version=entry.text("version") or address.version,
            build=build,
            build_number=derive_build_number(build) if number is None else number,
            subdir=subdir,
            file_name=entry.text("file_name") or address.file_name,
            url=url,
            channel=name_channel(channel_url),
            channel_url=channel_url,
            md5=self._notes.digest(entry, "md5", name),
            sha256=self._notes.digest(entry, "sha256", name),
            size_bytes=entry.number("size"),
            noarch=_read_noarch(entry, address.subdir or subdir, build),
            depends=entry.texts("depends"),
            constrains=entry.texts("constrains"),
            timestamp_ms=entry.number("timestamp"),
            license=entry.text("license"),
            python_site_packages_path=entry.text("python_site_packages_path"),
            extra=_read_extra(entry),
        )
        if not (record.md5 or record.sha256):
            self._notes.warn(f"{record.name} has no hash, and cannot be checked", entry.line)
        self._conda[location] = LockedPackage(
            name=record.name, version=record.version, build=build, url=url,
            md5=record.md5, sha256=record.sha256, line=entry.line, record=record,
        )  # fmt: skip

    def _read_pip(self, entry: Table, location: str) -> None:
        name, version = entry.text("name"), entry.text("version")
        if not name:
            self._notes.error("a pip package needs a name", entry.line)
            return
        url, direct = read_location(self._notes.bare(location, entry.line))
        index = entry.text("index")
        index = self._notes.bare(index, entry.line) if index else None
        record = PipPackage(
            name=canonicalize_name(name), version=version or "", url=url, direct_url=direct,
            sha256=self._notes.pip_digest(entry, name), editable=entry.flag("editable"), index_url=index,
            requires_python=entry.text("requires_python") or "",
            requires_dist=entry.texts("requires_dist"),
        )  # fmt: skip
        self._pip[location] = LockedPip(
            name=record.name, version=record.version, url=url, sha256=record.sha256,
            direct_url=direct, editable=record.editable,
            index_url=None if index and is_pypi(index) else index,
            line=entry.line, record=record,
        )  # fmt: skip


def _read_noarch(entry: Table, subdir: str, build: str) -> str | None:
    stated = entry.get("noarch")
    if isinstance(stated, str):
        return None if stated in {"false", "none"} else stated
    return derive_noarch(subdir, build)


def _read_extra(entry: Table) -> dict[str, object]:
    found: dict[str, object] = {
        key: value for key in _EXTRA_KEYS if (value := entry.text(key)) is not None
    }
    if "purls" in entry:
        found["purls"] = list(entry.texts("purls"))
    if features := entry.texts("track_features"):
        found["track_features"] = " ".join(features)
    if (size := entry.number("legacy_bz2_size")) is not None:
        found["legacy_bz2_size"] = size
    return found
