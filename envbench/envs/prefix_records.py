"""What conda's clients wrote about a prefix: `conda-meta/*.json`.

Source: conda's PrefixRecord (CEP 34 names the directory; conda, mamba and rattler agree on the
fields read here). Records are outside text: damaged ones are reported, and paths in them that
would leave the prefix are never followed.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from envbench.envs.record_paths import stays_inside
from envbench.files import read_bytes
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.package_record import PackageRecord
from envbench.model.redaction import redact_url, split_url_secrets

_LIMIT_BYTES = 64 * 1024 * 1024
_TEXT_LIMIT = 400
_SUSPICIOUS = ("\n/", "..", "\n\n", "\0")
"""What the lines of a list of names must hold for one of them to leave the prefix."""


class RecordedPath(msgspec.Struct, frozen=True, gc=False):
    """One file of a conda package, as recorded at its installation.

    There are tens of thousands of them, and a dataclass takes ten times as long to make.
    """

    path: str
    """Relative to the prefix; known to stay inside."""
    kind: str = "hardlink"
    """conda's `path_type`: `hardlink`, `softlink`, `directory`, `pyc_file`, ..."""
    sha256: str | None = None
    """Of the content as it should be in the prefix; None when nobody recorded it."""
    original_sha256: str | None = None
    """Of the content in the package; differs where the prefix was written into the file."""
    size_bytes: int | None = None
    """Size in the prefix; None when it is not known (the prefix was written into the file)."""


class _Contents:
    """The files of one package; described only when somebody asks for more than their names."""

    __slots__ = ("_entries", "_others", "_paths", "names")

    def __init__(self, entries: "list[_Path]", others: list[str]) -> None:
        self._entries = entries
        self._others = others
        """Files that only the older list of the record names."""
        self._paths: tuple[RecordedPath, ...] | None = None
        self.names = (*[entry.path for entry in entries], *others)

    @property
    def paths(self) -> tuple[RecordedPath, ...]:
        if self._paths is None:
            described = map(_recorded_path, self._entries)
            self._paths = (*described, *map(RecordedPath, self._others))
        return self._paths


@dataclass(frozen=True, slots=True)
class PrefixPackage:
    """One installed conda package."""

    record: PackageRecord
    base_url: str
    """Address of its channel without subdir and secrets; empty when unknown."""
    contents: _Contents = field(repr=False, compare=False)
    requested_specs: tuple[str, ...] = ()
    """What the user asked for that brought it in; empty for dependencies."""

    @property
    def files(self) -> tuple[str, ...]:
        """Its files and links, relative to the prefix; cheaper than `paths`."""
        return self.contents.names

    @property
    def paths(self) -> tuple[RecordedPath, ...]:
        """Its files and links with what was recorded of each."""
        return self.contents.paths


@dataclass(frozen=True, slots=True)
class DamagedRecord:
    """A record that cannot be used."""

    path: Path
    why: str
    """One line in plain words."""

    def __str__(self) -> str:
        return f"{self.path.name}: {self.why}"


@dataclass(frozen=True, slots=True)
class PrefixRecords:
    """All that `conda-meta` says."""

    prefix: Path
    packages: tuple[PrefixPackage, ...]
    """By name."""
    damaged: tuple[DamagedRecord, ...]


class _Path(msgspec.Struct, gc=False):
    path: str = msgspec.field(name="_path")
    path_type: str = "hardlink"
    sha256: str | None = None
    sha256_in_prefix: str | None = None
    size_in_bytes: int | None = None
    prefix_placeholder: str | None = None


class _Paths(msgspec.Struct, gc=False):
    paths: list[_Path] = []


_CARRIED = (
    "arch",
    "platform",
    "features",
    "track_features",
    "license_family",
    "legacy_bz2_md5",
    "legacy_bz2_size",
    "purls",
)
"""Fields of repodata that the model has no name for; a solver may want them all the same."""


class _Record(msgspec.Struct):
    name: str
    version: str
    build: str = msgspec.field(default="", name="build")
    build_string: str = ""
    build_number: int = 0
    subdir: str | None = None
    fn: str | None = None
    url: str | None = None
    channel: str | None = None
    md5: str | None = None
    sha256: str | None = None
    size: int | None = None
    noarch: str | bool | None = None
    depends: list[str] = []
    constrains: list[str] = []
    timestamp: float | None = None
    license: str | None = None
    python_site_packages_path: str | None = None
    files: list[str] = []
    paths_data: _Paths | None = None
    requested_spec: str | None = None
    requested_specs: list[str] | None = None
    arch: Any = None
    platform: Any = None
    features: Any = None
    track_features: Any = None
    license_family: Any = None
    legacy_bz2_md5: Any = None
    legacy_bz2_size: Any = None
    purls: Any = None


_DECODER = msgspec.json.Decoder(_Record)


def read_prefix_records(prefix: Path) -> PrefixRecords:
    """Read every record of a prefix.

    Args:
        prefix: The environment; without `conda-meta` it simply has no packages.
    """
    packages: list[PrefixPackage] = []
    damaged: list[DamagedRecord] = []
    for path in list_record_files(prefix):
        try:
            packages.append(read_record(path))
        except UsageError as fault:
            damaged.append(DamagedRecord(path, fault.why or fault.what))
    packages.sort(key=lambda package: package.record.name)
    return PrefixRecords(prefix, tuple(packages), tuple(damaged))


def list_record_files(prefix: Path) -> tuple[Path, ...]:
    """List the record files of a prefix, by name, without opening them."""
    try:
        with os.scandir(prefix / "conda-meta") as entries:
            names = sorted(e.name for e in entries if e.name.endswith(".json"))
    except OSError:
        return ()
    return tuple(prefix / "conda-meta" / n for n in names if not n.startswith("."))


def read_record(path: Path) -> PrefixPackage:
    """Read one record.

    Raises:
        UsageError: It cannot be read, is no record, or names paths outside of the prefix.
    """
    data = read_bytes(path, limit_bytes=_LIMIT_BYTES, what="package record")
    try:
        raw = _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise _damaged(path, f"no package record: {fault}") from fault
    return _to_package(path, raw)


def _to_package(path: Path, raw: _Record) -> PrefixPackage:
    contents = _read_contents(raw)
    _refuse_outside(path, contents.names)
    url = split_url_secrets(raw.url or "")[0]
    # The name of the file cannot lie about which package conda thinks is there.
    expected = path.name.removesuffix(".json")
    record = _to_record(raw, url)
    if not expected.startswith(f"{record.name}-"):
        raise _damaged(path, f"it describes another package: {record.dist_name[:200]!r}")
    requested = raw.requested_specs or ([raw.requested_spec] if raw.requested_spec else [])
    return PrefixPackage(
        record=record,
        base_url=record.channel_url,
        contents=contents,
        requested_specs=tuple(_text(spec) for spec in requested if spec not in {"", "None"}),
    )


def _to_record(raw: _Record, url: str) -> PackageRecord:
    build = raw.build or raw.build_string
    subdir = raw.subdir or _subdir_of(url)
    return PackageRecord(
        name=_text(raw.name),
        version=_text(raw.version),
        build=_text(build),
        build_number=raw.build_number,
        subdir=_text(subdir),
        file_name=_text(raw.fn or url.rpartition("/")[2] or f"{raw.name}-{raw.version}-{build}"),
        url=_text(redact_url(url)),
        channel=_text(redact_url(raw.channel or "")),
        channel_url=_text(base_of(url, subdir) or _base_of_channel(raw.channel, subdir)),
        md5=_digest(raw.md5, 32),
        sha256=_digest(raw.sha256, 64),
        size_bytes=raw.size,
        noarch=_noarch(raw.noarch),
        depends=tuple(_text(spec) for spec in raw.depends),
        constrains=tuple(_text(spec) for spec in raw.constrains),
        timestamp_ms=_milliseconds(raw.timestamp),
        license=_text(raw.license) if raw.license else None,
        python_site_packages_path=raw.python_site_packages_path,
        extra=_carried(raw),
    )


def _carried(raw: _Record) -> dict[str, Any]:
    """Take over what is plain text, a number, or a list of texts; nothing deeper."""
    found: dict[str, Any] = {}
    for name in _CARRIED:
        value = getattr(raw, name)
        if isinstance(value, str):
            found[name] = _text(value)
        elif isinstance(value, int):
            found[name] = value
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            found[name] = [_text(item) for item in value]
    return found


def _read_contents(raw: _Record) -> _Contents:
    entries = raw.paths_data.paths if raw.paths_data is not None else []
    if not entries or len(raw.files) == len(entries):
        named = [entry.path for entry in entries]
        if not entries or raw.files == named:
            return _Contents(entries, [] if entries else raw.files)
    known = {entry.path for entry in entries}
    return _Contents(entries, [path for path in raw.files if path not in known])


def _refuse_outside(record: Path, names: Iterable[str]) -> None:
    # One look at all of them: each by itself costs as much as the whole of the parsing.
    text = "\n".join(("", *names, ""))
    for mark in _SUSPICIOUS:
        if mark in text:
            break
    else:
        return
    for name in names:
        if not stays_inside(name):
            raise _damaged(record, f"it names a path outside of the prefix: {name[:200]!r}")


def _recorded_path(entry: _Path) -> RecordedPath:
    original = _digest(entry.sha256, 64)
    final = _digest(entry.sha256_in_prefix, 64) or original
    rewritten = final != original or bool(entry.prefix_placeholder)
    return RecordedPath(
        entry.path, entry.path_type, final, original, None if rewritten else entry.size_in_bytes
    )


def base_of(url: str, subdir: str) -> str:
    """Give the channel's address out of a package's: without subdir and file name."""
    base, mark, _ = url.rpartition(f"/{subdir}/")
    return base if mark else ""


def _base_of_channel(channel: str | None, subdir: str) -> str:
    address = split_url_secrets(channel or "")[0].rstrip("/")
    return address.removesuffix(f"/{subdir}") if "://" in address else ""


def _subdir_of(url: str) -> str:
    return url.split("/")[-2] if url.count("/") > 1 else ""


def _digest(text: str | None, length: int) -> str | None:
    return text.lower() if text and len(text) == length else None


def _noarch(value: Any) -> str | None:
    if value is True:
        return "generic"
    return value if isinstance(value, str) and value else None


def _milliseconds(timestamp: float | None) -> int | None:
    """Read a timestamp: conda wrote seconds once, milliseconds now."""
    if timestamp is None:
        return None
    return int(timestamp if timestamp > 253402300799 else timestamp * 1000)


def _text(text: str) -> str:
    return clean(text, limit=_TEXT_LIMIT)


def _damaged(path: Path, why: str) -> UsageError:
    return UsageError(
        "the package record is damaged", where=str(path), why=clean(why, limit=_TEXT_LIMIT)
    )
